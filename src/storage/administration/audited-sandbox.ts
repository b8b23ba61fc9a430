import type { By } from '../../hub/administration/audit.ts'
import type { SandboxChanges } from '../../hub/network/sandbox.ts'
import type { Now } from '../../hub/ports.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { assignPartners, attachPartner, removePartner, setMisbehaviour } from '../network/sandbox.ts'
import { onPlatform } from './audited-registry.ts'

const DEADLINE_MS = 8_000

/** Sandbox partners as an administrator changes them: whatever is changed stands in the audit trail under their name. */
export function createAuditedSandbox(ports: { readonly orm: Orm; readonly now: Now }, by: By): SandboxChanges {
  const { now } = ports
  const changes: SandboxChanges = {
    attach: (partner) => attachPartner(onPlatform(ports, by, 'sandbox.attach', partner.id), partner, now()),
    setMisbehaviour: (id, misbehaviour) =>
      setMisbehaviour(onPlatform(ports, by, 'sandbox.change', id), id, misbehaviour),
    remove: (id) => removePartner(onPlatform(ports, by, 'sandbox.remove', id), id),
    assign: (platformId, partnerIds) =>
      assignPartners(onPlatform(ports, by, 'sandbox.assign', platformId), platformId, partnerIds),
  }
  return withDeadline(changes, DEADLINE_MS)
}
