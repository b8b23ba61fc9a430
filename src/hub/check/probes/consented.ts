import { type Endpoint, type InterfaceRole } from '../../../ocpi/modules.ts'
import { isObject } from '../../../ocpi/parsed.ts'
import type { Party } from '../../../ocpi/party.ts'
import { formatDateTime } from '../../../ocpi/timestamp.ts'
import type { Caller, Question } from '../caller.ts'
import type { CheckedPlatform } from '../check.ts'
import { beneath } from '../lists.ts'
import type { CheckPorts } from '../ports.ts'
import { type Judged, judgedAs } from '../probe.ts'
import { type Answered, isGood, type Reading } from '../reading.ts'
import { differences } from '../same.ts'
import { fail, judged, pass, quoted, saidOf, skipped, type Verdict, warn, worst } from '../verdict.ts'
import { commandProbe } from './command.ts'
import { ownToken } from './own-token.ts'

/** Most calls of what follows. */
export const CONSENTED_CALLS = 15

/** An object of the check's own, which belongs to the hub's party and ends blocked or removed. */
type Pushed = {
  readonly module: 'locations' | 'tokens'
  readonly id: string
  readonly url: string
  readonly to: Party
  readonly object: Readonly<Record<string, unknown>>
  /** What is changed at last, and where: the object ends by it. `partOf` finds what was changed in the whole object. */
  readonly end: {
    readonly url: string
    readonly change: Readonly<Record<string, unknown>>
    readonly partOf: (object: Record<string, unknown>) => unknown
  }
}

/** Gives the platform objects of the check's own, and a command, and looks at what becomes of them. */
export async function* probeByConsent(
  caller: Caller,
  ports: CheckPorts,
  platform: CheckedPlatform,
  endpoints: readonly Endpoint[],
): AsyncGenerator<Judged, void, undefined> {
  const find = (module: string, role: InterfaceRole) =>
    endpoints.find((endpoint) => endpoint.identifier === module && endpoint.role === role)?.url
  const [locations, tokens, commands] = [
    find('locations', 'RECEIVER'),
    find('tokens', 'RECEIVER'),
    find('commands', 'RECEIVER'),
  ]
  const id = `HUBCHECK${ports.random.id().replaceAll('-', '').slice(0, 12).toUpperCase()}`
  // Whole seconds, since some keep no more of a moment.
  const at = Math.floor(ports.now() / 1000) * 1000
  const location = locations === undefined ? null : locationOf(locations, partyFor(platform, 'EMSP'), ports.hub, id, at)
  const token = tokens === undefined ? null : tokenOf(tokens, partyFor(platform, 'CPO'), ports.hub, id, at)

  yield location
    ? judgedAs('push-location', ...(await push(caller, location, at)))
    : absent('push-location', 'locations')
  yield token ? judgedAs('push-token', ...(await push(caller, token, at))) : absent('push-token', 'tokens')
  const pushed = location ?? token
  if (pushed) {
    yield await pushUnknownField(caller, pushed, at)
    yield await pushStale(caller, pushed, at)
  } else {
    yield absent('push-unknown-field', 'locations and tokens')
    yield absent('push-stale', 'locations and tokens')
  }
  yield await commandProbe(caller, ports, commands, partyFor(platform, 'CPO'), id)
}

function absent(probe: Judged['probe'], what: string): Judged {
  return judgedAs(probe, skipped(`The platform lists no ${what} as RECEIVER`))
}

function partyFor({ parties }: CheckedPlatform, role: 'CPO' | 'EMSP'): Party {
  const party = parties.find(({ roles }) => roles.includes(role)) ?? parties[0]
  return party ?? { countryCode: 'XX', partyId: 'XXX' }
}

/** PUT, GET, PATCH that ends it, GET again. */
async function push(caller: Caller, pushed: Pushed, at: number): Promise<readonly [Verdict, ...Reading[]]> {
  const { url, object, end } = pushed
  const put = await caller.call(asking(pushed, 'PUT', url, object))
  if (put.kind !== 'answered' || !isGood(put))
    return [judged(put, (answer) => fail(`PUT answered ${saidOf(answer)}`)), put]
  const got = await caller.call(asking(pushed, 'GET', url))
  const changed = { ...end.change, last_updated: formatDateTime(at + 1000) }
  const patch = await caller.call(asking(pushed, 'PATCH', end.url, changed))
  const after = await caller.call(asking(pushed, 'GET', url))
  const verdict = worst([
    judged(got, (answer) => judgeBack(answer, object, 'what was PUT')),
    judged(patch, (answer) => (isGood(answer) ? pass('PATCH is taken') : fail(`PATCH answered ${saidOf(answer)}`))),
    judged(after, (answer) => judgeBack(answer, changed, 'what was changed by PATCH', end.partOf)),
  ])
  const detail = verdict.outcome === 'pass' ? `${quoted(pushed.id)} was taken, read back and ended` : verdict.detail
  return [{ ...verdict, detail }, put, got, patch, after]
}

