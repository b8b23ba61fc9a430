import type { DeliverySettings } from '../../src/hub/network/routing-table.ts'
import type { InterfaceRole } from '../../src/ocpi/modules.ts'
import type { Role } from '../../src/ocpi/party.ts'
import { createSecrets, digest, random } from '../../src/runtime/shared/secrets.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { createRegistry } from '../../src/storage/network/registry.ts'
import { OPEN_ADMISSION } from '../support/admission.ts'
import { partyNumber, platformId } from './party-number.ts'

const SECRET_KEY = Buffer.alloc(32, 9)
export const SECRET_KEY_TEXT = SECRET_KEY.toString('base64')

const MODULES: readonly (readonly [string, InterfaceRole])[] = [
  ['locations', 'SENDER'],
  ['tariffs', 'SENDER'],
  ['sessions', 'SENDER'],
  ['cdrs', 'SENDER'],
  ['tokens', 'RECEIVER'],
  ['commands', 'RECEIVER'],
  ['locations', 'RECEIVER'],
  ['sessions', 'RECEIVER'],
]

/** A platform with one party, whose endpoints are at `origin`, below its number. */
export type Seed = {
  readonly n: number
  readonly role: Role
  readonly origin: string
  readonly modules?: readonly (readonly [string, InterfaceRole])[]
  readonly delivery?: Partial<DeliverySettings>
}

/** Registers platforms `from` to `to`, CPOs and eMSPs in turn, with endpoints at `upstream`; returns their tokens. */
export function seedPlatforms(databaseUrl: string, from: number, to: number, upstream: string): Promise<string[]> {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i)
  return seedEach(
    databaseUrl,
    numbers.map((n) => ({ n, role: n % 2 === 0 ? 'CPO' : 'EMSP', origin: upstream })),
  )
}

/** Registers platforms; returns their tokens in the same order. */
export async function seedEach(databaseUrl: string, seeds: readonly Seed[]): Promise<string[]> {
  const database = openDatabase({ url: databaseUrl, maxConnections: 4 })
  const registry = createRegistry({ orm: database.orm, now: Date.now, admission: OPEN_ADMISSION, noteBound: () => {} })
  const { seal } = createSecrets({ current: SECRET_KEY, previous: null })
  const tokens: string[] = []
  for (const { n, role, origin, modules = MODULES, delivery = {} } of seeds) {
    const id = platformId(n)
    await registry.createPlatform({
      id,
      name: id,
      parties: [],
      delivery,
      tokenEncoding: 'base64',
      isStrictAboutTokens: false,
      registration: null,
    })
    const token = random.token()
    tokens.push(token)
    const stored = await registry.storeHandshake({
      platformId: id,
      version: '2.2.1',
      versionsUrl: `${origin}/versions`,
      endpoints: modules.map(([identifier, side]) => ({
        identifier,
        role: side,
        url: `${origin}/${n}/${side}/${identifier}`,
      })),
      roles: [{ ...partyNumber(n), role, businessDetails: { name: id } }],
      sealedToken: seal(random.token()),
      accessDigest: digest(token),
      consumesRegistrationDigest: null,
      olderTokensExpireAt: 'now',
      origin: { by: 'partner', correlationId: null },
    })
    if (stored.kind !== 'stored') throw new Error(`seeding ${id}: ${stored.kind}`)
  }
  await database.close()
  return tokens
}

/**
 * As many more eMSPs, copies of one platform in all but their names, written at once.
 *
 * @param of the platform they are made after, and where each of them is; at the same place as that one by default
 */
export async function seedCopies(
  databaseUrl: string,
  from: number,
  to: number,
  of: { readonly n: number; readonly origin: string; readonly originOf: (n: number) => string } | null = null,
): Promise<void> {
  const { sql, close } = openDatabase({ url: databaseUrl, maxConnections: 1, statementTimeoutMs: 120_000 })
  const copies = Array.from({ length: to - from }, (_, i) => {
    const n = from + i
    return { id: platformId(n), ...partyNumber(n), place: of && `${of.originOf(n)}/${n}/` }
  })
  const copy = sql`json_to_recordset(${JSON.stringify(copies)}::text::json) as copy (
    id text, "countryCode" text, "partyId" text, place text)`
  await sql`
    insert into platforms (id, name, status, status_cause, status_since, version, versions_url, sealed_token, endpoints,
      delivery, token_encoding, is_strict_about_tokens, created_at, revision)
    select copy.id, copy.id, status, status_cause, status_since, version, versions_url, sealed_token,
      case when place is null then endpoints else replace(endpoints::text, ${`${of?.origin}/${of?.n}/`}, place)::jsonb end,
      delivery, token_encoding, is_strict_about_tokens, created_at, revision
    from platforms, ${copy} where platforms.id = ${platformId(of?.n ?? 0)}`
  await sql`
    insert into parties (key, country_code, party_id)
    select "countryCode" || '*' || "partyId", "countryCode", "partyId" from ${copy}`
  await sql`
    insert into party_roles (party_key, role, platform_id, state, status, last_updated)
    select "countryCode" || '*' || "partyId", 'EMSP', id, 'ACTIVE', 'CONNECTED', 0 from ${copy}`
  await sql`
    insert into credentials_tokens (digest, platform_id, kind, created_at)
    select 'digest-' || id, id, 'access', 0 from ${copy}`
  await close()
}
