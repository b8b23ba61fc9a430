import { index, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { PlanSource } from '../hub/get-all/plan.ts'
import type { StoredUrl } from '../hub/network/registry.ts'
import type { FactKind } from '../hub/open-routing/clues.ts'
import type { InterfaceRole } from '../ocpi/modules.ts'
import type { PartyKey } from '../ocpi/party.ts'
import { moment } from './columns.ts'

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
    /** Of a contract and of a token's type the token's; of an alias the id that it stands for, and no type. */
    uid: text('uid'),
    type: text('type'),
  },
  (table) => [primaryKey({ columns: [table.kind, table.key, table.party] }), index('object_owners_at').on(table.at)],
)
