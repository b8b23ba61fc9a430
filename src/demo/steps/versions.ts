import type { Location, Tariff } from '../../sandbox/party/objects.ts'
import { isSuccess, showAnswer } from '../../sandbox/party/wire.ts'
import { costOf } from '../partners/cost.ts'
import type { Cpo } from '../partners/cpo.ts'
import type { Emsp } from '../partners/emsp.ts'
import { whoIsThere } from '../partners/who-is-there.ts'
import { poll } from '../poll.ts'
import { explain, type Step } from '../step.ts'
import type { World } from '../world.ts'

/** What 2.3.0 asks for in a tariff and 2.1.1 does not know. */
const ASKED_FOR: Readonly<Record<string, readonly (keyof Tariff)[]>> = {
  '2.2.1': ['country_code', 'party_id'],
  '2.3.0': ['country_code', 'party_id', 'tax_included'],
}

/**
 * Partners of three versions: what a CPO of 2.1.1 pushes reaches each eMSP in its own, an eMSP of 2.3.0 has a driver charge there, and
 * what one of them cannot be told in its version is not told at all.
 */
export function versionSteps(world: World, older: Cpo, newer: Emsp, newerCpo: Cpo): Step[] {
  return [
    ...pushes(world, older),
    authorization(older, newer),
    ...charging(world, older, newer),
    ...unsaid(world, older, newer, newerCpo),
  ]
}

function pushes(world: World, older: Cpo): Step[] {
  const { platform: operator, locations, tariffs } = older
  const section = `${operator.label} speaks 2.1.1, and each hears it in its own version`
  const step = (name: string, expected: string, run: Step['run']): Step => {
    return { section, name, expected, run, buildsOnSection: true }
  }
  const everywhere = world.emsps.map(({ platform }) => `${platform.label} in ${platform.dialect.version}`).join(', ')
  const heldBy = (emsp: Emsp, module: 'locations' | 'tariffs', id: string) =>
    emsp[module].get(`${operator.party.country_code}/${operator.party.party_id}/${id}`)

  return [
    step(
      `${operator.label} pushes ${locations.length} locations and ${tariffs.length} tariffs`,
      `all of it at ${everywhere}`,
      async () => {
        for (const object of [
          ...locations.map((location) => ({ location })),
          ...tariffs.map((tariff) => ({ tariff })),
        ]) {
          const answer = await older.announce(operator.hub(), object)
          if (!isSuccess(answer)) return showAnswer(answer)
        }
        const came = await Promise.all(
          world.emsps.map(async (emsp) => {
            const { label, dialect, inbox } = emsp.platform
            await inbox.until(`What ${operator.label} pushed, at ${label},`, () =>
              locations.every(({ id }) => heldBy(emsp, 'locations', id)) &&
              tariffs.every(({ id }) => heldBy(emsp, 'tariffs', id))
                ? true
                : undefined,
            )
            const held = [heldBy(emsp, 'locations', 'LOC1'), heldBy(emsp, 'tariffs', 'STANDARD')]
            return `${label} in ${versionOf(held[0], held[1], dialect.version)}`
          }),
        )
        return `all of it at ${came.join(', ')}`
      },
    ),
    step(`${operator.label} sends the status of an EVSE, without a time`, `CHARGING at ${everywhere}`, async () => {
      const [location] = locations as [Location]
      const answer = await older.announceStatus(operator.hub(), { location, evse: 0 }, 'CHARGING')
      if (!isSuccess(answer)) return showAnswer(answer)
      const came = await Promise.all(
        world.emsps.map(async (emsp) => {
          const { label, dialect, inbox } = emsp.platform
          await inbox.until(`The status at ${label}`, () => {
            const held = heldBy(emsp, 'locations', location.id) as Location | undefined
            return held?.evses[0]?.status === 'CHARGING' ? true : undefined
          })
          return `${label} in ${dialect.version}`
        }),
      )
      return `CHARGING at ${came.join(', ')}`
    }),
  ]
}

