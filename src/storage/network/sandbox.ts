import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import {
  type AssignResult,
  type AttachResult,
  type Misbehaviour,
  MOST_SANDBOX_PARTNERS,
  type NewSandboxPartner,
  SANDBOX_COUNTRY,
  SANDBOX_VERSION,
  type SandboxResult,
  type SandboxRole,
  sandboxEndpoints,
  sandboxUrl,
} from '../../hub/network/sandbox.ts'
import { keyOf } from '../../ocpi/party.ts'
import type { Transaction, Transacts } from '../database.ts'
import { change, kept, undone } from './change.ts'
import { dropEmptyParties, insertRoles, nameParties } from './parties.ts'
import { stamp, touch } from './platforms.ts'
import { credentialsTokens, parties, platforms, removedPlatforms } from './schema.ts'

const CHANGED = { kind: 'changed' } as const
const UNKNOWN = { kind: 'unknown' } as const

/** Party ids of either role: `SC1` to `SC9`, and one more. */
const PARTY_IDS: Readonly<Record<SandboxRole, string>> = { CPO: 'SC', EMSP: 'SE' }
const DIGITS = '1234567890'

/** Adds a sandbox partner as a platform that has shaken hands, without any call. Nobody sees it yet. */
export function attachPartner(orm: Transacts, partner: NewSandboxPartner, now: number): Promise<AttachResult> {
  return change<AttachResult>(orm, async (tx, revision) => {
    const { id, role, sealedToken, accessDigest } = partner
    const partyId = await freePartyId(tx, role)
    if (partyId === null) return undone({ kind: 'too-many', most: MOST_SANDBOX_PARTNERS })
    const party = { countryCode: SANDBOX_COUNTRY, partyId }
    const name = `Sandbox ${role === 'CPO' ? 'CPO' : 'eMSP'} ${partyId.slice(-1)}`
    await tx.insert(platforms).values({
      id,
      name,
      status: 'CONNECTED',
      statusCause: 'a sandbox partner',
      statusSince: now,
      firstLiveAt: now,
      version: SANDBOX_VERSION,
      versionsUrl: sandboxUrl(id, 'versions'),
      sealedToken,
      endpoints: sandboxEndpoints(id, role),
      delivery: {},
      tokenEncoding: 'base64',
      isStrictAboutTokens: true,
      sandbox: 'none',
      createdAt: now,
      revision,
    })
    await nameParties(tx, [party])
    const roles = [{ partyKey: keyOf(party), role, businessDetails: JSON.stringify({ name }) }]
    await tx.execute(insertRoles(roles, { platformId: id, state: 'ACTIVE', status: 'CONNECTED' }, { revision, now }))
    await tx
      .insert(credentialsTokens)
      .values({ digest: accessDigest, platformId: id, kind: 'access', createdAt: now, expiresAt: null })
    return kept({ kind: 'attached' })
  })
}

/** Null: there are as many as there may be. */
async function freePartyId(tx: Transaction, role: SandboxRole): Promise<string | null> {
  const attached = await tx.select({ id: platforms.id }).from(platforms).where(isNotNull(platforms.sandbox))
  if (attached.length >= MOST_SANDBOX_PARTNERS) return null
  const held = await tx
    .select({ partyId: parties.partyId })
    .from(parties)
    .where(eq(parties.countryCode, SANDBOX_COUNTRY))
  const taken = new Set(held.map(({ partyId }) => partyId))
  return [...DIGITS].map((digit) => PARTY_IDS[role] + digit).find((partyId) => !taken.has(partyId)) ?? null
}

export function setMisbehaviour(orm: Transacts, id: string, misbehaviour: Misbehaviour): Promise<SandboxResult> {
  return change<SandboxResult>(orm, async (tx, revision) => {
    const changed = await tx
      .update(platforms)
      .set({ sandbox: misbehaviour, revision })
      .where(and(eq(platforms.id, id), isNotNull(platforms.sandbox)))
      .returning({ id: platforms.id })
    return changed.length > 0 ? kept(CHANGED) : undone(UNKNOWN)
  })
}

/** All of it goes. Its roles are not remembered as departed: others never knew of them. */
export function removePartner(orm: Transacts, id: string): Promise<SandboxResult> {
  return change<SandboxResult>(orm, async (tx, revision) => {
    const [gone] = await tx
      .delete(platforms)
      .where(and(eq(platforms.id, id), isNotNull(platforms.sandbox)))
      .returning()
    if (!gone) return undone(UNKNOWN)
    await dropEmptyParties(tx)
    await tx.insert(removedPlatforms).values({ id, number: gone.number, revision })
    const triers = await tx
      .update(platforms)
      .set({ tries: sql`${platforms.tries} - ${id}::text` })
      .where(sql`${platforms.tries} ? ${id}`)
      .returning({ id: platforms.id })
    await stamp(tx, new Set(triers.map((trier) => trier.id)), revision)
    return kept(CHANGED)
  })
}

export function assignPartners(
  orm: Transacts,
  platformId: string,
  partnerIds: readonly string[],
): Promise<AssignResult> {
  return change<AssignResult>(orm, async (tx, revision) => {
    const wanted = [...new Set(partnerIds)]
    const found = await tx
      .select({ id: platforms.id })
      .from(platforms)
      .where(and(inArray(platforms.id, wanted), isNotNull(platforms.sandbox)))
    const known = new Set(found.map(({ id }) => id))
    const unknown = wanted.find((id) => !known.has(id))
    if (unknown !== undefined) return undone({ kind: 'unknown-partner', id: unknown })
    const [platform] = await tx
      .select({ id: platforms.id })
      .from(platforms)
      .where(and(eq(platforms.id, platformId), isNull(platforms.sandbox)))
    if (!platform) return undone({ kind: 'unknown-platform' })
    await touch(tx, platformId, revision, { tries: wanted })
    return kept(CHANGED)
  })
}
