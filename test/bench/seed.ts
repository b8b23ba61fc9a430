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
  ['hubclientinfo', 'RECEIVER'],
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
