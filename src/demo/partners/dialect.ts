import type { Credentials, CredentialsRole, PartyName } from '../../sandbox/party/objects.ts'
import { SHAPES_221, type Shapes } from '../../sandbox/party/shapes/shapes.ts'
import { SHAPES_211 } from '../../sandbox/party/shapes/shapes-211.ts'
import { SHAPES_230 } from '../../sandbox/party/shapes/shapes-230.ts'
import { type WireRequest, wireHeaders } from '../../sandbox/party/wire.ts'

export type OcpiVersion = '2.1.1' | '2.2.1' | '2.3.0'

/** What credentials say of who sent them. */
export type TheirCredentials = {
  readonly token: string
  readonly url: string
  /** The hub where it is one, else their first party. */
  readonly party: PartyName
  readonly isHub: boolean
}

/** How a version of OCPI connects, and how it writes objects. */
export type Dialect = {
  readonly version: OcpiVersion
  /** Hubs came with 2.2: roles of interfaces in version details, routing headers, hubclientinfo. */
  readonly knowsHubs: boolean
  /** A token as it stands in the Authorization header. */
  readonly tokenInHeader: (token: string) => string
  readonly headers: (request: WireRequest) => Record<string, string>
  readonly writeCredentials: (token: string, url: string, self: CredentialsRole) => object
  /** Null: they are no credentials of this version. */
  readonly readCredentials: (value: Readonly<Record<string, unknown>>) => TheirCredentials | null
  /** Where a hub that was given as this versions URL is found by a party of this role. */
  readonly versionsUrlFor: (role: 'CPO' | 'EMSP', hubVersionsUrl: string) => string
  readonly shapes: Shapes
}

const DIALECT_221: Dialect = {
  version: '2.2.1',
  knowsHubs: true,
  tokenInHeader: btoa,
  headers: wireHeaders,
  writeCredentials: (token, url, self): Credentials => ({ token, url, roles: [self] }),
  readCredentials: readRoles,
  versionsUrlFor: (_, url) => url,
  shapes: SHAPES_221,
}

const DIALECTS: Readonly<Record<OcpiVersion, Dialect>> = {
  '2.1.1': {
    version: '2.1.1',
    knowsHubs: false,
    tokenInHeader: (token) => token,
    headers: ({ token, body }) => ({
      authorization: `Token ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }),
    writeCredentials: (token, url, { country_code, party_id, business_details }) => {
      return { token, url, country_code, party_id, business_details }
    },
    readCredentials: ({ token, url, country_code, party_id }) =>
      isText(token) && isText(url) && isText(country_code) && isText(party_id)
        ? { token, url, party: { country_code, party_id }, isHub: false }
        : null,
    // A CPO knows eMSPs alone and the other way round: to each the hub is the other side, at an address of its own.
    versionsUrlFor: (role, url) =>
      url.replace(/\/ocpi\/versions$/, `/ocpi/${role === 'CPO' ? 'emsp' : 'cpo'}/versions`),
    shapes: SHAPES_211,
  },
  '2.2.1': DIALECT_221,
  '2.3.0': {
    ...DIALECT_221,
    version: '2.3.0',
    readCredentials(value) {
      const read = readRoles(value)
      const { hub_party_id: hub } = value
      if (!read || !isText(hub)) return read
      return { ...read, isHub: true, party: { country_code: hub.slice(0, 2), party_id: hub.slice(2) } }
    },
    shapes: SHAPES_230,
  },
}

export function dialectOf(version: OcpiVersion): Dialect {
  return DIALECTS[version]
}

function readRoles({ token, url, roles }: Readonly<Record<string, unknown>>): TheirCredentials | null {
  if (!isText(token) || !isText(url) || !Array.isArray(roles)) return null
  const listed = roles as CredentialsRole[]
  const hub = listed.find(({ role }) => role === 'HUB')
  const first = hub ?? listed[0]
  if (!first) return null
  const { country_code, party_id } = first
  return { token, url, party: { country_code, party_id }, isHub: hub !== undefined }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
