import type { ChargingProfile, Session } from '../sandbox/party/objects.ts'
import { isSuccess, showAnswer } from '../sandbox/party/wire.ts'
import type { Cpo } from './partners/cpo.ts'
import type { AsyncOutcome, Emsp } from './partners/emsp.ts'
import type { Platform } from './partners/platform.ts'
import { sameJson } from './same-json.ts'
import type { Step } from './step.ts'
import { agreementSteps } from './steps/agreement.ts'
import { broadcastSteps } from './steps/broadcast.ts'
import { permissionSteps } from './steps/permission.ts'
import { pullSteps } from './steps/pull.ts'
import { versionSteps } from './steps/versions.ts'
import type { World } from './world.ts'

/** One round through everything that parties do with each other and with the hub. The third CPO agrees with nobody, the others speak 2.2.1, 2.1.1 and 2.3.0. */
export function makeRound(world: World): Step[] {
  const [cpoA, cpoB, cpoC, cpo211, cpo230] = world.cpos
  const [emspA, emspB, emsp230] = world.emsps
  if (!cpoA || !cpoB || !cpoC || !cpo211 || !cpo230 || !emspA || !emspB || !emsp230)
    throw new Error('The round needs five CPOs and three eMSPs')
  const cpos = [cpoA, cpoB, cpo211, cpo230]
  return [
    ...[...world.cpos, ...world.emsps].map(({ platform }) => registration(world, platform)),
    ...agreementSteps(world, cpos, world.emsps),
    ...pullSteps(cpos, world.emsps),
    ...authorizations(cpoA, emspB),
    ...authorizations(cpoB, emspA),
    ...charging(world, cpoA, emspA),
    ...charging(world, cpoB, emspB),
    ...broadcastSteps(world, cpoA, emspA, emspB),
    ...versionSteps(world, cpo211, emsp230, cpo230),
    ...permissionSteps(cpos, cpoC, world.emsps),
  ]
}

function registration({ admin, noteId }: World, platform: Platform): Step {
  const expected = `CONNECTED with ${platform.dialect.version}, ${platform.label} ${platform.role}, all ${platform.modules.length} endpoints known`
  return {
    section: 'Platforms register with the tokens an administrator made',
    name: `${platform.name} registers`,
    expected,
    run: async () => {
      const { dialect, role } = platform
      const { id, versionsUrl, token } = await admin.addPlatform(platform.name, { ...platform.party, role })
      await platform.register({ versionsUrl: dialect.versionsUrlFor(role, versionsUrl), token })
      noteId(platform, id)
      const seen = await admin.getPlatform(id)
      const parties = seen.parties
        .map(({ country_code, party_id, role }) => `${country_code}-${party_id} ${role}`)
        .join(', ')
      const missing = platform.modules.filter(({ identifier, role }) => {
        return !seen.endpoints.some((known) => known.identifier === identifier && known.role === role)
      })
      return `${seen.status} with ${seen.version}, ${parties}, ${missing.length === 0 ? `all ${platform.modules.length}` : 'not all'} endpoints known`
    },
  }
}

function authorizations(cpo: Cpo, emsp: Emsp): Step[] {
  const location = first(cpo.locations)
  const ask = (token: Emsp['tokens'][number], expected: string): Step => ({
    section: 'Tokens are authorised in real time',
    name: `${cpo.platform.label} asks ${emsp.platform.label} about ${token.visual_number}`,
    expected: `${expected}, for ${token.contract_id}`,
    run: async () => {
      const { allowed, token: about } = await cpo.authorize(emsp.platform.party, token, { location, evse: 0 })
      return `${allowed}, for ${about.contract_id}`
    },
  })
  return emsp.tokens
    .filter((token, index) => index === 1 || !token.valid)
    .map((token) => ask(token, token.valid ? 'ALLOWED' : 'BLOCKED'))
}

