import type { Cpo } from '../partners/cpo.ts'
import type { Emsp } from '../partners/emsp.ts'
import type { Platform } from '../partners/platform.ts'
import { showStatuses, whoIsThere } from '../partners/who-is-there.ts'
import type { Step } from '../step.ts'
import type { World } from '../world.ts'

/** Nobody may talk until an administrator notes who agreed: here each of these CPOs with each of these eMSPs. */
export function agreementSteps(world: World, cpos: readonly Cpo[], emsps: readonly Emsp[]): Step[] {
  const section = 'An administrator notes who agreed to talk'
  const all = [...world.cpos, ...world.emsps].map(({ platform }) => platform)
  const operators = cpos.map(({ platform }) => platform)
  const providers = emsps.map(({ platform }) => platform)

  const nobodyYet = (asker: Platform): Step => ({
    section,
    name: `${asker.label} asks who is there before anybody agreed`,
    expected: showStatuses(all.filter((each) => each !== asker).map(({ label }) => [label, 'PLANNED'])),
    run: () => whoIsThere(asker),
  })
  const agreement = (operator: Platform, provider: Platform): Step => {
    const expected = operator.dialect.knowsHubs
      ? 'each is told that the other is CONNECTED'
      : `${provider.label} is told that ${operator.label} is CONNECTED, which ${operator.dialect.version} cannot hear`
    return {
      section,
      name: `${operator.label} and ${provider.label} agree`,
      expected,
      run: async () => {
        await world.admin.allow(operator.party, provider.party)
        const viewers = [operator, provider].filter(({ dialect }) => dialect.knowsHubs)
        await Promise.all(viewers.map((viewer) => toldConnected(viewer, viewer === operator ? provider : operator)))
        return expected
      },
    }
  }
  return [
    ...providers.slice(0, 1).map(nobodyYet),
    ...operators.flatMap((operator) => providers.map((provider) => agreement(operator, provider))),
  ]
}

function toldConnected(viewer: Platform, other: Platform): Promise<true> {
  return viewer.inbox.until(`News at ${viewer.label} that ${other.label} is CONNECTED`, () =>
    viewer.clientInfo.get(other.label)?.status === 'CONNECTED' ? true : undefined,
  )
}
