import { bigint, bigserial, boolean, index, integer, json, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { TokenEnd } from '../../hub/administration/token-trace.ts'
import type { EndpointOverride } from '../../hub/network/endpoint-overrides.ts'
import type { WhyPending } from '../../hub/network/registry.ts'
import type { ConnectionStatus, DeliverySettings, HostedRole } from '../../hub/network/routing-table.ts'
import type { Misbehaviour } from '../../hub/network/sandbox.ts'
import type { ConversionSettings } from '../../ocpi/convert/conversion.ts'
import type { Endpoint } from '../../ocpi/modules.ts'
import type { PartyKey, Role } from '../../ocpi/party.ts'
import { moment } from '../columns.ts'

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
    /** When it was CONNECTED for the first time; null: not yet. Of platforms that were live before this was kept, when they were added. */
    firstLiveAt: moment('first_live_at'),
    /** An administrator suspended it: no handshake of the partner lifts that. */
    isHeldSuspended: boolean('is_held_suspended').notNull().default(false),
    /** Its handshake leaves it PLANNED until an administrator releases it. */
    isHeld: boolean('is_held').notNull().default(false),
    /** Its handshake leaves it PLANNED until a connection check finds no fault but those that are waived. */
    awaitsCheck: boolean('awaits_check').notNull().default(false),
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
    /** Of how it wants messages converted, what is not the default. */
    conversion: jsonb('conversion').$type<Partial<ConversionSettings>>().notNull().default({}),
    tokenEncoding: text('token_encoding').$type<'base64' | 'raw'>().notNull(),
    isStrictAboutTokens: boolean('is_strict_about_tokens').notNull(),
    /** An administrator has it held to the specification where others are understood. */
    isStrict: boolean('is_strict').notNull().default(false),
    /** An administrator keeps its lists out of GET All, which says so. */
    isLeftOutOfGetAll: boolean('is_left_out_of_get_all').notNull().default(false),
    /** Most roles that it may have; null: as the hub's setting has it. */
    mostRoles: integer('most_roles'),
    /** Of a sandbox partner how it behaves; null: it is a real platform. */
    sandbox: text('sandbox').$type<Misbehaviour>(),
    /** Ids of the sandbox partners that it tries the hub with. */
    tries: jsonb('tries').$type<readonly string[]>().notNull().default([]),
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
  /** When the administrators were last told that it was heard. */
  toldAt: moment('told_at').notNull().default(0),
})

/**
 * Certificates that platforms showed at their hosts when the hub connected, each until another took its place. `told` counts how often
 * the administrators were told that it ends.
 */
export const platformCertificates = pgTable(
  'platform_certificates',
  {
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    host: text('host').notNull(),
    beganAt: moment('began_at').notNull(),
    endsAt: moment('ends_at').notNull(),
    seenAt: moment('seen_at').notNull(),
    told: integer('told').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.platformId, table.host, table.endsAt] }),
    index('platform_certificates_ends_at').on(table.endsAt),
  ],
)

/** When platforms were last picked for a still-alive check: whoever picks one keeps the other processes from it. */
export const platformChecks = pgTable('platform_checks', {
  platformId: text('platform_id')
    .primaryKey()
    .references(() => platforms.id, { onDelete: 'cascade' }),
  checkedAt: moment('checked_at').notNull(),
})

/** Which parties the hub's credentials told a platform last that it reaches, and when that was last done or tried. */
export const credentialsTold = pgTable('credentials_told', {
  platformId: text('platform_id')
    .primaryKey()
    .references(() => platforms.id, { onDelete: 'cascade' }),
  /** Of the names of their roles; empty: it was tried and never done. */
  digest: text('digest').notNull(),
  at: moment('at').notNull(),
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
    /** Of a registration token: the days before its end of which the administrators were told last; null: of none yet. */
    toldDays: integer('told_days'),
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

/** What sandbox partners remember: of each module of theirs the newest. */
export const sandboxObjects = pgTable(
  'sandbox_objects',
  {
    /** Order in which they were put there last. */
    number: bigserial('number', { mode: 'number' }).notNull(),
    platformId: text('platform_id')
      .notNull()
      .references(() => platforms.id, { onDelete: 'cascade' }),
    module: text('module').notNull(),
    key: text('key').notNull(),
    /** `json`, which unlike `jsonb` keeps any text a partner may send, `\u0000` included. */
    object: json('object').$type<unknown>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.platformId, table.module, table.key] }),
    index('sandbox_objects_number').on(table.platformId, table.module, table.number),
  ],
)

/** One row. A change of what routes updates it first, so that changes follow one another and revisions order as commits do. */
export const routingRevision = pgTable('routing_revision', {
  onlyRow: boolean('only_row').primaryKey().default(true),
  revision: bigint('revision', { mode: 'number' }).notNull(),
})