/** A whole charging session: from the driver's START to the bill. */
function charging({ hubUrl }: World, cpo: Cpo, emsp: Emsp): Step[] {
  const [operator, provider] = [cpo.platform, emsp.platform]
  const location = first(cpo.locations)
  const token = first(emsp.tokens)
  const limit: ChargingProfile = {
    charging_rate_unit: 'W',
    charging_profile_period: [{ start_period: 0, limit: 11_000 }],
  }
  let id = ''
  let cdrUrl = ''

  const known = () => emsp.sessions.get(`${operator.party.country_code}/${operator.party.party_id}/${id}`)
  const showSession = (session: Session | undefined) =>
    session ? `${session.status} with ${session.kwh} kWh at ${provider.label}` : `no session at ${provider.label}`
  const showOutcome = ({ response, result }: AsyncOutcome) => `${response}, then ${result}`
  const step = (name: string, expected: string, run: Step['run']): Step => ({
    section: `A driver of ${provider.name} charges at ${operator.name}`,
    buildsOnSection: true,
    name,
    expected,
    run,
  })

  return [
    step(`${provider.label} sends START_SESSION`, 'ACCEPTED, then ACCEPTED', async () => {
      return showOutcome(await emsp.startSession(operator.party, { token, location, evse: 0 }))
    }),
    step(`${operator.label} puts the session`, `ACTIVE with 0 kWh at ${provider.label}`, async () => {
      const session = await provider.inbox.until('The session', () =>
        [...emsp.sessions.values()].find((each) => each.status === 'ACTIVE'),
      )
      id = session.id
      return showSession(session)
    }),
    step(`${provider.label} sets a charging profile`, 'ACCEPTED, then ACCEPTED: 11 kW at the station', async () => {
      const outcome = await emsp.setProfile(operator.party, id, limit)
      return `${showOutcome(outcome)}: ${showLimit(cpo.profiles.get(id))} at the station`
    }),
    step(`${provider.label} asks for the active profile`, 'ACCEPTED, then ACCEPTED: 11 kW', async () => {
      const outcome = await emsp.askProfile(operator.party, id, 900)
      return `${showOutcome(outcome)}: ${showLimit(outcome.profile?.charging_profile)}`
    }),
    step(`${operator.label} tells of a lower limit`, `7 kW at ${provider.label}`, async () => {
      await cpo.lowerLimit(id, 7_000)
      return `${showLimit(emsp.activeProfiles.get(id)?.charging_profile)} at ${provider.label}`
    }),
    step(`${provider.label} clears the profile`, 'ACCEPTED, then ACCEPTED: no limit at the station', async () => {
      const outcome = await emsp.clearProfile(operator.party, id)
      return `${showOutcome(outcome)}: ${showLimit(cpo.profiles.get(id))} at the station`
    }),
    step(
      `${operator.label} patches the session, twice`,
      `ACTIVE with 18.5 kWh at ${provider.label}, as ${operator.label} holds it`,
      async () => {
        await cpo.charge(id, 7.5, 40)
        await cpo.charge(id, 11, 60)
        const isSame = sameJson(known(), cpo.sessions.get(id))
        return `${showSession(known())}, ${isSame ? 'as' : 'not as'} ${operator.label} holds it`
      },
    ),
    step(
      `${provider.label} sends STOP_SESSION`,
      `ACCEPTED, then ACCEPTED; COMPLETED with 18.5 kWh at ${provider.label}`,
      async () => {
        const outcome = await emsp.stopSession(operator.party, id)
        const session = await provider.inbox.until('The completed session', () =>
          known()?.status === 'COMPLETED' ? known() : undefined,
        )
        return `${showOutcome(outcome)}; ${showSession(session)}`
      },
    ),
    step(
      `${operator.label} posts the CDR`,
      `HTTP 201, Location at the hub, 18.5 kWh billed at ${provider.label}`,
      async () => {
        const { cdr, answer, url } = await cpo.bill(id)
        if (!isSuccess(answer)) return showAnswer(answer)
        cdrUrl = url ?? ''
        const held = emsp.cdrs.get(`${cdr.country_code}/${cdr.party_id}/${cdr.id}`)
        const where =
          url === null ? 'no Location' : url.startsWith(`${hubUrl}/`) ? 'Location at the hub' : `Location ${url}`
        return `HTTP ${answer.status}, ${where}, ${held?.total_energy ?? 'no'} kWh billed at ${provider.label}`
      },
    ),
    step(`${operator.label} reads the CDR at its Location`, 'the CDR that was posted', async () => {
      const answer = await cpo.readCdr(provider.party, cdrUrl)
      if (!isSuccess(answer)) return showAnswer(answer)
      return sameJson(
        answer.data,
        cpo.cdrs.find(({ session_id }) => session_id === id),
      )
        ? 'the CDR that was posted'
        : 'another object'
    }),
  ]
}

function showLimit(profile: ChargingProfile | undefined): string {
  return profile ? `${(profile.charging_profile_period[0]?.limit ?? 0) / 1000} kW` : 'no limit'
}

function first<T>(items: readonly T[]): T {
  const [item] = items
  if (item === undefined) throw new Error('Expected at least one')
  return item
}
