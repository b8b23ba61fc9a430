import { roleHeldBy } from '../../../ocpi/dialect-211.ts'
import type { Endpoint } from '../../../ocpi/modules.ts'
import { isObject, soleOf } from '../../../ocpi/parsed.ts'
import { parseVersionDetails, parseVersions, pickVersion } from '../../../ocpi/versions.ts'
import { withOverrides } from '../../network/endpoint-overrides.ts'
import { shown } from '../../registration/partner-client.ts'
import type { Caller } from '../caller.ts'
import type { CheckedPlatform } from '../check.ts'
import type { CheckPorts } from '../ports.ts'
import { type Judged, judgedAs, skipAll } from '../probe.ts'
import { type Answered, isGood, type Reading } from '../reading.ts'
import { repeated } from '../same.ts'
import { fail, judged, pass, quoted, saidOf, skipped, type Verdict, warn } from '../verdict.ts'
import { is211, sideOf211, withInterfaceRoles } from '../version-211.ts'
import { judgeCredentials } from './credentials.ts'
import { endpointProbes } from './endpoints.ts'

const DAY_MS = 24 * 3_600_000
const TLS_WITHIN_MS = 10_000

/** Reads versions, version details and credentials. Returns the endpoints that count from now on. */
export async function* probeConnection(
  caller: Caller,
  ports: CheckPorts,
  platform: CheckedPlatform,
): AsyncGenerator<Judged, readonly Endpoint[], undefined> {
  const versions = await caller.call({ url: platform.versionsUrl, module: 'versions' })
  yield judgedAs('tls', await judgeTls(ports, platform.versionsUrl, versions), versions)
  yield judgedAs('versions-answer', judged(versions, judgeVersions), versions)
  const entries = entriesOf(versions)
  if (entries) {
    yield judgedAs('versions-unique', judgeUnique(entries), versions)
    yield judgedAs('versions-https', judgeUrls(entries, platform.versionsUrl, ports.takesPlainHttp), versions)
  } else yield* skipAll(['versions-unique', 'versions-https'], 'There is no list of versions', versions)

  const parsed = parseVersions(entries)
  const chosen = parsed.kind === 'ok' ? pickVersion(parsed.value, platform.version) : undefined
  const before = withOverrides(platform.endpoints, platform.endpointOverrides)
  if (!chosen) {
    const verdict = entries
      ? fail(`The versions do not list ${platform.version}`)
      : skipped('There is no list of versions')
    yield judgedAs('details-version', verdict, versions)
    yield* skipAll(
      DETAILS_PROBES,
      'There are no version details: what follows is checked as of the last handshake',
      versions,
    )
    yield* probeCredentials(caller, platform, before)
    return before
  }

  const details = await caller.call({ url: chosen.url, module: 'versions' })
  yield judgedAs(
    'details-version',
    judged(details, (answer) => judgeVersion(answer, chosen.version)),
    details,
  )
  const listed = details.kind === 'answered' && isGood(details) ? soleOf(details.envelope?.data) : null
  const endpoints = isObject(listed) ? listed['endpoints'] : null
  if (Array.isArray(endpoints))
    yield* endpointProbes(withInterfaceRoles(endpoints.filter(isObject), platform), platform, details)
  else yield* skipAll(DETAILS_PROBES, 'The version details list no endpoints', details)
  const side = is211(platform) ? sideOf211(platform) : null
  const usable = parseVersionDetails(listed, side === null ? undefined : (module) => roleHeldBy(side, module))
  const mended = usable.kind === 'ok' ? withOverrides(usable.value.endpoints, platform.endpointOverrides) : before
  yield* probeCredentials(caller, platform, mended)
  return mended
}

const DETAILS_PROBES = [
  'endpoints-unique',
  'endpoints-roles',
  'endpoints-url',
  'credentials-listed',
  'hubclientinfo-listed',
] as const

