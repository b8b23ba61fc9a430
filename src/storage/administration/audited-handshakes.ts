import type { AuditAction, AuditFields, By } from '../../hub/administration/audit.ts'
import { changedFields } from '../../hub/administration/changed-fields.ts'
import type { CheckMode } from '../../hub/check/runs/check-runs.ts'
import type { Admission, Registry } from '../../hub/network/registry.ts'
import type { NoteBound, Now } from '../../hub/ports.ts'
import type { HandshakeOutcome } from '../../hub/registration/handshake-outcome.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { endConnection, storeHandshake } from '../network/handshakes.ts'
import { appendAudit } from './audit.ts'
import { onPlatform, originOf } from './audited-registry.ts'

const DEADLINE_MS = 8_000

/** A handshake that an administrator asks for. */
export type AskedHandshake = {
  readonly verb: 'connect' | 'rotate' | 'disconnect'
  readonly platformId: string
  /** What it was asked with, without tokens. */
  readonly given: AuditFields | null
  readonly run: (registry: Registry) => Promise<HandshakeOutcome>
}

/**
 * Runs a handshake with two rows in the audit trail: that it was asked for, before the partner is called, and what it came to. What
 * it stores stands in the second, which is written with it; when it stores something and then fails, the failure is a third.
 */
export async function auditHandshake(
  ports: {
    readonly orm: Orm
    readonly now: Now
    readonly admission: Admission
    readonly connectionCheck: CheckMode
    readonly noteBound: NoteBound
    readonly registry: Registry
  },
  by: By,
  { verb, platformId, given, run }: AskedHandshake,
): Promise<HandshakeOutcome> {
  const { orm, now, admission, connectionCheck, noteBound, registry } = ports
  const onTokensEnded = () => noteBound('older-tokens')
  const platform = await registry.findPlatform(platformId)
  if (!platform) return { kind: 'unknown-platform' }
  const on = { kind: 'platform', id: platformId, name: platform.name } as const
  const ended: AuditAction = `platform.${verb}.ended`
  let isStored = false
  const stored = () => onPlatform({ orm, now }, by, ended, platformId, { outcome: 'stored' })
  const { note, ...own } = withDeadline(
    {
      note: (action: AuditAction, fields: AuditFields | null) =>
        orm.transaction((tx) =>
          appendAudit(tx, { at: now(), by, action, on, platformId, ...changedFields(null, fields) }),
        ),
      async storeHandshake(handshake: Parameters<Registry['storeHandshake']>[0]) {
        const result = await storeHandshake(
          stored(),
          { ...handshake, origin: originOf(by, handshake.origin.correlationId) },
          { admission, connectionCheck, now: now(), onTokensEnded },
        )
        isStored ||= result.kind === 'stored'
        return result
      },
      async endConnection(...[id, cause, { correlationId }]: Parameters<Registry['endConnection']>) {
        const result = await endConnection(stored(), id, cause, originOf(by, correlationId), now())
        isStored ||= result.kind === 'changed'
        return result
      },
    },
    DEADLINE_MS,
  )
  await note(`platform.${verb}`, given)
  const outcome = await run({ ...registry, ...own })
  if (outcome.kind === 'done' && isStored) return outcome
  await note(ended, { outcome: outcome.kind, ...('detail' in outcome && { detail: outcome.detail }) })
  return outcome
}
