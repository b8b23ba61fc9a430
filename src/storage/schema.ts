import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
} from 'drizzle-orm/pg-core'
import type { TokenEnd } from '../hub/administration/token-trace.ts'
import type { PlanSource } from '../hub/get-all/plan.ts'
import type { ExchangeKind } from '../hub/message/exchange.ts'
import type { EndpointOverride } from '../hub/network/endpoint-overrides.ts'
import type { StoredUrl, WhyPending } from '../hub/network/registry.ts'
import type { ConnectionStatus, DeliverySettings, HostedRole } from '../hub/network/routing-table.ts'
import type { FactKind } from '../hub/open-routing/clues.ts'
import type { Endpoint, InterfaceRole } from '../ocpi/modules.ts'
import type { PartyKey, Role } from '../ocpi/party.ts'
import { bytea, moment } from './columns.ts'

/** Connected systems. Whatever routes carries the revision of its last change. */
export const platforms = pgTable(
  'platforms',
  {
    id: text('id').primaryKey(),
    /** Order of creation. */
    number: bigserial('number', { mode: 'number' }).notNull(),
    name: text('name').notNull(),
    status: text('status').$type<ConnectionStatus>().notNull(),
    statusCause: text('status_cause').notNull(),
    statusSince: moment('status_since').notNull(),
    /** An administrator suspended it: no handshake of the partner lifts that. */
    isHeldSuspended: boolean('is_held_suspended').notNull().default(false),
    /** Its handshake leaves it PLANNED until an administrator releases it. */
    isHeld: boolean('is_held').notNull().default(false),
    version: text('version'),
    versionsUrl: text('versions_url'),
    sealedToken: text('sealed_token'),
    /** See `theirMarkOf`; null before the first handshake since it is kept. */
    theirMark: text('their_mark'),
    /** As its version details announced them. */
    endpoints: jsonb('endpoints').$type<readonly Endpoint[]>().notNull(),
    /** What an administrator mended in them; handshakes leave it alone. */
    endpointOverrides: jsonb('endpoint_overrides').$type<readonly EndpointOverride[]>().notNull().default([]),
    delivery: jsonb('delivery').$type<Partial<DeliverySettings>>().notNull(),
    tokenEncoding: text('token_encoding').$type<'base64' | 'raw'>().notNull(),
    isStrictAboutTokens: boolean('is_strict_about_tokens').notNull(),
    /** An administrator has it held to the specification where others are understood. */
    isStrict: boolean('is_strict').notNull().default(false),
    /** An administrator keeps its lists out of GET All, which says so. */
    isLeftOutOfGetAll: boolean('is_left_out_of_get_all').notNull().default(false),
    /** Most roles that it may have; null: as the hub's setting has it. */
    mostRoles: integer('most_roles'),
    createdAt: moment('created_at').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull(),
  },
  (table) => [
    index('platforms_revision').on(table.revision),
    index('platforms_number').on(table.number),
    index('platforms_their_mark').on(table.theirMark),
  ],
)

/** Platforms that are gone: readers of what changed since a revision learn it here, lists go on from their place. */
export const removedPlatforms = pgTable(
  'removed_platforms',
  {
    id: text('id').primaryKey(),
    number: bigint('number', { mode: 'number' }).notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull(),
  },
  (table) => [index('removed_platforms_revision').on(table.revision)],
)

/** Proof of life, apart from `platforms` because it is written often and routes nothing. */
export const platformSeen = pgTable('platform_seen', {
  platformId: text('platform_id')
    .primaryKey()
    .references(() => platforms.id, { onDelete: 'cascade' }),
  lastSeenAt: moment('last_seen_at').notNull(),
})

/** When platforms were last picked for a still-alive check: whoever picks one keeps the other processes from it. */
export const platformChecks = pgTable('platform_checks', {
  platformId: text('platform_id')
    .primaryKey()
    .references(() => platforms.id, { onDelete: 'cascade' }),
  checkedAt: moment('checked_at').notNull(),
})

/** Names of parties, spelled as first given. A party without a role is deleted. */
export const parties = pgTable('parties', {
  key: text('key').$type<PartyKey>().primaryKey(),
  countryCode: text('country_code').notNull(),
  partyId: text('party_id').notNull(),
})

