import { roleHeldBy, VERSION_211 } from '../../ocpi/dialect-211.ts'
import { knownModule } from '../../ocpi/modules.ts'
import type { Party, Role } from '../../ocpi/party.ts'
import { type Side } from '../../ocpi/sides.ts'
import { soleSideOf } from '../network/sole-side.ts'
import type { CheckedPlatform, ProbeName } from './check.ts'
import type { Judged } from './probe.ts'
import { skipped, textOf } from './verdict.ts'

/*
 * What a check takes otherwise of a platform of OCPI 2.1.1, which has no roles, no owners in objects and no message IDs: what it lacks by its
 * version is no fault of it.
 */

export function is211({ version }: Pick<CheckedPlatform, 'version'>): boolean {
  return version === VERSION_211
}

const HAS_NONE: Partial<Record<ProbeName, string>> = {
  'hubclientinfo-listed': 'OCPI 2.1.1 has no such module',
  'request-id-back': 'OCPI 2.1.1 has no message IDs',
  'correlation-id-back': 'OCPI 2.1.1 has no message IDs',
  'routing-headers-back': 'OCPI 2.1.1 has no routing headers',
  ownership: 'Objects of OCPI 2.1.1 do not say whose they are',
}

/** The same of what it says in words of its own, which are no fault and cannot be judged. */
const SAYS_OTHERWISE: Partial<Record<ProbeName, string>> = {
  'authorize-unknown': 'OCPI 2.1.1 has no status code for a token that is not known',
}

/** What was judged, but for what the platform's version does not have. */
export function asOfVersion(judged: Judged, platform: Pick<CheckedPlatform, 'version'>): Judged {
  if (!is211(platform)) return judged
  const { probe, verdict } = judged
  const why = HAS_NONE[probe] ?? (verdict.outcome === 'warn' ? SAYS_OTHERWISE[probe] : undefined)
  return why === undefined ? judged : { ...judged, verdict: skipped(why) }
}

/** The side on which a platform of 2.1.1 stands. */
export function sideOf211({ parties }: Pick<CheckedPlatform, 'parties'>): Side | null {
  return soleSideOf(parties.flatMap(({ roles }) => roles.map((role) => ({ role }))))
}

/** Endpoints as its version details would list them if they said interface roles. */
export function withInterfaceRoles(
  endpoints: readonly Record<string, unknown>[],
  platform: CheckedPlatform,
): readonly Record<string, unknown>[] {
  const side = is211(platform) ? sideOf211(platform) : null
  if (side === null) return endpoints
  return endpoints.map((each) => ({
    ...each,
    role: roleHeldBy(side, knownModule(textOf(each['identifier']), VERSION_211)) ?? '',
  }))
}

/** Credentials as they would be if they said roles: its one party in those that it is registered with. */
export function withRoles(credentials: Record<string, unknown>, platform: CheckedPlatform): Record<string, unknown> {
  if (!is211(platform)) return credentials
  const { country_code, party_id } = credentials
  const isNamed = ({ countryCode, partyId }: Party) =>
    `${countryCode}${partyId}`.toUpperCase() === `${textOf(country_code)}${textOf(party_id)}`.toUpperCase()
  const known: readonly Role[] = platform.parties.find(isNamed)?.roles ?? ['OTHER']
  return { ...credentials, roles: known.map((role) => ({ role, country_code, party_id })) }
}
