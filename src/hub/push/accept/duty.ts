import { envelopeBytes } from '../../../ocpi/envelope.ts'
import { header } from '../../../ocpi/headers.ts'
import { STATUS, SUCCESS_MESSAGE } from '../../../ocpi/status.ts'
import type { DutyRequest, DutyResult } from '../../corridor/duties.ts'
import { createRateLimit } from '../../limits.ts'
import { replyHeaders } from '../../message/message-ids.ts'
import { type Refusal, tooMany } from '../../message/refusal.ts'
import type { Now } from '../../ports.ts'
import type { Broadcast } from './accept.ts'
import { type AllowedPush, checkBroadcast } from './check.ts'

/** Takes a push; `allowed` where it was checked already, to find out whether it is one that goes to all. */
export type BroadcastDuty = (request: DutyRequest, allowed?: AllowedPush) => Promise<DutyResult>

/**
 * Seconds of the rate that a platform may use up at once, so that one that starts can push all it has: with 200 a second
 * 12,000 broadcasts as fast as it sends them, and 200 a second from then on.
 */
const BURST_S = 60

/** Its table shows it to nobody but those who try the hub with it; the log of pushes is read by all. */
const NO_SANDBOX: Refusal = { kind: 'invalid', detail: 'A sandbox partner addresses one party at a time' }

/**
 * Takes a push that is addressed to the hub [transport_and_format: Broadcast Push]. The sender has its 1000 as soon as the push
 * is durable; what becomes of it at each partner is no concern of the sender's.
 */
export function createBroadcastDuty(ports: {
  readonly accept: Broadcast['accept']
  readonly now: Now
  /** The administrator lets cdrs and sessions be broadcast. */
  readonly allowsPrivate: boolean
  /** Broadcasts of one platform per second, in the long run; 0 lets all pass. */
  readonly perSecond: number
  /** Told of each broadcast that is beyond that. */
  readonly onTooMany: (platformId: string) => void
}): BroadcastDuty {
  const { accept, now, allowsPrivate, perSecond, onTooMany } = ports
  const rate = createRateLimit(perSecond, now, perSecond * BURST_S)

  return async ({ table, caller, message, ids, from, target, readWhole }, allowed) => {
    if (caller.platform.sandbox) return { kind: 'refused', refusal: NO_SANDBOX }
    const taken = rate.take(caller.platform.id)
    if (taken.kind === 'empty') {
      onTooMany(caller.platform.id)
      return { kind: 'refused', refusal: tooMany(taken) }
    }
    const body = await readWhole()
    if (body.kind === 'refused') return body
    const { method, query, headers } = message
    const { module, rest: path } = target
    const push = { module, method, path, query, body: body.plain }
    const checked = allowed ?? checkBroadcast(caller.platform, push, allowsPrivate)
    if (checked.kind === 'refused') return { kind: 'refused', refusal: { kind: 'invalid', detail: checked.detail } }
    const { owner, senderClass, chainKey, pathKey } = checked
    const accepted = await accept({
      at: message.receivedAt,
      fromPlatformId: caller.platform.id,
      version: caller.platform.version,
      from,
      owner,
      senderClass,
      ...push,
      body: body.plain.length === 0 || method === 'DELETE' ? null : body.plain,
      contentType: header(headers, 'content-type') ?? null,
      chainKey,
      pathKey,
      correlationId: ids.correlationId,
      requestId: ids.requestId,
    })
    if (accepted.kind === 'unavailable') {
      return { kind: 'refused', refusal: { kind: 'hub-failure', detail: accepted.detail } }
    }
    return {
      kind: 'answer',
      status: 200,
      headers: ['Content-Type', 'application/json', ...replyHeaders(ids, from, table.hub)],
      body: envelopeBytes(STATUS.success, SUCCESS_MESSAGE, undefined, new Date(now()).toISOString()),
      ocpiStatus: STATUS.success,
    }
  }
}