/**
 * The key makes a role of a party one platform's only, in any letter case: NL-ABC may be CPO of one platform and EMSP of another.
 * `status` is what others are told of this role; `last_updated` and `revision` say when that last changed, `announced_at` and
 * `announced_revision` since when it is not SUSPENDED [mod_hub_client_info].
 */
export const partyRoles = pgTable(
  'party_roles',
  {
    partyKey: text('party_key')
      .$type<PartyKey>()
      .notNull()
      .references(() => parties.key, { onDelete: 'cascade' }),
    role: text('role').$type<Role>().notNull(),
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    state: text('state').$type<HostedRole['status']>().notNull(),
    /** When its platform left it out of its credentials; null while it did not. */
    givenUpAt: moment('given_up_at'),
    /** `json`, which unlike `jsonb` keeps any text a partner may send, `\u0000` included. */
    businessDetails: json('business_details').$type<unknown>(),
    status: text('status').$type<ConnectionStatus>().notNull(),
    lastUpdated: moment('last_updated').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    announcedAt: moment('announced_at').notNull().default(0),
    announcedRevision: bigint('announced_revision', { mode: 'number' }).notNull().default(0),
    /** The platform that held it before an administrator gave it to this one; null when none did. Not a reference: it may be gone. */
    movedFrom: text('moved_from'),
    movedAt: moment('moved_at'),
    movedRevision: bigint('moved_revision', { mode: 'number' }),
  },
  (table) => [
    primaryKey({ columns: [table.partyKey, table.role] }),
    index('party_roles_platform').on(table.platformId),
  ],
)

/**
 * Roles that a platform brought in its last credentials and that no administrator announced for it or confirmed. They hold nothing:
 * several platforms may wait for one role, and nothing that routes reads this.
 */
export const pendingRoles = pgTable(
  'pending_roles',
  {
    /** Order in which they came. */
    number: bigserial('number', { mode: 'number' }).notNull(),
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    partyKey: text('party_key').$type<PartyKey>().notNull(),
    role: text('role').$type<Role>().notNull(),
    countryCode: text('country_code').notNull(),
    partyId: text('party_id').notNull(),
    businessDetails: json('business_details').$type<unknown>(),
    why: text('why').$type<WhyPending>().notNull(),
    since: moment('since').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.platformId, table.partyKey, table.role] }),
    index('pending_roles_number').on(table.number),
  ],
)

/** Roles that were announced once and went with their platform: nobody can forget them but as SUSPENDED. */
export const departedRoles = pgTable(
  'departed_roles',
  {
    partyKey: text('party_key').$type<PartyKey>().notNull(),
    role: text('role').$type<Role>().notNull(),
    countryCode: text('country_code').notNull(),
    partyId: text('party_id').notNull(),
    /** The platform that held it last; null where that is not known any more. Not a reference: it is mostly gone. */
    platformId: text('platform_id'),
    departedAt: moment('departed_at').notNull(),
    /** From when on any platform may bring it, unless it has to be announced; 0: at once. */
    freeAt: moment('free_at').notNull().default(0),
    revision: bigint('revision', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.partyKey, table.role] }),
    index('departed_roles_revision').on(table.revision),
  ],
)

/** What each platform was told of others: every ClientInfo as it was at that revision and moment. */
export const clientInfoCursors = pgTable('client_info_cursors', {
  platformId: text('platform_id')
    .primaryKey()
    .references(() => platforms.id, { onDelete: 'cascade' }),
  revision: bigint('revision', { mode: 'number' }).notNull(),
  at: moment('at').notNull(),
})

/**
 * Who agreed to talk, or not to. Parties are named, not referenced: rules may precede platforms. Ended rules stay, since what
 * they changed has its moment. Numbers follow the order of commits, because only a change of what routes gives them.
 */
