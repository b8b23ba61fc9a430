import { and, eq, gt, ne } from 'drizzle-orm'
import type { AuditAction, AuditFields, By } from '../../hub/administration/audit.ts'
import { changedFields } from '../../hub/administration/changed-fields.ts'
import type { ChangeOrigin } from '../../hub/administration/events.ts'
import type { CheckMode } from '../../hub/check/runs/check-runs.ts'
import type { Admission, PlatformRecord, RegistryChanges } from '../../hub/network/registry.ts'
import type { Now } from '../../hub/ports.ts'
import type { PartyKey } from '../../ocpi/party.ts'
import type { Orm, Transaction, Transacts } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { changeAndHold, setHeld } from '../network/hold.ts'
import { findPlatform } from '../network/platform-records.ts'
import { createPlatform, deletePlatform, moveParty, setStatus } from '../network/platforms.ts'
import { departedRoles, partyRoles } from '../network/schema.ts'
import { confirmRoles, freeParty, refuseRoles } from '../network/settle-roles.ts'
import { endOlderTokens, putRegistration } from '../network/tokens.ts'
import { audited } from './audited.ts'
import { platformFields } from './platform-fields.ts'

const DEADLINE_MS = 8_000

type Ports = {
  readonly orm: Orm
  readonly now: Now
  readonly admission: Admission
  /** @default off */
  readonly connectionCheck?: CheckMode
}

/** The registry as an administrator changes it: whatever is changed stands in the audit trail under their name. */
export function createAuditedRegistry(
  { orm, now, admission, connectionCheck = 'off' }: Ports,
  by: By,
): RegistryChanges {
  const terms = { requiresCheck: connectionCheck === 'required' }
  const platform = (action: AuditAction, id: string) => onPlatform({ orm, now }, by, action, id)
  const party = (action: AuditAction, key: PartyKey, platformId: string | null) =>
    onParty({ orm, now }, by, action, { key, platformId })
  const registry: RegistryChanges = {
    createPlatform: (wanted) => createPlatform(platform('platform.create', wanted.id), wanted, now(), originOf(by)),
    changePlatform: (id, wanted) =>
      changeAndHold(orm, id, wanted, now(), terms, originOf(by), (tx, part) =>
        onPlatform({ orm: tx, now }, by, `platform.${part}`, id),
      ),
    deletePlatform: (id) => deletePlatform(platform('platform.delete', id), id, admission, now(), originOf(by)),
    putRegistration: (id, digest, expiresAt, marks) =>
      putRegistration(platform('registration.make', id), id, { ...marks, digest, expiresAt }, now()),
    setStatus(id, status, cause, from) {
      const action = status === 'SUSPENDED' ? 'platform.suspend' : 'platform.resume'
      return setStatus(platform(action, id), id, status, cause, from, originOf(by), now())
    },
    setHeld: (id, isHeld) =>
      setHeld(platform(isHeld ? 'platform.hold' : 'platform.release', id), id, isHeld, now(), terms, originOf(by)),
    moveParty: (key, role, toId) => moveParty(party('party.move', key, toId), key, role, toId, now()),
    confirmRoles: (id, roles) => confirmRoles(platform('roles.confirm', id), id, roles, now()),
    refuseRoles: (id, roles) => refuseRoles(platform('roles.refuse', id), id, roles),
    freeParty: (key, role) => freeParty(party('party.free', key, null), key, role),
    endOlderTokens: (id, expiresAt) => endOlderTokens(platform('tokens.end-older', id), id, expiresAt, now()),
  }
  return withDeadline(registry, DEADLINE_MS)
}

/** For the history of a status: whose doing it was. */
export function originOf({ author }: By, correlationId: string | null = null): ChangeOrigin {
  return { by: `admin:${author.name}`, correlationId }
}

type Clocked = { readonly orm: Transacts; readonly now: Now }

/** Watches a platform. `also` stands beside what changed of it. */
export function onPlatform(
  { orm, now }: Clocked,
  by: By,
  action: AuditAction,
  platformId: string,
  also: AuditFields = {},
): Transacts {
  return audited<PlatformRecord | null>(orm, {
    look: (tx) => findPlatform(tx, platformId, now()),
    entries(was, is) {
      const { before, after } = changedFields(was && platformFields(was), is && platformFields(is))
      const on = { kind: 'platform', id: platformId, name: (is ?? was)?.name ?? null } as const
      return [{ at: now(), by, action, on, platformId, before, after: after && { ...after, ...also } }]
    },
  })
}

/** A row only when something changed: freeing what is free changes nothing. */
function onParty(
  { orm, now }: Clocked,
  by: By,
  action: AuditAction,
  { key, platformId }: { readonly key: PartyKey; readonly platformId: string | null },
): Transacts {
  return audited<AuditFields>(orm, {
    look: (tx) => partyFields(tx, key),
    entries(was, is) {
      const { before, after } = changedFields(was, is)
      if (Object.keys({ ...before, ...after }).length === 0) return []
      return [{ at: now(), by, action, on: { kind: 'party', id: key, name: null }, platformId, before, after }]
    },
  })
}

/** Which platform has which role of a party, and which roles are kept for platforms that gave them up. */
async function partyFields(tx: Transaction, key: PartyKey): Promise<AuditFields> {
  const held = await tx
    .select({ role: partyRoles.role, platformId: partyRoles.platformId })
    .from(partyRoles)
    .where(eq(partyRoles.partyKey, key))
    .orderBy(partyRoles.role)
  const givenUp = await tx
    .select({ role: partyRoles.role })
    .from(partyRoles)
    .where(and(eq(partyRoles.partyKey, key), eq(partyRoles.state, 'GIVEN_UP'), ne(partyRoles.givenUpAt, 0)))
  const departed = await tx
    .select({ role: departedRoles.role })
    .from(departedRoles)
    .where(and(eq(departedRoles.partyKey, key), gt(departedRoles.freeAt, 0)))
  return {
    platform_ids: Object.fromEntries(held.map(({ role, platformId }) => [role, platformId])),
    roles_not_free_yet: [...new Set([...givenUp, ...departed].map(({ role }) => role))].sort(),
  }
}
