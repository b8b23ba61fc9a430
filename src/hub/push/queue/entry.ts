import { bytesOf, type Push } from '../push.ts'

/** A push on its way to one platform. */
export type Entry = {
  /** Without its body once the entry is parked: that is read again for each attempt. */
  push: Push
  readonly bytes: number
  /** Milliseconds of the queue's clock; null before the first failure. */
  firstFailedAt: number | null
  failures: number
  /**
   * `window`: in memory, whole. `parked`: without its body, behind a failure or a request that hangs. `done`: delivered, refused,
   * superseded or missed. An entry that is in flight keeps its place.
   */
  place: 'window' | 'parked' | 'done'
}

export function entryOf(push: Push): Entry {
  return { push, bytes: bytesOf(push), firstFailedAt: null, failures: 0, place: 'window' }
}
