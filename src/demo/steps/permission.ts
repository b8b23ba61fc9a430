import type { Location } from '../../sandbox/party/objects.ts'
import { isSuccess, showAnswer } from '../../sandbox/party/wire.ts'
import type { Cpo } from '../partners/cpo.ts'
import type { Emsp } from '../partners/emsp.ts'
import type { Platform } from '../partners/platform.ts'
import { showStatuses, whoIsThere } from '../partners/who-is-there.ts'
import { explain, type Step } from '../step.ts'

/** A CPO that agreed with nobody, an authorisation that names no receiver, and the lists of all CPOs as one. */
export function permissionSteps(cpos: readonly Cpo[], stranger: Cpo, emsps: readonly Emsp[]): Step[] {
  const [cpo] = cpos
  const [emsp] = emsps
  if (!cpo || !emsp) throw new Error('Expected a CPO and an eMSP')
  return [
    ...apart(cpos, stranger, emsps, emsp.platform),
    pushToNobody(cpo, stranger, emsps),
    ...openAuthorizations(cpo, stranger, emsp),
    ...emsps.map(({ platform }) => allLocations(platform, cpos, stranger)),
  ]
}

function sectionOf({ platform }: Cpo): string {
  return `${platform.label} agreed with nobody`
}

/** Parties that did not agree see each other as PLANNED, and cannot reach each other. */
function apart(cpos: readonly Cpo[], stranger: Cpo, emsps: readonly Emsp[], asker: Platform): Step[] {
  const section = sectionOf(stranger)
  const unknown = 'OCPI 4001, as if it were unknown'
  const refused = (by: Platform, of: Platform, module: string): Step => ({
    section,
    name: `${by.label} asks ${of.label} for ${module}`,
    expected: unknown,
    run: async () => {
      const answer = await by.call({ module, role: 'SENDER', method: 'GET', to: of.party, what: 'GET page' })
      return answer.ocpiStatus === 4001 ? unknown : showAnswer(answer)
    },
  })
  const others = [stranger, ...emsps].map(({ platform }) => platform).filter((platform) => platform !== asker)
  return [
    {
      section,
      name: `${asker.label} asks who is there`,
      expected: showStatuses([
        ...cpos.map(({ platform }) => [platform.label, 'CONNECTED'] as const),
        ...others.map(({ label }) => [label, 'PLANNED'] as const),
      ]),
      run: () => whoIsThere(asker),
    },
    refused(asker, stranger.platform, 'locations'),
    refused(stranger.platform, asker, 'tokens'),
  ]
}

/** What follows from another CPO arrives everywhere, so that there is a moment from which on nothing more will come. */
function pushToNobody(cpo: Cpo, stranger: Cpo, emsps: readonly Emsp[]): Step {
  const { platform: operator } = cpo
  const nobody = 'taken, held by no eMSP'
  const [own, foreign] = [firstLocation(cpo), firstLocation(stranger)]
  return {
    section: sectionOf(stranger),
    name: `${stranger.platform.label} pushes a location, then ${operator.label} a status`,
    expected: nobody,
    run: async () => {
      const answer = await stranger.announce(operator.hub(), { location: foreign })
      if (!isSuccess(answer)) return showAnswer(answer)
      await cpo.announceStatus(operator.hub(), { location: own, evse: 0 }, 'CHARGING')
      for (const { platform, locations } of emsps) {
        await platform.inbox.until(`What ${operator.label} pushed`, () =>
          locations.get(pathOf(own))?.evses[0]?.status === 'CHARGING' ? true : undefined,
        )
      }
      const holders = emsps.filter(({ locations }) => locations.has(pathOf(foreign)))
      return holders.length === 0 ? nobody : `held by ${holders.map(({ platform }) => platform.label).join(', ')}`
    },
  }
}

/** Real-time authorisation without OCPI-to headers [transport_and_format: Open Routing Request]. */
function openAuthorizations(cpo: Cpo, stranger: Cpo, emsp: Emsp): Step[] {
  const section = 'The hub finds the receiver by itself'
  const refused = 'OCPI 4001, there is nobody it may ask'
  const token = emsp.tokens[2]
  if (!token) throw new Error('Expected an eMSP with three tokens')
  const name = (asker: Cpo) => `${asker.platform.label} asks about ${token.visual_number}, naming nobody`
  const ask = (asker: Cpo) => asker.authorize(null, token, { location: firstLocation(asker), evse: 0 })
  return [
    {
      section,
      name: name(cpo),
      expected: `ALLOWED, for ${token.contract_id}`,
      run: async () => {
        const { allowed, token: about } = await ask(cpo)
        return `${allowed}, for ${about.contract_id}`
      },
    },
    {
      section,
      name: name(stranger),
      expected: refused,
      run: async () => {
        const said = await ask(stranger).then(({ allowed }) => allowed, explain)
        return said.includes('OCPI 4001') ? refused : said
      },
    },
  ]
}

/** GET All [transport_and_format]: the lists of all that an eMSP may see, as one. */
function allLocations(platform: Platform, shown: readonly Cpo[], stranger: Cpo): Step {
  const limit = 5
  const names = shown.map((cpo) => cpo.platform.label).join(', ')
  const total = shown.reduce((sum, { locations }) => sum + locations.length, 0)
  return {
    section: 'The locations of all CPOs as one list',
    name: `${platform.label} pulls the locations of everybody`,
    expected: `the ${total} of ${names} in ${Math.ceil(total / limit)} pages, none of ${stranger.platform.label}`,
    run: async () => {
      const { items, pages } = await platform.pull('locations', platform.hub(), limit)
      const pulled = new Set(items.map((item) => pathOf(item as Location)))
      const isPulled = (location: Location) => pulled.has(pathOf(location))
      const isAll = shown.every(({ locations }) => locations.every(isPulled))
      const foreign = stranger.locations.filter(isPulled).length
      return `the ${items.length} ${isAll ? 'of' : 'others than those of'} ${names} in ${pages} pages, ${foreign || 'none'} of ${stranger.platform.label}`
    },
  }
}

function firstLocation({ platform, locations: [location] }: Cpo) {
  if (!location) throw new Error(`${platform.label} has no location`)
  return location
}

function pathOf({ country_code, party_id, id }: { country_code: string; party_id: string; id: string }): string {
  return `${country_code}/${party_id}/${id}`
}