/** The version that a location and a tariff are written in, by what they must have and must not have there. */
function versionOf(location: object | undefined, tariff: object | undefined, expected: string): string {
  const missing = ['publish', 'time_zone', 'country_code'].filter((name) => !(name in (location ?? {})))
  for (const name of ASKED_FOR[expected] ?? []) if (!(name in (tariff ?? {}))) missing.push(name)
  if (missing.length > 0) return `none: ${missing.join(', ')} missing`
  if (tariff && 'tax_included' in tariff) return '2.3.0'
  return '2.2.1'
}

/** A CPO of 2.1.1 has one eMSP, the hub, which finds whose a token is. */
function authorization(cpo: Cpo, emsp: Emsp): Step {
  const [location, token] = [cpo.locations[0], emsp.tokens[1]]
  if (!location || !token) throw new Error('Expected a location and two tokens')
  const { label } = cpo.platform
  return {
    section: `${label} asks its one eMSP, the hub`,
    name: `${label} asks about ${token.visual_number}`,
    expected: `ALLOWED, said by ${emsp.platform.label}`,
    run: async () => {
      const { allowed } = await cpo.authorize(null, token, { location, evse: 0 })
      return `${allowed}, said by ${emsp.platform.label}`
    },
  }
}

/** A whole charging session between the oldest version and the newest. */
function charging({ hubUrl }: World, cpo: Cpo, emsp: Emsp): Step[] {
  const { platform: operator } = cpo
  const { platform: provider } = emsp
  const [location] = cpo.locations as [Location]
  const [token] = emsp.tokens
  if (!token) throw new Error('Expected an eMSP with a token')
  let id = ''
  let cdrUrl = ''
  const key = () => `${operator.party.country_code}/${operator.party.party_id}/${id}`
  const step = (name: string, expected: string, run: Step['run']): Step => ({
    section: `A driver of ${provider.name} (${provider.dialect.version}) charges at ${operator.name} (${operator.dialect.version})`,
    buildsOnSection: true,
    name,
    expected,
    run,
  })
  const sessionWhen = (what: string, isSo: (session: { status: string; kwh: number }) => boolean) =>
    provider.inbox.until(what, () =>
      [...emsp.sessions.values()].find((each) => isSo(each) && (id === '' || each.id === id)),
    )

  return [
    step(`${provider.label} sends START_SESSION`, 'ACCEPTED, then ACCEPTED', async () => {
      const { response, result } = await emsp.startSession(operator.party, { token, location, evse: 0 })
      return `${response}, then ${result}`
    }),
    step(`${operator.label} puts the session`, `ACTIVE at ${provider.label}, of ${token.contract_id}`, async () => {
      const session = await sessionWhen('The session', ({ status }) => status === 'ACTIVE')
      id = session.id
      return `${session.status} at ${provider.label}, of ${session.cdr_token?.contract_id}`
    }),
    step(
      `${operator.label} puts the session, twice`,
      `18.5 kWh for 7.22 EUR before taxes at ${provider.label}`,
      async () => {
        await cpo.charge(id, 7.5, 40)
        await cpo.charge(id, 11, 60)
        const session = await sessionWhen('The grown session', ({ kwh }) => kwh === 18.5)
        return `${session.kwh} kWh for ${costOf(session)} EUR before taxes at ${provider.label}`
      },
    ),
    step(
      `${provider.label} sends STOP_SESSION`,
      `ACCEPTED, then ACCEPTED; COMPLETED at ${provider.label}`,
      async () => {
        const { response, result } = await emsp.stopSession(operator.party, id)
        const { status } = await sessionWhen('The completed session', (each) => each.status === 'COMPLETED')
        return `${response}, then ${result}; ${status} at ${provider.label}`
      },
    ),
    step(
      `${operator.label} posts the CDR`,
      `HTTP 201, Location at the hub, 18.5 kWh for 7.22 EUR before taxes at ${provider.label}, as ${operator.label} billed it`,
      async () => {
        const { cdr, answer, url } = await cpo.bill(id)
        if (!isSuccess(answer)) return showAnswer(answer)
        cdrUrl = url ?? ''
        const held = emsp.cdrs.get(`${key()}-CDR`)
        const where = cdrUrl.startsWith(`${hubUrl}/`) ? 'Location at the hub' : `Location ${cdrUrl}`
        const isSame = costOf(held) === costOf(cdr) && held?.total_energy === cdr.total_energy
        return `HTTP ${answer.status}, ${where}, ${held?.total_energy} kWh for ${costOf(held)} EUR before taxes at ${provider.label}, ${isSame ? 'as' : 'not as'} ${operator.label} billed it`
      },
    ),
    step(`${operator.label} reads the CDR at its Location`, 'a CDR of 2.1.1 for 7.22 EUR', async () => {
      const answer = await cpo.readCdr(provider.party, cdrUrl)
      if (!isSuccess(answer)) return showAnswer(answer)
      const cdr = answer.data as Record<string, unknown>
      const isOlder = 'auth_id' in cdr && 'stop_date_time' in cdr && !('cdr_token' in cdr)
      return `a CDR of ${isOlder ? '2.1.1' : 'another version'} for ${costOf(cdr)} EUR`
    }),
  ]
}