export const agreements = pgTable(
  'agreements',
  {
    id: text('id').primaryKey(),
    number: bigserial('number', { mode: 'number' }).notNull(),
    aCountryCode: text('a_country_code').notNull(),
    aPartyId: text('a_party_id').notNull(),
    bCountryCode: text('b_country_code').notNull(),
    bPartyId: text('b_party_id').notNull(),
    effect: text('effect').$type<'allow' | 'deny'>().notNull(),
    modules: jsonb('modules').$type<readonly string[]>(),
    validFrom: moment('valid_from'),
    validUntil: moment('valid_until'),
    createdAt: moment('created_at').notNull(),
    createdRevision: bigint('created_revision', { mode: 'number' }).notNull(),
    endedAt: moment('ended_at'),
    revision: bigint('revision', { mode: 'number' }).notNull(),
  },
  (table) => [index('agreements_revision').on(table.revision), index('agreements_number').on(table.number)],
)

/**
 * Digests of tokens that open the hub. A `provisional` one opens what a registration token opens: the hub gave it to a
 * partner whose handshake is under way. Of a platform's access tokens only the newest has no end. `rotating` and `offered` ones open
 * what that opens: the partner may take or have taken it in its place, or not. Of a `rotating` one the answer is still waited for,
 * or the hub ended while it waited.
 */
export const credentialsTokens = pgTable(
  'credentials_tokens',
  {
    digest: text('digest').primaryKey(),
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<'registration' | 'provisional' | 'rotating' | 'offered' | 'access'>().notNull(),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at'),
    /** See `TokenMarks`; null of tokens that were made before these were kept. */
    prefix: text('prefix'),
    fingerprint: text('fingerprint'),
  },
  (table) => [
    index('credentials_tokens_platform').on(table.platformId),
    index('credentials_tokens_prefix').on(table.prefix),
  ],
)

/** Digests of tokens that came to their end in the last 30 days: who calls with one is told apart from who guesses. */
export const retiredTokens = pgTable(
  'retired_tokens',
  {
    number: bigserial('number', { mode: 'number' }).primaryKey(),
    digest: text('digest').notNull(),
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    end: text('end').$type<TokenEnd>().notNull(),
    endedAt: moment('ended_at').notNull(),
  },
  (table) => [
    index('retired_tokens_digest').on(table.digest),
    index('retired_tokens_platform').on(table.platformId, table.number),
    index('retired_tokens_ended_at').on(table.endedAt),
  ],
)

/** One row. A change of what routes updates it first, so that changes follow one another and revisions order as commits do. */
export const routingRevision = pgTable('routing_revision', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  revision: bigint('revision', { mode: 'number' }).notNull(),
})

/** URLs that were led through the hub. Parties are named, not referenced: a URL is written on a request's path. */
export const storedUrls = pgTable(
  'stored_urls',
  {
    id: text('id').primaryKey(),
    kind: text('kind').$type<StoredUrl['kind']>().notNull(),
    url: text('url').notNull(),
    module: text('module').notNull(),
    interfaceRole: text('interface_role').$type<InterfaceRole>().notNull(),
    forParty: text('for_party').$type<PartyKey>().notNull(),
    toParty: text('to_party').$type<PartyKey>().notNull(),
    toPlatformId: text('to_platform_id').notNull(),
    createdAt: moment('created_at').notNull().default(0),
    expiresAt: moment('expires_at'),
  },
  (table) => [index('stored_urls_expires_at').on(table.expiresAt)],
)

/** Single facts about this hub, such as the digest of a token made at the first start. */
export const hubState = pgTable('hub_state', { key: text('key').primaryKey(), value: text('value').notNull() })

/** Exchanges that were refused or failed: an index of these alone is small, and costs nothing where all is well. */
export const NOT_OK = sql`failure is not null or http_status not between 100 and 399 or ocpi_status >= 2000`

/** Of a BRIN index with Bloom filters: says which pages may hold a value, and costs an insert next to nothing. */
const BLOOM = 'text_bloom_ops(n_distinct_per_range=256)'

/**
 * Both legs of exchanges, partitioned by segment; the default of `segment` names the one now written to. Headers are names
 * and values in turn, one a line. No unique key: it would cost every insert.
 */
