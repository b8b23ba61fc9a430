import type { AccountStore, CredentialStore, LookUp } from '../../hub/administration/accounts.ts'
import type { Now } from '../../hub/ports.ts'
import type { Orm } from '../database.ts'
import { settleWithin, withDeadline } from '../deadline.ts'
import { addAdmin, changeAdmin, findAdmin, listAdmins, removeAdmin } from './admins.ts'
import { addKey, changeKey, findKey, listKeys, removeKey } from './api-keys.ts'
import { admitProvided, endSession, findKeyRights, findPassword, findSessions, openSession } from './credentials.ts'

const DEADLINE_MS = 8_000

/** The administrators and their keys in the database. */
export function createAccountStore(orm: Orm): AccountStore {
  const store: AccountStore = {
    addAdmin: (admin) => addAdmin(orm, admin),
    changeAdmin: (id, change) => changeAdmin(orm, id, change),
    removeAdmin: (id) => removeAdmin(orm, id),
    findAdmin: (id) => findAdmin(orm, id),
    listAdmins: () => listAdmins(orm),
    addKey: (key) => addKey(orm, key),
    changeKey: (id, change) => changeKey(orm, id, change),
    removeKey: (id) => removeKey(orm, id),
    findKey: (id) => findKey(orm, id),
    listKeys: () => listKeys(orm),
  }
  return withDeadline(store, DEADLINE_MS)
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
    admitProvided: (admin, newId, at) => admitProvided(orm, admin, newId, at),
    openSession: (session) => openSession(orm, session),
    findSession: lookUp((digests) => settleWithin(DEADLINE_MS, findSessions(orm, digests, now()))),
    endSession: (digest) => endSession(orm, digest),
  }
  return withDeadline(store, DEADLINE_MS)
}
