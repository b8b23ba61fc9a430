import { isJson } from './envelope.ts'
import { repeatedName } from './json-field.ts'
import { DEEPEST_JSON } from './json-skip.ts'
import { soughtNames } from './names.ts'
import { isObject, kindOf, type Parsed, type Problem, parseHttpUrl, problem, quote } from './parsed.ts'
import { asRole, isPartyName, keyOf, PARTY_ROLES, type Party, type Role, showParty } from './party.ts'
import { splitUrl } from './url.ts'

/** A role of a party, as its platform gives it [credentials: CredentialsRole]. `businessDetails` is kept as it came. */
export type CredentialsRole = Party & { readonly role: Role; readonly businessDetails: unknown }

/** What two platforms exchange to know each other [credentials: Credentials object]. */
export type CredentialsObject = {
  /** What the receiver of this object authenticates with from now on. */
  readonly token: string
  /** The versions endpoint of the sender of this object. */
  readonly url: string
  /** At least one; each pair of role and party once. */
  readonly roles: readonly CredentialsRole[]
}

/** The specification allows 64; tokens of some platforms (signed ones among them) are longer, and refusing them helps nobody. */
const MAX_TOKEN_CHARACTERS = 255

/**
 * Reads a credentials object. A problem names the field, what was expected and what came, never the token.
 *
 * Unknown fields are ignored, `hub_party_id` of a partner that is a hub itself among them: its parties are its roles. So are roles the
 * hub does not know (newer versions have more) or that no party may have (HUB), as long as one is left. Pairs of role and party that differ in nothing but letter case count once.
 */
export function parseCredentials(data: unknown): Parsed<CredentialsObject> {
  const token = parseToken(data)
  if (token.kind === 'problem') return token
  const { url: givenUrl, roles: givenRoles } = data as Record<string, unknown>
  const url = parseHttpUrl('url', givenUrl)
  if (url.kind === 'problem') return url
  const roles = parseRoles(givenRoles)
  if (roles.kind === 'problem') return roles
  return { kind: 'ok', value: { token: token.value, url: url.value, roles: roles.value } }
}

/**
 * Reads the answer to new credentials of the hub's: as `parseCredentials`, or the token alone where the rest cannot be used. Its
 * sender takes no other token by then.
 */
export function parseNewCredentials(
  data: unknown,
): Parsed<CredentialsObject | { readonly token: string; readonly unusable: string }> {
  const parsed = parseCredentials(data)
  if (parsed.kind === 'ok') return parsed
  const token = parseToken(data)
  return token.kind === 'ok' ? { kind: 'ok', value: { token: token.value, unusable: parsed.detail } } : token
}

function parseToken(data: unknown): Parsed<string> {
  if (!isObject(data)) return problem('credentials', 'an object', kindOf(data))
  const { token } = data
  if (typeof token !== 'string') return problem('token', 'a string', kindOf(token))
  if (token.length < 1 || token.length > MAX_TOKEN_CHARACTERS) {
    return problem('token', `1 to ${MAX_TOKEN_CHARACTERS} characters`, token.length)
  }
  if (!/^[!-~]+$/.test(token)) return problem('token', 'printable ASCII without spaces', 'other characters')
  return { kind: 'ok', value: token }
}

/** What a hub shows of who runs it; null is left out [mod_locations: BusinessDetails class]. */
export type BusinessDetails = {
  readonly name: string
  readonly website: string | null
  /** Ends in the type of the image: `https://hub.example/logo.svg`. */
  readonly logoUrl: string | null
}

/** The type of an image by the end of its URL's path; null where that shows none [mod_locations: Image class]. */
export function imageType(url: string): string | null {
  return /\.([A-Za-z0-9]{3,4})$/.exec(splitUrl(url).path)?.[1]?.toLowerCase() ?? null
}

/** Deep enough for the roles of credentials in an envelope, where they may stand in a list of one. */
const DEEPEST = 4
const SINGLE = soughtNames(['token', 'url', 'roles', 'role', 'country_code', 'party_id'])

/**
 * What is wrong with credentials as text, as a problem; null when nothing is. A member may not come twice, in whatever spellings: who
 * somebody is hangs on it. Business details are kept as they came, and a database takes them nested to some depth only.
 */
