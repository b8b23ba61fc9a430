import type { CheckMode } from '../../hub/check/runs/check-runs.ts'
import type { Admission, ReadTableRows, Registry } from '../../hub/network/registry.ts'
import type { NoteBound, Now } from '../../hub/ports.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { endConnection, findConnection, storeHandshake } from './handshakes.ts'
import { changeAndHold, setHeld } from './hold.ts'
import { findPlatform, listPlatforms } from './platform-records.ts'
import { createPlatform, deletePlatform, moveParty, noteSeen, setStatus } from './platforms.ts'
import { confirmRoles, freeParty, listPendingRoles, refuseRoles } from './settle-roles.ts'
import { readTableRows } from './table-rows.ts'
import {
  addHandshakeToken,
  dropHandshakeToken,
  endOlderTokens,
  noteTokenUsed,
  offerToken,
  putRegistration,
} from './tokens.ts'

/** No function of the registry takes longer, but for the whole table at the start. */
const DEADLINE_MS = 8_000
const TABLE_DEADLINE_MS = 30_000

/** Platforms, parties and tokens in the database. Each function rejects when the database is away, within seconds. */
export function createRegistry(ports: {
  readonly orm: Orm
  readonly now: Now
  readonly admission: Admission
  /** @default off */
  readonly connectionCheck?: CheckMode
  readonly noteBound: NoteBound
}): Registry {
  const { orm, now, admission, connectionCheck = 'off', noteBound } = ports
  const terms = { requiresCheck: connectionCheck === 'required' }
  const onTokensEnded = () => noteBound('older-tokens')
  const registry: Registry = {
    createPlatform: (platform) => createPlatform(orm, platform, now()),
    changePlatform: (platformId, wanted) => changeAndHold(orm, platformId, wanted, now(), terms),
    deletePlatform: (platformId) => deletePlatform(orm, platformId, admission, now()),
    findPlatform: (platformId) => findPlatform(orm, platformId, now()),
    listPlatforms: (page) => listPlatforms(orm, page, now()),
    putRegistration: (platformId, digest, expiresAt, marks) =>
      putRegistration(orm, platformId, { ...marks, digest, expiresAt }, now()),
    addHandshakeToken: (platformId, token, otherSince) =>
      addHandshakeToken(orm, platformId, token, { otherSince, now: now() }, onTokensEnded),
    dropHandshakeToken: (digest) => dropHandshakeToken(orm, digest),
    offerToken: (digest) => offerToken(orm, digest),
    noteTokenUsed: (digest, olderExpireAt) => noteTokenUsed(orm, digest, olderExpireAt, now()),
    storeHandshake: (handshake) =>
      storeHandshake(orm, handshake, { admission, connectionCheck, now: now(), onTokensEnded }),
    endConnection: (platformId, cause, origin) => endConnection(orm, platformId, cause, origin, now()),
    setStatus: (...asked) => setStatus(orm, ...asked, now()),
    setHeld: (platformId, isHeld) => setHeld(orm, platformId, isHeld, now(), terms),
    moveParty: (party, role, toPlatformId) => moveParty(orm, party, role, toPlatformId, now()),
    confirmRoles: (platformId, roles) => confirmRoles(orm, platformId, roles, now()),
    refuseRoles: (platformId, roles) => refuseRoles(orm, platformId, roles),
    listPendingRoles: (page) => listPendingRoles(orm, page),
    freeParty: (party, role) => freeParty(orm, party, role),
    endOlderTokens: (platformId, expiresAt) => endOlderTokens(orm, platformId, expiresAt, now()),
    noteSeen: (seen) => noteSeen(orm, seen, now()),
    findConnection: (platformId) => findConnection(orm, platformId),
  }
  return withDeadline(registry, DEADLINE_MS)
}

/** What routes, for the table's source. */
export function createTableReader(ports: { readonly orm: Orm; readonly now: Now }): ReadTableRows {
  const { readRows } = withDeadline(
    { readRows: (afterRevision: number | null) => readTableRows(ports.orm, afterRevision, ports.now()) },
    TABLE_DEADLINE_MS,
  )
  return readRows
}
