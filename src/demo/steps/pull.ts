import type { PartyName } from '../../sandbox/party/objects.ts'
import type { Shapes } from '../../sandbox/party/shapes/shapes.ts'
import type { Cpo } from '../partners/cpo.ts'
import type { Emsp } from '../partners/emsp.ts'
import type { Platform } from '../partners/platform.ts'
import { sameJson } from '../same-json.ts'
import type { Step } from '../step.ts'

const SECTION = 'Lists are pulled page by page'

type Held<T> = {
  readonly module: string
  readonly items: readonly T[]
  readonly write: (shapes: Shapes) => (item: T) => object
}

/** Every eMSP reads the lists of every CPO, and every CPO the tokens of every eMSP; each in its own version. */
export function pullSteps(cpos: readonly Cpo[], emsps: readonly Emsp[]): Step[] {
  return [
    ...emsps.flatMap((emsp) => cpos.flatMap((cpo) => pulls(emsp, cpo))),
    ...cpos.filter(({ platform }) => !platform.dialect.knowsHubs).map((cpo) => allTokens(cpo, emsps)),
  ]
}

function pulls({ platform: provider, tokens }: Emsp, { platform: operator, locations, tariffs }: Cpo): Step[] {
  const steps = [
    pull(provider, operator, { module: 'locations', items: locations, write: ({ location }) => location }, 3),
    pull(provider, operator, { module: 'tariffs', items: tariffs, write: ({ tariff }) => tariff }, 2),
  ]
  if (!operator.dialect.knowsHubs) return steps
  return [...steps, pull(operator, provider, { module: 'tokens', items: tokens, write: ({ token }) => token }, 2)]
}

function pull<T extends { id?: string; uid?: string }>(
  by: Platform,
  of: Platform,
  { module, items, write }: Held<T>,
  limit: number,
): Step {
  const { version, shapes } = by.dialect
  // 2.1.1 does not say all that the reader's version would: there its objects are known by owner and id.
  const isWhole = of.dialect.knowsHubs
  const expected = isWhole ? items.map(write(shapes)) : items.map((item) => nameOf({ ...item, ...of.party }))
  const inWords = isWhole ? `as ${of.label} holds them` : `of ${of.label}, in ${version}`
  return {
    section: SECTION,
    name: `${by.label} pulls the ${module} of ${of.label}`,
    expected: `all ${items.length} in ${Math.ceil(items.length / limit)} pages, ${inWords}`,
    run: async () => {
      const { items: pulled, pages } = await by.pull(module, of.party, limit)
      const came = isWhole ? pulled : pulled.map((item) => nameOf(item as PartyName & T))
      return `${sameJson(came, expected) ? 'all' : 'others,'} ${pulled.length} in ${pages} pages, ${inWords}`
    },
  }
}

/** A CPO of 2.1.1 knows one eMSP, the hub: it has the tokens of all. */
function allTokens({ platform: operator }: Cpo, emsps: readonly Emsp[]): Step {
  const limit = 10
  const uids = emsps.flatMap(({ tokens }) => tokens.map(({ uid }) => uid)).sort()
  return {
    section: SECTION,
    name: `${operator.label} pulls the tokens of its one eMSP, the hub`,
    expected: `all ${uids.length} of ${emsps.length} eMSPs in ${Math.ceil(uids.length / limit)} pages, each with its auth_id`,
    run: async () => {
      const { items, pages } = await operator.pull('tokens', null, limit)
      const tokens = items as { uid: string; auth_id?: string }[]
      const isSame = sameJson(tokens.map(({ uid }) => uid).sort(), uids)
      const isNamed = tokens.every(({ auth_id }) => typeof auth_id === 'string')
      return `${isSame ? 'all' : 'others,'} ${tokens.length} of ${emsps.length} eMSPs in ${pages} pages, ${isNamed ? 'each with its' : 'without'} auth_id`
    },
  }
}

function nameOf({ country_code, party_id, id, uid }: PartyName & { id?: string; uid?: string }): string {
  return `${country_code}/${party_id}/${id ?? uid}`
}
