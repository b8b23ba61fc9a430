import type { Endpoint } from '../../ocpi/modules.ts'
import type { Party, PartyKey, Role } from '../../ocpi/party.ts'
import type { EndpointOverride } from '../network/endpoint-overrides.ts'

/** What a probe found. `skipped`: it could not be made, or there was nothing to judge; its detail says why. */
export type Outcome = 'pass' | 'warn' | 'fail' | 'skipped'

export type Probe = {
  /** As reports number it: `1` to `47`, `C1` to `C4` of those with consent. */
  readonly number: string
  readonly name: string
  /** What is looked at, in a few words. */
  readonly title: string
  /** Of the OCPI specification; null where it says nothing about it. In probes of a list the module's own is meant by `module`. */
  readonly chapter: string | null
  /** Changes something at the partner, and is made only where it consents. */
  readonly isConsented: boolean
}

const TRANSPORT = 'transport_and_format'
const VERSIONS = 'version_information_endpoint'
const PAGINATION = `${TRANSPORT}: Pagination`
const MESSAGE_IDS = `${TRANSPORT}: Unique message IDs`
/** Stands for the chapter of the module that is looked at. */
const MODULE = 'module'

/** Every probe, in the order of reports. */
export const PROBES = [
  probe('1', 'tls', 'Certificate and TLS version', `${TRANSPORT}: Security and authentication`),
  probe('2', 'versions-answer', 'Versions are answered', VERSIONS),
  probe('3', 'versions-unique', 'Each version is listed once', VERSIONS),
  probe('4', 'versions-https', 'URLs of the versions', VERSIONS),
  probe('5', 'details-version', 'The version details name their version', VERSIONS),
  probe('6', 'endpoints-unique', 'Each endpoint is listed once', VERSIONS),
  probe('7', 'endpoints-roles', 'Endpoints fit the roles', VERSIONS),
  probe('8', 'endpoints-url', 'URLs of the endpoints', VERSIONS),
  probe('9', 'credentials-listed', 'Credentials are listed', VERSIONS),
  probe('10', 'hubclientinfo-listed', 'Hub client info is listed', 'mod_hub_client_info'),
  probe('11', 'credentials-get', 'Credentials are answered', 'credentials'),
  probe('12', 'request-id-back', 'X-Request-ID comes back', MESSAGE_IDS),
  probe('13', 'correlation-id-back', 'X-Correlation-ID comes back', MESSAGE_IDS),
  probe('14', 'routing-headers-back', 'Routing headers come back swapped', `${TRANSPORT}: Message Routing`),
  probe('15', 'content-type', 'Content-Type of answers', `${TRANSPORT}: JSON / HTTP implementation guide`),
  probe('16', 'timestamp-format', 'Timestamps are written as they should be', 'types: DateTime'),
  probe('17', 'timestamp-now', 'The clock is right', 'types: DateTime'),
  probe('18', 'status-code-present', 'Answers have a status_code', `${TRANSPORT}: Response format`),
  probe('19', 'data-shape', 'Lists are lists', `${TRANSPORT}: Response format`),
  probe('20', 'http-versus-ocpi', 'HTTP and OCPI status agree', 'status_codes'),
  probe('21', 'list-answers', 'The list is answered', MODULE),
  probe('22', 'total-count', 'X-Total-Count', PAGINATION),
  probe('23', 'x-limit', 'X-Limit', PAGINATION),
  probe('24', 'limit-1', 'limit=1 is kept', PAGINATION),
  probe('25', 'link-next', 'Link to the next page', PAGINATION),
  probe('26', 'link-keeps-filters', 'Links keep the filters', PAGINATION),
  probe('27', 'link-host', 'Host of the links', PAGINATION),
  probe('28', 'second-page', 'The second page', PAGINATION),
  probe('29', 'last-page', 'The last page has no link', PAGINATION),
  probe('30', 'beyond-end', 'Beyond the end', PAGINATION),
  probe('31', 'huge-limit', 'A huge limit', PAGINATION),
  probe('32', 'date-from', 'date_from filters', PAGINATION),
  probe('33', 'date-window', 'date_from and date_to filter', PAGINATION),
  probe('34', 'bad-date', 'A date that is none', 'status_codes'),
  probe('35', 'object-get', 'One object is answered', MODULE),
  probe('36', 'object-unknown', 'An object that is not there', 'status_codes'),
  probe('37', 'schema', 'Objects are as specified', MODULE),
  probe('38', 'ownership', 'Objects are the party’s own', MODULE),
  probe('39', 'last-updated-order', 'last_updated is in the past', MODULE),
  probe('40', 'evse-ids', 'EVSE IDs', 'mod_locations'),
  probe('41', 'authorize-unknown', 'An unknown token is not authorised', 'mod_tokens: Real-time authorization'),
  probe('42', 'unknown-path', 'A path that is not there', null),
  probe('43', 'method-wrong', 'A method that is not there', null),
  probe('44', 'gzip', 'Compressed answers', null),
  probe('45', 'speed', 'Speed', null),
  probe('46', 'wrong-token', 'A wrong token is refused', `${TRANSPORT}: Authorization header`),
  probe('47', 'no-token', 'No token is refused', `${TRANSPORT}: Authorization header`),
  consented('C1', 'push-location', 'A location is taken, changed and removed', 'mod_locations'),
  consented('C1', 'push-token', 'A token is taken, changed and blocked', 'mod_tokens'),
  consented('C2', 'push-unknown-field', 'Unknown fields are ignored', TRANSPORT),
  consented('C3', 'push-stale', 'What an older object does', null),
  consented('C4', 'command-result', 'A command has its result', 'mod_commands'),
] as const satisfies readonly Probe[]

