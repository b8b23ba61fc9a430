import { openDatabase } from '../../src/storage/database.ts'
import { createRegistry } from '../../src/storage/registry.ts'
import { createSecrets, digest, random } from '../../src/runtime/secrets.ts'
import type { InterfaceRole } from '../../src/ocpi/modules.ts'
import type { Role } from '../../src/ocpi/party.ts'

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

/** Party number n, `AA`…`ZZ` and three characters: enough for hundreds of thousands. */
export function partyNumber(n: number): { countryCode: string; partyId: string } {
  const letter = (value: number) => String.fromCharCode(65 + (value % 26))
  const country = Math.floor(n / 46_656)
  return {
    countryCode: letter(Math.floor(country / 26)) + letter(country),
    partyId: n.toString(36).toUpperCase().padStart(3, '0').slice(-3),
  }
}

/** Registers platforms `from` to `to`, each with one party and endpoints at `upstream`; returns their tokens. */
export async function seedPlatforms(
  databaseUrl: string,
  from: number,
  to: number,
  upstream: string,
): Promise<string[]> {
  const database = openDatabase({ url: databaseUrl, maxConnections: 4 })
  const registry = createRegistry({ orm: database.orm, now: Date.now })
  const { seal } = createSecrets(SECRET_KEY)
  const tokens: string[] = []
  for (let n = from; n < to; n++) {
    const id = `platform-${n}`
    const role: Role = n % 2 === 0 ? 'CPO' : 'EMSP'
    await registry.createPlatform({
      id,
      name: id,
      parties: [],
      delivery: {},
      tokenEncoding: 'base64',
      isStrictAboutTokens: false,
      registration: null,
    })
    const token = random.token()
    tokens.push(token)
    const stored = await registry.storeHandshake({
      platformId: id,
      version: '2.2.1',
      versionsUrl: `${upstream}/versions`,
      endpoints: MODULES.map(([identifier, side]) => ({
        identifier,
        role: side,
        url: `${upstream}/${n}/${side}/${identifier}`,
      })),
      roles: [{ ...partyNumber(n), role, businessDetails: { name: id } }],
      sealedToken: seal(random.token()),
      accessDigest: digest(token),
      consumesRegistrationDigest: null,
      olderTokensExpireAt: 'now',
    })
    if (stored.kind !== 'stored') throw new Error(`seeding ${id}: ${stored.kind}`)
  }
  await database.close()
  return tokens
}

/** As many more platforms, copies of the first in all but their names: enough to route among, written at once. */
export async function seedCopies(databaseUrl: string, from: number, to: number): Promise<void> {
  const { sql, close } = openDatabase({ url: databaseUrl, maxConnections: 1, statementTimeoutMs: 120_000 })
  await sql`
    insert into platforms (id, name, status, status_cause, status_since, version, versions_url, sealed_token, endpoints,
      delivery, token_encoding, is_strict_about_tokens, created_at, revision)
    select 'platform-' || n, name, status, status_cause, status_since, version, versions_url, sealed_token, endpoints,
      delivery, token_encoding, is_strict_about_tokens, created_at, revision
    from platforms, generate_series(${from}::int, ${to - 1}::int) n where id = 'platform-0'`
  const parties = Array.from({ length: to - from }, (_, i) => ({ n: from + i, ...partyNumber(from + i) }))
  const json = JSON.stringify(parties)
  await sql`
    insert into parties (key, country_code, party_id, platform_id)
    select "countryCode" || '*' || "partyId", "countryCode", "partyId", 'platform-' || n
    from json_to_recordset(${json}::text::json) as p (n int, "countryCode" text, "partyId" text)`
  await sql`
    insert into party_roles (party_key, role, state, status, last_updated)
    select key, 'EMSP', 'ACTIVE', 'CONNECTED', 0 from parties
    where platform_id in (select 'platform-' || n from generate_series(${from}::int, ${to - 1}::int) n)`
  await sql`
    insert into credentials_tokens (digest, platform_id, kind, created_at)
    select 'digest-' || n, 'platform-' || n, 'access', 0 from generate_series(${from}::int, ${to - 1}::int) n`
  await close()
}
