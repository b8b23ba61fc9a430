import type { AccountStore, AccountViews, CredentialStore, LookUp } from '../../hub/administration/accounts.ts'
import type { By } from '../../hub/administration/audit.ts'
import type { Now } from '../../hub/ports.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { settleWithin } from '../settle-within.ts'
import { findAdmin, listAdmins } from './admins.ts'
import { findKey, listKeys } from './api-keys.ts'
import { createAuditedAccounts } from './audited-accounts.ts'
import { admitProvided, endSession, findKeyRights, findPassword, findSessions, openSession } from './credentials.ts'

const DEADLINE_MS = 8_000

/** The administrators and their keys in the database. */
export function createAccountViews(orm: Orm): AccountViews {
  const store: AccountViews = {
    findAdmin: (id) => findAdmin(orm, id),
    listAdmins: () => listAdmins(orm),
    findKey: (id) => findKey(orm, id),
    listKeys: () => listKeys(orm),
  }
  return withDeadline(store, DEADLINE_MS)
}

/** The same as somebody reads and changes them. */
export function createAccountStore(orm: Orm, by: By): AccountStore {
  return { ...createAccountViews(orm), ...createAuditedAccounts(orm, by) }
}

/** By which callers are known, in the database: what is changed there holds for the next request in every process. */
export function createCredentialStore(ports: {
  readonly orm: Orm
  readonly now: Now
  readonly lookUp: LookUp
}): CredentialStore {
  const { orm, now, lookUp } = ports
  const store: CredentialStore = {
    findKeyRights: lookUp((digests) => settleWithin(DEADLINE_MS, findKeyRights(orm, digests, now()))),
    findPassword: (name) => findPassword(orm, name),
    admitProvided: (...admitted) => admitProvided(orm, ...admitted),
    openSession: (session) => openSession(orm, session),
    findSession: lookUp((digests) => settleWithin(DEADLINE_MS, findSessions(orm, digests, now()))),
    endSession: (digest) => endSession(orm, digest),
  }
  return withDeadline(store, DEADLINE_MS)
}
