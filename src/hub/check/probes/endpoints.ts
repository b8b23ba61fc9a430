import { isConfigurationModule, isFunctionalModule } from '../../../ocpi/modules.ts'
import { shown } from '../../registration/partner-client.ts'
import type { CheckedPlatform } from '../check.ts'
import { type Judged, judgedAs } from '../probe.ts'
import type { Reading } from '../reading.ts'
import { repeated } from '../same.ts'
import { fail, pass, quoted, textOf, type Verdict, warn } from '../verdict.ts'

type Listed = Record<string, unknown>

/** What a platform with a party of this role usually lists. Of roles that are not named here nothing is expected. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  CPO: ['locations/SENDER', 'tariffs/SENDER', 'sessions/SENDER', 'cdrs/SENDER', 'tokens/RECEIVER', 'commands/RECEIVER'],
  EMSP: [
    'locations/RECEIVER',
    'tariffs/RECEIVER',
    'sessions/RECEIVER',
    'cdrs/RECEIVER',
    'tokens/SENDER',
    'commands/SENDER',
  ],
  NSP: ['locations/RECEIVER'],
}

/** @param endpoints as the version details list them */
export function* endpointProbes(
  endpoints: readonly Listed[],
  platform: CheckedPlatform,
  details: Reading,
): Iterable<Judged> {
  const keys = endpoints.map(keyOf)
  const identifiers = keys.map((key) => key.split('/')[0])
  yield judgedAs('endpoints-unique', judgeUnique(keys), details)
  yield judgedAs('endpoints-roles', judgeRoles(keys, platform), details)
  yield judgedAs('endpoints-url', judgeUrls(endpoints), details)
  const hasCredentials = identifiers.includes('credentials')
  yield judgedAs(
    'credentials-listed',
    hasCredentials ? pass('Listed') : fail('No credentials endpoint is listed'),
    details,
  )
  const hears = keys.includes('hubclientinfo/RECEIVER')
  const detail = 'hubclientinfo is not listed as RECEIVER: this platform does not hear who is connected'
  yield judgedAs('hubclientinfo-listed', hears ? pass('Listed') : warn(detail), details)
}

/** `locations/SENDER`, as it can best be read. */
function keyOf({ identifier, role }: Listed): string {
  const name = textOf(identifier)
  const lower = name.toLowerCase()
  return `${isFunctionalModule(lower) || lower === 'credentials' || lower === 'hubclientinfo' ? lower : name}/${textOf(role).toUpperCase()}`
}

function judgeUnique(keys: readonly string[]): Verdict {
  const more = repeated(keys)
  const [twice] = more
  if (twice === undefined) return pass(`${keys.length} endpoints`)
  const detail = `${quoted(inWords(twice))} is listed twice`
  // A platform with two roles may have credentials for each, and either will do.
  const isHarmless = more.every((key) => isConfigurationModule(key.split('/')[0] ?? ''))
  return isHarmless ? warn(detail) : fail(detail)
}

function judgeRoles(keys: readonly string[], { parties }: CheckedPlatform): Verdict {
  const roles = [...new Set(parties.flatMap((party) => party.roles))]
  const usual = [...new Set(roles.flatMap((role) => USUAL[role] ?? []))]
  const routed = keys.filter((key) => isFunctionalModule(key.split('/')[0] ?? ''))
  if (routed.length === 0) return fail('No module is listed that messages could be routed to')
  const missing = usual.filter((key) => !keys.includes(key))
  if (usual.length > 0 && missing.length === usual.length) {
    return fail(`Of what ${roles.join(' and ')} usually has nothing is listed: ${missing.map(inWords).join(', ')}`)
  }
  if (missing.length > 0)
    return warn(`Usual for ${roles.join(' and ')} and not listed: ${missing.map(inWords).join(', ')}`)
  return pass(`${routed.length} modules for ${roles.join(' and ')}`)
}

function judgeUrls(endpoints: readonly Listed[]): Verdict {
  for (const listed of endpoints) {
    const name = inWords(keyOf(listed))
    const { url } = listed
    if (typeof url !== 'string') return warn(`${quoted(name)} has no URL`)
    if (!URL.canParse(url)) return warn(`${quoted(name)} has ${quoted(shown(url))}, which is not absolute`)
    if (/[?#]/.test(url)) return warn(`The URL of ${quoted(name)} has a query: the hub leaves such an endpoint out`)
    if (url.endsWith('/')) return warn(`The URL of ${quoted(name)} ends with a slash: ${quoted(url)}`)
  }
  return pass('All absolute')
}

function inWords(key: string): string {
  return key.replace('/', ' ')
}
