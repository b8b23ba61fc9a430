import { hasPassed } from './moments.ts'
import type { Now } from './ports.ts'

/** Takes one from an allowance; otherwise says how many whole seconds to wait. */
export type TakeResult = { readonly kind: 'taken' } | { readonly kind: 'empty'; readonly retryAfterSeconds: number }

/** Requests of one platform that the hub makes many of, by platform. */
export type FanOuts = Pick<RateLimit, 'take'>

export type RateLimit = {
  readonly take: (key: string) => TakeResult
  /** Whether one could be taken now. Takes nothing. */
  readonly hasRoom: (key: string) => boolean
  /** As if nothing was ever taken. */
  readonly forget: (key: string) => void
}

const TAKEN: TakeResult = { kind: 'taken' }

/**
 * A token bucket per key that holds one second's worth and refills steadily. Buckets that are full again are forgotten, so
 * memory follows the keys of the last second.
 *
 * @param perSecond 0 switches the limit off
 */
export function createRateLimit(perSecond: number, now: Now, burst = perSecond): RateLimit {
  if (perSecond === 0) return { take: () => TAKEN, hasRoom: () => true, forget: () => undefined }
  const buckets = new Map<string, { left: number; at: number }>()
  let sweptAt = now()
  const refillMs = (burst / perSecond) * 1000
  // A clock that is put back gives nothing, but takes nothing either: the bucket refills from then on.
  const refill = (bucket: { left: number; at: number }, at: number) => {
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, at - bucket.at) / 1000) * perSecond)
    bucket.at = at
  }
  return {
    hasRoom(key) {
      const bucket = buckets.get(key)
      if (bucket) refill(bucket, now())
      return !bucket || bucket.left >= 1
    },
    forget: (key) => void buckets.delete(key),
    take(key) {
      const at = now()
      if (hasPassed(refillMs, sweptAt, at)) {
        for (const [other, bucket] of buckets) {
          if (at - bucket.at > refillMs) buckets.delete(other)
          else if (bucket.at > at) bucket.at = at
        }
        sweptAt = at
      }
      let bucket = buckets.get(key)
      if (!bucket) buckets.set(key, (bucket = { left: burst, at }))
      refill(bucket, at)
      if (bucket.left >= 1) {
        bucket.left -= 1
        return TAKEN
      }
      return { kind: 'empty', retryAfterSeconds: Math.max(1, Math.ceil((1 - bucket.left) / perSecond)) }
    },
  }
}

/** At most `most` at once per key. `enter` says whether there was room; whoever entered must leave once. */
export function createGate(most: number): {
  enter: (key: string) => boolean
  leave: (key: string) => void
  inside: (key: string) => number
} {
  const inside = new Map<string, number>()
  return {
    enter(key) {
      const count = inside.get(key) ?? 0
      if (count >= most) return false
      inside.set(key, count + 1)
      return true
    },
    leave(key) {
      const count = inside.get(key) ?? 0
      if (count <= 1) inside.delete(key)
      else inside.set(key, count - 1)
    },
    inside: (key) => inside.get(key) ?? 0,
  }
}

/** Room of which callers take parts and give them back. */
export type Room = {
  /** False, and nothing taken, where it is more than is free or than one caller may have. */
  readonly take: (caller: string, amount: number) => boolean
  /** Of what was taken. */
  readonly give: (caller: string, amount: number) => void
}

/** A caller takes more only while it holds less than this many times what is free. */
const HELD_PER_FREE = 3

/**
 * Room for `most` that nobody can take up alone: a caller gets on while it holds less than three times what is free. Of 64 one caller
 * alone gets 48, a second one beside it 12, a third one 3; whoever comes new finds something.
 */
export function createRoom(most: number): Room {
  const held = new Map<string, number>()
  let free = most
  return {
    take(caller, amount) {
      const own = held.get(caller) ?? 0
      if (amount > free || own >= HELD_PER_FREE * free) return false
      held.set(caller, own + amount)
      free -= amount
      return true
    },
    give(caller, amount) {
      const own = held.get(caller) ?? 0
      if (own <= amount) held.delete(caller)
      else held.set(caller, own - amount)
      free += Math.min(own, amount)
    },
  }
}

/** Places for requests at each receiver, shared by callers as in `createRoom`. Who entered leaves once. */
export type Places = {
  readonly enter: (receiver: string, caller: string) => boolean
  readonly leave: (receiver: string, caller: string) => void
}

/** @param most at one receiver */
export function createPlaces(most: number): Places {
  // One stays for each platform that was ever called: making them anew would cost every message.
  const rooms = new Map<string, Room>()
  return {
    enter(receiver, caller) {
      let room = rooms.get(receiver)
      if (!room) rooms.set(receiver, (room = createRoom(most)))
      return room.take(caller, 1)
    },
    leave(receiver, caller) {
      rooms.get(receiver)?.give(caller, 1)
    },
  }
}