export const messageLog = pgTable(
  'message_log',
  {
    segment: integer('segment').notNull().default(1),
    id: bigserial('id', { mode: 'number' }).notNull(),
    at: moment('at').notNull(),
    kind: text('kind').$type<ExchangeKind>().notNull(),
    correlationId: text('correlation_id').notNull(),
    requestId: text('request_id').notNull(),
    forwardedRequestId: text('forwarded_request_id'),
    fromPlatformId: text('from_platform_id'),
    toPlatformId: text('to_platform_id'),
    fromParty: text('from_party'),
    toParty: text('to_party'),
    module: text('module').notNull(),
    interfaceRole: text('interface_role').$type<InterfaceRole>(),
    method: text('method').notNull(),
    path: text('path').notNull(),
    forwardedUrl: text('forwarded_url'),
    httpStatus: integer('http_status').notNull(),
    receiverStatus: integer('receiver_status'),
    ocpiStatus: integer('ocpi_status'),
    durationMs: real('duration_ms').notNull(),
    receiverMs: real('receiver_ms'),
    requestBytes: bigint('request_bytes', { mode: 'number' }).notNull(),
    responseBytes: bigint('response_bytes', { mode: 'number' }).notNull(),
    failure: text('failure'),
    /** What failed, or what was refused, in at most 300 characters. */
    detail: text('detail'),
    /** What the hub changed in request and answer beyond tokens and request IDs, as JSON; null: nothing. */
    changes: text('changes'),
    /** The URL that was led through the hub in this exchange, or that was called by it: joins a command and its result. */
    ledId: text('led_id'),
    /** The object it is about: the first object ID of the path, of a CDR its `id`. */
    objectKey: text('object_key'),
    /** What joins a command, its session and its CDR, see `sessionRefOf`. */
    sessionRef: text('session_ref'),
    /** The caller's address, where the hub answers by itself. */
    client: text('client'),
    requestHeaders: text('request_headers').notNull(),
    responseHeaders: text('response_headers').notNull(),
    requestBody: bytea('request_body'),
    responseBody: bytea('response_body'),
  },
  (table) => [
    index('message_log_at').on(table.at, table.id),
    index('message_log_correlation_id').on(table.correlationId),
    index('message_log_led_id').on(table.ledId).where(sql`${table.ledId} is not null`),
    index('message_log_session_ref').using('brin', table.sessionRef.op(BLOOM)).with({ pages_per_range: 32 }),
    index('message_log_not_ok').on(table.at, table.id).where(NOT_OK),
    index('message_log_not_ok_from').on(table.fromPlatformId, table.at, table.id).where(NOT_OK),
    index('message_log_not_ok_to').on(table.toPlatformId, table.at, table.id).where(NOT_OK),
    index('message_log_not_ok_status').on(table.ocpiStatus, table.httpStatus, table.at, table.id).where(NOT_OK),
    // B-trees of these would cost every insert as much again as all the rest of it.
    index('message_log_platforms')
      .using('brin', table.fromPlatformId.op(BLOOM), table.toPlatformId.op(BLOOM))
      .with({ pages_per_range: 32 }),
    index('message_log_request_ids')
      .using('brin', table.requestId.op(BLOOM), table.forwardedRequestId.op(BLOOM))
      .with({ pages_per_range: 32 }),
    index('message_log_object').using('brin', table.objectKey.op(BLOOM)).with({ pages_per_range: 32 }),
  ],
)

/** The partitions of the message log, oldest first; each was closed when the next was opened. */
export const messageLogSegments = pgTable('message_log_segments', {
  segment: integer('segment').primaryKey(),
  openedAt: moment('opened_at').notNull(),
})

/** The totals that pages of a GET All are mapped through, by caller, module and filters: of each crawl, and the latest. */
export const getAllPlans = pgTable(
  'get_all_plans',
  {
    key: text('key').primaryKey(),
    id: text('id').notNull(),
    sources: json('sources').$type<readonly PlanSource[]>().notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [index('get_all_plans_expires_at').on(table.expiresAt)],
)

/** Which party traffic showed an object with. Bounded by count: the oldest go. */
export const objectOwners = pgTable(
  'object_owners',
  {
    kind: text('kind').$type<FactKind>().notNull(),
    key: text('key').notNull(),
    party: text('party').$type<PartyKey>().notNull(),
    /** When it was first learnt, and when last learnt or renewed. */
    since: moment('since').notNull().default(0),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.key, table.party] }), index('object_owners_at').on(table.at)],
)
