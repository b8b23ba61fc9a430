import { randomUUID } from 'node:crypto'
import type { Handshake, PartyRole } from '../../src/hub/network/handshake.ts'
import type { Admission, NewPlatform } from '../../src/hub/network/registry.ts'
import type { Bound } from '../../src/hub/ports.ts'
import type { Party, Role } from '../../src/ocpi/party.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createRegistry, createTableReader } from '../../src/storage/network/registry.ts'
import { OPEN_ADMISSION } from './admission.ts'
import { createTestDatabase } from './database.ts'

export const DAY_MS = 86_400_000

/** A clock that stands still until it is moved. */
export type TestClock = { at: number }

/** A registry on a database of its own, with a pool of four connections. */
export async function openTestRegistry(admission: Partial<Admission> = {}) {
  const own = await createTestDatabase()
  const database: Database = openDatabase({ url: own.url, maxConnections: 4 })
  const clock: TestClock = { at: Date.UTC(2026, 0, 1) }
  const bounds: Bound[] = []
  const ports = {
    ...{ orm: database.orm, now: () => clock.at, admission: { ...OPEN_ADMISSION, ...admission } },
    noteBound: (bound: Bound) => void bounds.push(bound),
  }
  return {
    url: own.url,
    database,
    clock,
    bounds,
    registry: createRegistry(ports),
    readRows: createTableReader(ports),
    close: async () => {
      await database.close()
      await own.drop()
    },
  }
}

/** `NL-ABC CPO` as a role. */
export function role(text: string): PartyRole {
  const [, countryCode, partyId, name] = /^(..)-(...) (\w+)$/.exec(text) as unknown as [string, string, string, Role]
  return { countryCode, partyId, role: name, businessDetails: { name: text } }
}

export function party(text: string): Party {
  const { countryCode, partyId } = role(`${text} CPO`)
  return { countryCode, partyId }
}

export function newPlatform(parts: Partial<NewPlatform> = {}): NewPlatform {
  return {
    id: randomUUID(),
    name: 'A platform',
    parties: [],
    delivery: {},
    tokenEncoding: 'base64',
    isStrictAboutTokens: false,
    registration: null,
    ...parts,
  }
}

export function handshake(platformId: string, roles: readonly string[], parts: Partial<Handshake> = {}): Handshake {
  return {
    platformId,
    version: '2.2.1',
    versionsUrl: 'https://partner.example/ocpi/versions',
    endpoints: [{ identifier: 'locations', role: 'SENDER', url: 'https://partner.example/ocpi/2.2.1/locations' }],
    roles: roles.map(role),
    sealedToken: `sealed ${randomUUID()}`,
    accessDigest: randomUUID(),
    consumesRegistrationDigest: null,
    olderTokensExpireAt: 'now',
    origin: { by: 'partner', correlationId: null },
    ...parts,
  }
}