function probe<const Name extends string>(number: string, name: Name, title: string, chapter: string | null) {
  return { number, name, title, chapter, isConsented: false }
}

function consented<const Name extends string>(number: string, name: Name, title: string, chapter: string | null) {
  return { number, name, title, chapter, isConsented: true }
}

export type ProbeName = (typeof PROBES)[number]['name']

const BY_NAME: ReadonlyMap<string, Probe> = new Map(PROBES.map((each) => [each.name, each]))

export function isProbeName(text: string): text is ProbeName {
  return BY_NAME.has(text)
}

export function probeOf(name: ProbeName): Probe {
  return BY_NAME.get(name) as Probe
}

/**
 * What one probe found, of one list of one party or, with null for both, of the whole platform. No token is in it, and what a partner
 * wrote is cut and in one line.
 */
export type Finding = {
  readonly probe: ProbeName
  readonly party: PartyKey | null
  readonly module: string | null
  readonly outcome: Outcome
  /** What was found, at most 500 characters. */
  readonly detail: string
  /** What to do about it; null where all is well. At most 500 characters. */
  readonly advice: string | null
  /** See `Probe`: here the module's own is filled in. */
  readonly chapter: string | null
  /** The evidence: X-Request-ID of each call that was looked at, by which the message log finds it. At most 10. */
  readonly messageIds: readonly string[]
}

/** What tells the findings of a run apart. */
export function findingKey({ probe, party, module }: Pick<Finding, 'probe' | 'party' | 'module'>): string {
  return `${probe} ${party ?? ''} ${module ?? ''}`
}

/** A platform as a check needs it. */
export type CheckedPlatform = {
  readonly id: string
  readonly name: string
  /** Of the partner's versions endpoint, as agreed in the handshake. */
  readonly versionsUrl: string
  /** OCPI version agreed in the handshake. */
  readonly version: string
  /** The token that the hub sends, opened, and how this partner wants it spelt. */
  readonly token: string
  readonly encoding: 'base64' | 'raw'
  /** As registered, without those that were given up. */
  readonly parties: readonly CheckedParty[]
  /** As its version details announced them in the handshake: for when these cannot be read now. */
  readonly endpoints: readonly Endpoint[]
  /** What an administrator mended in its endpoints: these count. */
  readonly endpointOverrides: readonly EndpointOverride[]
}

export type CheckedParty = Party & { readonly roles: readonly Role[] }