export function faultInCredentials(json: Uint8Array): Problem | null {
  if (!isJson(json)) return problem('credentials', `nesting of at most ${DEEPEST_JSON} levels`, 'more')
  const name = repeatedName(json, SINGLE, DEEPEST)
  return name === null ? null : problem(name, 'it once', 'several')
}

/** Versions in which a hub is no role: it names itself in a member of its own, and its roles are those of parties behind it. */
const LISTS_REACHABLE: ReadonlySet<string> = new Set(['2.3.0'])

/** Whether credentials of a version list the parties that can be reached through a hub. */
export function listsReachable(version: string): boolean {
  return LISTS_REACHABLE.has(version)
}

/**
 * The hub's own credentials in one version [credentials: Credentials object]. In 2.2.1 it shows the single role HUB, whatever parties it
 * connects. From 2.3.0 on it shows those; where there are none yet itself as OTHER, since a list of roles is never empty.
 */
export function hubCredentials(of: {
  readonly version: string
  readonly token: string
  readonly versionsUrl: string
  readonly hub: Party
  readonly business: BusinessDetails
  /** Looked at where credentials of the version list them. */
  readonly reachable: readonly CredentialsRole[]
}): object {
  const { version, token, versionsUrl: url, hub, reachable } = of
  const own = {
    business_details: businessDetails(of.business),
    party_id: hub.partyId,
    country_code: hub.countryCode,
  }
  if (!listsReachable(version)) return { token, url, roles: [{ role: 'HUB', ...own }] }
  const roles = reachable.map((each) => ({
    role: each.role,
    business_details: isObject(each.businessDetails) ? each.businessDetails : { name: showParty(each) },
    party_id: each.partyId,
    country_code: each.countryCode,
  }))
  const hub_party_id = `${hub.countryCode}${hub.partyId}`
  return { token, url, hub_party_id, roles: roles.length > 0 ? roles : [{ role: 'OTHER', ...own }] }
}

/** As an object of OCPI. */
export function businessDetails({ name, website, logoUrl }: BusinessDetails): object {
  return {
    name,
    ...(website !== null && { website }),
    ...(logoUrl !== null && { logo: { url: logoUrl, category: 'NETWORK', type: imageType(logoUrl) } }),
  }
}

function parseRoles(roles: unknown): Parsed<CredentialsRole[]> {
  if (!Array.isArray(roles)) return problem('roles', 'a list', kindOf(roles))
  const known = new Map<string, CredentialsRole>()
  for (const [i, entry] of roles.entries()) {
    if (!isObject(entry)) return problem(`roles[${i}]`, 'an object', kindOf(entry))
    if (typeof entry['role'] !== 'string') return problem(`roles[${i}].role`, 'a string', kindOf(entry['role']))
    const role = asRole(entry['role'])
    if (role === null || !PARTY_ROLES.includes(role)) continue
    const { country_code: countryCode, party_id: partyId, business_details: businessDetails = null } = entry
    if (typeof countryCode !== 'string') return problem(`roles[${i}].country_code`, 'a string', kindOf(countryCode))
    if (!/^[A-Za-z]{2}$/.test(countryCode)) {
      return problem(`roles[${i}].country_code`, '2 letters', quote(countryCode))
    }
    if (typeof partyId !== 'string') return problem(`roles[${i}].party_id`, 'a string', kindOf(partyId))
    if (partyId.length < 1 || partyId.length > 3)
      return problem(`roles[${i}].party_id`, '1 to 3 characters', partyId.length)
    if (!isPartyName(countryCode, partyId)) {
      return problem(`roles[${i}].party_id`, 'printable ASCII without space, * and /', quote(partyId))
    }
    const key = `${role} ${keyOf({ countryCode, partyId })}`
    if (!known.has(key)) known.set(key, { role, countryCode, partyId, businessDetails })
  }
  if (known.size === 0) {
    const came = roles.slice(0, 5).map((entry: { role: string }) => quote(entry.role))
    return problem('roles', `at least one of ${PARTY_ROLES.join(', ')}`, came.join(', ') || 'an empty list')
  }
  return { kind: 'ok', value: [...known.values()] }
}