async function* probeCredentials(
  caller: Caller,
  platform: CheckedPlatform,
  endpoints: readonly Endpoint[],
): AsyncGenerator<Judged, void, undefined> {
  const endpoint = endpoints.find(({ identifier }) => identifier === 'credentials')
  if (!endpoint) return yield judgedAs('credentials-get', skipped('No credentials endpoint is listed'))
  const credentials = await caller.call({ url: endpoint.url, module: 'credentials' })
  yield judgedAs(
    'credentials-get',
    judged(credentials, (answer) => judgeCredentials(answer, platform)),
    credentials,
  )
}

async function judgeTls(ports: CheckPorts, url: string, versions: Reading): Promise<Verdict> {
  if (versions.kind === 'not-made') return skipped(versions.why)
  const { protocol, origin } = new URL(url)
  if (protocol !== 'https:') {
    const detail = `The versions URL is ${shown(url)}: there is no TLS`
    return ports.takesPlainHttp ? warn(`${detail}. This hub’s settings allow it`) : fail(detail)
  }
  if (!ports.readTls) {
    return versions.kind === 'unanswered' && !versions.isTimeout
      ? fail(`The connection did not come about: ${versions.why}`)
      : skipped('The runtime that this hub runs on does not show certificates; the connection came about')
  }
  const seen = await ports.readTls(origin, Math.min(TLS_WITHIN_MS, ports.timeoutMs))
  if (seen.kind === 'failed') return fail(`The connection did not come about: ${seen.detail}`)
  const { protocol: version, validTo } = seen.facts
  const days = Math.floor((validTo - ports.now()) / DAY_MS)
  const detail = `${version}, the certificate ends on ${new Date(validTo).toISOString().slice(0, 10)}`
  if (days < 0) return fail(detail)
  if (days < 30) return warn(`${detail}, in ${days} days`, 'Renew the certificate.')
  return version === 'TLSv1.3' ? pass(detail) : warn(detail, 'Offer TLS 1.3.')
}

function judgeVersions(answer: Answered): Verdict {
  const { status, envelope } = answer
  if (status !== 200 || !isGood(answer)) return fail(`It answered ${saidOf(answer)}`)
  return Array.isArray(envelope?.data) ? pass(`${envelope.data.length} listed`) : fail('The data is no list')
}

function entriesOf(versions: Reading): readonly Record<string, unknown>[] | null {
  if (versions.kind !== 'answered' || !isGood(versions)) return null
  const data = versions.envelope?.data
  return Array.isArray(data) ? data.filter(isObject) : null
}

function judgeUnique(entries: readonly Record<string, unknown>[]): Verdict {
  const names = entries.map(({ version }) => (typeof version === 'string' ? version.trim() : ''))
  const [twice] = repeated(names)
  return twice === undefined
    ? pass(names.map((name) => quoted(name, 10)).join(', '))
    : warn(`${quoted(twice)} is listed twice`)
}

function judgeUrls(entries: readonly Record<string, unknown>[], own: string, takesPlainHttp: boolean): Verdict {
  const { host } = new URL(own)
  let softest: Verdict | null = null
  for (const { version, url } of entries) {
    const name = typeof version === 'string' ? quoted(version, 10) : 'A version'
    if (typeof url !== 'string' || !URL.canParse(url)) return fail(`${name} has no absolute URL`)
    const parsed = new URL(url)
    if (parsed.protocol !== 'https:') {
      const detail = `${name} is at ${quoted(shown(url))}, without https`
      if (!takesPlainHttp) return fail(detail)
      softest ??= warn(`${detail}. This hub’s settings allow it`)
    } else if (parsed.host !== host) softest ??= warn(`${name} is at ${quoted(parsed.host)}, not at ${host}`)
  }
  return softest ?? pass(`All at https://${host}`)
}

function judgeVersion(answer: Answered, version: string): Verdict {
  if (!isGood(answer)) return fail(`It answered ${saidOf(answer)}`)
  const data = soleOf(answer.envelope?.data)
  if (!isObject(data)) return fail('The data is no object')
  const said = data['version']
  if (typeof said !== 'string') return fail('The details have no version')
  return said.trim() === version ? pass(version) : warn(`The details of ${version} say ${quoted(said, 20)}`)
}