/** What cannot be said in the other's version is not said, and whoever asks is told so. */
function unsaid(world: World, older: Cpo, newer: Emsp, newerCpo: Cpo): Step[] {
  const section = 'What the other version cannot say is not said'
  const { platform: operator } = older
  const { platform: provider } = newer
  const { platform: inclusive } = newerCpo
  const [tariff, plain] = newerCpo.tariffs
  if (!tariff || !plain) throw new Error('Expected a CPO with two tariffs')
  const pathOf = ({ id }: Tariff) => `${inclusive.party.country_code}/${inclusive.party.party_id}/${id}`
  const others = world.emsps.filter((emsp) => emsp !== newer)
  const otherNames = others.map(({ platform }) => platform.label).join(' and ')
  return [
    {
      section,
      name: `${provider.label} sends CANCEL_RESERVATION, which 2.1.1 does not have`,
      expected: 'NOT_SUPPORTED, said by the hub',
      run: async () => {
        const { response } = await newer.cancelReservation(operator.party, 'R-1')
        return `${response}, said by the hub`
      },
    },
    {
      section,
      name: `${provider.label} sets a charging profile at ${operator.label}, which 2.1.1 does not have`,
      expected: 'OCPI 4001',
      run: () =>
        newer.setProfile(operator.party, 'none', { charging_rate_unit: 'W', charging_profile_period: [] }).then(
          ({ response }) => response,
          (error: unknown) => (/OCPI 4001/.exec(explain(error)) ?? [explain(error)])[0],
        ),
    },
    {
      section,
      name: `${inclusive.label} pushes a tariff with its taxes, then one without, in 2.3.0`,
      expected: `both at ${provider.label}; ${tariff.id} withheld from ${otherNames}: its prices include taxes, and OCPI 2.2.1 reads them as excluding VAT`,
      run: async () => {
        for (const each of [{ ...tariff, tax_included: 'YES' as const }, plain]) {
          const answer = await newerCpo.announce(inclusive.hub(), { tariff: each })
          if (!isSuccess(answer)) return showAnswer(answer)
        }
        // The second arrives behind the first: once it is there, the first will come no more.
        for (const { platform, tariffs } of world.emsps) {
          await platform.inbox.until(`The tariff ${plain.id} at ${platform.label}`, () => tariffs.get(pathOf(plain)))
        }
        const holders = others.filter(({ tariffs }) => tariffs.has(pathOf(tariff)))
        const atNewer = newer.tariffs.has(pathOf(tariff)) ? 'both' : 'one'
        if (holders.length > 0) return `at ${holders.map(({ platform }) => platform.label).join(', ')} as well`
        const reasons = await Promise.all(
          others.map(({ platform }) =>
            poll(`Why ${platform.label} was not sent ${tariff.id}`, () =>
              world.admin.whyWithheld(world.idOf(platform), tariff.id),
            ),
          ),
        )
        return `${atNewer} at ${provider.label}; ${tariff.id} withheld from ${otherNames}: ${[...new Set(reasons)].join('; ')}`
      },
    },
    {
      section,
      name: `${operator.label} has no HubClientInfo to ask; ${provider.label} sees it as any other`,
      expected: `CONNECTED at ${provider.label}`,
      run: async () => {
        const seen = (await whoIsThere(provider)).split(', ').find((each) => each.startsWith(operator.label))
        return `${seen?.slice(operator.label.length + 1)} at ${provider.label}`
      },
    },
  ]
}
