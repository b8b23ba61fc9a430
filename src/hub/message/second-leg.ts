import { sameBytes } from '../../ocpi/bytes.ts'
import type { Remark } from '../../ocpi/convert/conversion.ts'

/**
 * The bodies of the receiver's side of an exchange, of one that went through a conversion; those of the caller's side stand in the exchange
 * itself. Null: the body is the same on both sides, or there is none.
 */
export type SecondLeg = {
  /** What the receiver was sent. */
  readonly request: LegBody | null
  /** What it answered. */
  readonly response: LegBody | null
}

export type LegBody = {
  /** Null where it streamed, is empty or not kept. */
  readonly body: Uint8Array | null
  /** Of all of it; null where it streamed. */
  readonly bytes: number | null
  /** What was not carried as it was, each thing once. */
  readonly remarks: readonly Remark[]
}

/** Both sides alike so far. */
export const ALIKE: SecondLeg = { request: null, response: null }

/**
 * The receiver's body beside the caller's. One that conversion left as it is, as most PATCHes of a status, is not kept twice.
 *
 * @param receivers null where it streamed
 */
export function legBodyOf(
  receivers: Uint8Array | null,
  callers: Uint8Array,
  remarks: readonly Remark[],
): LegBody | null {
  if (receivers === null) return { body: null, bytes: null, remarks }
  if (remarks.length === 0 && sameBytes(receivers, callers)) return null
  return { body: receivers, bytes: receivers.length, remarks }
}
