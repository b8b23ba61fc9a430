import type { AccountChanges, Admin, ApiKey } from '../../hub/administration/accounts.ts'
import type { AuditAction, AuditFields, By } from '../../hub/administration/audit.ts'
import { changedFields } from '../../hub/administration/changed-fields.ts'
import type { Orm, Transacts } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { addAdmin, changeAdmin, findAdmin, removeAdmin } from './admins.ts'
import { addKey, changeKey, findKey, removeKey } from './api-keys.ts'
import { audited, type Watch } from './audited.ts'
import { momentText } from './moment-text.ts'

const DEADLINE_MS = 8_000

/** The administrators and their keys as somebody changes them: whatever is changed stands in the audit trail under their name. */
export function createAuditedAccounts(orm: Orm, by: By): AccountChanges {
  const admin = (action: AuditAction, id: string, also: AuditFields = {}) =>
    onAccount(orm, { by, action, kind: 'admin', id, also }, async (tx) => adminFields(await findAdmin(tx, id)))
  const key = (action: AuditAction, id: string) =>
    onAccount(orm, { by, action, kind: 'key', id, also: {} }, async (tx) => keyFields(await findKey(tx, id)))
  const changes: AccountChanges = {
    addAdmin: (added) => admin('admin.add', added.id).transaction((tx) => addAdmin(tx, added)),
    changeAdmin(id, change) {
      const also = change.passwordDigest === undefined ? {} : { password_changed: true }
      return changeAdmin(admin('admin.change', id, also), id, change)
    },
    removeAdmin: (id) => admin('admin.remove', id).transaction((tx) => removeAdmin(tx, id)),
    addKey: (added) => key('key.add', added.id).transaction((tx) => addKey(tx, added)),
    changeKey: (id, change) => changeKey(key('key.change', id), id, change),
    removeKey: (id) => key('key.remove', id).transaction((tx) => removeKey(tx, id)),
  }
  return withDeadline(changes, DEADLINE_MS)
}

/** A row only when something changed. `also` stands beside what did, of what cannot be shown. */
function onAccount(
  orm: Orm,
  on: {
    readonly by: By
    readonly action: AuditAction
    readonly kind: 'admin' | 'key'
    readonly id: string
    readonly also: AuditFields
  },
  look: Watch<AuditFields | null>['look'],
): Transacts {
  const { by, action, kind, id, also } = on
  return audited<AuditFields | null>(orm, {
    look,
    entries(was, is) {
      const changed = changedFields(was, is)
      const after = changed.after && { ...changed.after, ...also }
      if (Object.keys({ ...changed.before, ...after }).length === 0) return []
      const name = String((is ?? was)?.['name'])
      return [{ at: Date.now(), by, action, on: { kind, id, name }, platformId: null, before: changed.before, after }]
    },
  })
}

export function adminFields(admin: Admin | null): AuditFields | null {
  return (
    admin && {
      name: admin.name,
      email: admin.email,
      role: admin.role,
      may_see_bodies: admin.maySeeBodies,
      has_password: admin.hasPassword,
      disabled_at: momentText(admin.disabledAt),
    }
  )
}

function keyFields(key: ApiKey | null): AuditFields | null {
  return (
    key && {
      name: key.name,
      role: key.role,
      may_see_bodies: key.maySeeBodies,
      expires_at: momentText(key.expiresAt),
      disabled_at: momentText(key.disabledAt),
    }
  )
}
