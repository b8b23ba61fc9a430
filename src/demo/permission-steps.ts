import type { Cpo } from './cpo.ts'
import type { Emsp } from './emsp.ts'
import type { ClientInfo } from './objects.ts'
import { labelOf } from './platform.ts'
import type { Step } from './step.ts'
import type { World } from './world.ts'

/** A CPO that may not talk to one of two eMSPs, an authorisation that names no receiver, and the lists of all CPOs as one. */
export function permissionSteps(world: World, cpos: readonly Cpo[], stranger: Cpo, without: Emsp, other: Emsp): Step[] {
  const [asker] = cpos
  const location = asker?.locations[0]
  const token = without.tokens[2]
  if (!asker || !location || !token) throw new Error('Expected a CPO with a location and an eMSP with three tokens')
  const [a, b] = [without.platform, stranger.platform]
  const talking = `An administrator forbids ${b.label} and ${a.label} to talk`

  return [
    {
      section: talking,
      name: `${a.label} asks who is there, then is told of ${b.label}`,
      expected: 'CONNECTED, then PLANNED',
      run: async () => {
        const { items } = await a.pull('hubclientinfo', null, 50)
        const before = (items as ClientInfo[]).find((info) => labelOf(info) === b.label)?.status
        await world.admin.deny(a.party, b.party)
        const after = await a.inbox.until(`News of ${b.label}`, () => a.clientInfo.get(b.label)?.status)
        return `${before}, then ${after}`
      },
    },
    {
      section: talking,
      buildsOnSection: true,
      name: `${a.label} asks ${b.label} for locations`,
      expected: 'OCPI 4001, as if it were unknown',
      run: async () => {
        const what = 'GET page'
        const answer = await a.call({ module: 'locations', role: 'SENDER', method: 'GET', to: b.party, what })
        return answer.ocpiStatus === 4001 ? 'OCPI 4001, as if it were unknown' : `OCPI ${answer.ocpiStatus}`
      },
    },
    {
      section: 'The hub finds the receiver by itself',
      name: `${asker.platform.label} asks about ${token.visual_number}, naming nobody`,
      expected: `ALLOWED, for ${token.contract_id}`,
      run: async () => {
        const { allowed, token: about } = await asker.authorize(null, token, { location, evse: 0 })
        return `${allowed}, for ${about.contract_id}`
      },
    },
    ...[
      { emsp: without, shown: cpos },
      { emsp: other, shown: [...cpos, stranger] },
    ].map(({ emsp, shown }) => allLocations(emsp, shown)),
  ]
}

/** GET All [transport_and_format]: the lists of all that an eMSP may see, as one. */
function allLocations({ platform }: Emsp, shown: readonly Cpo[]): Step {
  const limit = 5
  const names = shown.map((cpo) => cpo.platform.label).join(', ')
  const total = shown.reduce((sum, { locations }) => sum + locations.length, 0)
  return {
    section: 'The locations of all CPOs as one list',
    name: `${platform.label} pulls the locations of everybody`,
    expected: `the ${total} of ${names} in ${Math.ceil(total / limit)} pages`,
    run: async () => {
      const { items, pages } = await platform.pull('locations', platform.hub(), limit)
      const pulled = new Set(items.map((item) => JSON.stringify(item)))
      const isAll = shown.every(({ locations }) => locations.every((location) => pulled.has(JSON.stringify(location))))
      return `the ${items.length} ${isAll ? 'of' : 'others than those of'} ${names} in ${pages} pages`
    },
  }
}