function judgeBack(
  answer: Answered,
  expected: Readonly<Record<string, unknown>>,
  what: string,
  partOf: Pushed['end']['partOf'] = (object) => object,
): Verdict {
  if (!isGood(answer)) return fail(`GET of ${what} answered ${saidOf(answer)}`)
  const data = answer.envelope?.data
  const object: unknown = Array.isArray(data) && data.length === 1 ? data[0] : data
  if (!isObject(object)) return fail(`GET of ${what} brought no object`)
  const { other, lost } = differences(expected, partOf(object) ?? {})
  if (other.length > 0) return fail(`GET brought ${what} with other values in ${other.slice(0, 5).join(', ')}`)
  return lost.length > 0 ? warn(`GET brought ${what} without ${lost.slice(0, 5).join(', ')}`) : pass('As sent')
}

/** A field that no version has: each reader meets those of newer ones. */
async function pushUnknownField(caller: Caller, pushed: Pushed, at: number): Promise<Judged> {
  const more = { ...ended(pushed, at + 2000), field_of_a_newer_version: '+31201234567' }
  const put = await caller.call(asking(pushed, 'PUT', pushed.url, more))
  const verdict = judged(put, (answer) =>
    isGood(answer) ? pass(saidOf(answer)) : fail(`PUT with a field that OCPI does not have answered ${saidOf(answer)}`),
  )
  return judgedAs('push-unknown-field', verdict, put)
}

async function pushStale(caller: Caller, pushed: Pushed, at: number): Promise<Judged> {
  const put = await caller.call(asking(pushed, 'PUT', pushed.url, ended(pushed, at - 24 * 3_600_000)))
  const got = await caller.call(asking(pushed, 'GET', pushed.url))
  const verdict = judged(put, (answer) => {
    const kept = got.kind === 'answered' && isObject(got.envelope?.data) ? got.envelope.data['last_updated'] : null
    const what =
      typeof kept === 'string' ? `last_updated is ${quoted(kept, 40)} afterwards` : 'what is kept is not known'
    return pass(`An older object answered ${saidOf(answer)}; ${what}`)
  })
  return judgedAs('push-stale', verdict, put, got)
}

/** The object as it is when it has ended. */
function ended({ module, object }: Pushed, at: number): Record<string, unknown> {
  const moment = formatDateTime(at)
  if (module === 'tokens') return { ...object, valid: false, last_updated: moment }
  const evses = (object['evses'] as readonly object[]).map((evse) => ({
    ...evse,
    status: 'REMOVED',
    last_updated: moment,
  }))
  return { ...object, evses, last_updated: moment }
}

function asking(
  { module, to }: Pushed,
  method: NonNullable<Question['method']>,
  url: string,
  body?: unknown,
): Question {
  return { method, url, module, to, body }
}

function locationOf(endpoint: string, to: Party, hub: Party, id: string, at: number): Pushed {
  const last_updated = formatDateTime(at)
  const url = beneath(endpoint, hub.countryCode, hub.partyId, id)
  const connector = {
    id: '1',
    standard: 'IEC_62196_T2',
    format: 'SOCKET',
    power_type: 'AC_3_PHASE',
    max_voltage: 230,
    max_amperage: 16,
  }
  const object = {
    country_code: hub.countryCode,
    party_id: hub.partyId,
    id,
    publish: false,
    name: 'Connection check',
    address: 'Test 1',
    city: 'Test',
    postal_code: '1000',
    country: 'NLD',
    coordinates: { latitude: '52.000000', longitude: '5.000000' },
    evses: [{ uid: id, status: 'INOPERATIVE', connectors: [{ ...connector, last_updated }], last_updated }],
    time_zone: 'Europe/Amsterdam',
    last_updated,
  }
  return {
    module: 'locations',
    id,
    url,
    to,
    object,
    end: { url: beneath(url, id), change: { status: 'REMOVED' }, partOf: firstEvse },
  }
}

function firstEvse({ evses }: Record<string, unknown>): unknown {
  return Array.isArray(evses) ? evses[0] : null
}

function tokenOf(endpoint: string, to: Party, hub: Party, id: string, at: number): Pushed {
  const url = beneath(endpoint, hub.countryCode, hub.partyId, id)
  const object = ownToken(hub, id, at)
  return { module: 'tokens', id, url, to, object, end: { url, change: { valid: false }, partOf: (token) => token } }
}
