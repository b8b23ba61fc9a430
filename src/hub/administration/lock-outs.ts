import { createRateLimit, type RateLimit, type TakeResult } from '../limits.ts'
import { hasPassed } from '../moments.ts'
import type { Now, Random } from '../ports.ts'
import { networkOf } from './network-of.ts'

/** Wrong passwords of one name from one address: ten at once, and one more a minute. Nobody else is shut out by them. */
const FAILURES_AT_ONCE = 10
const FAILURES_PER_SECOND = 1 / 60

/** Between two notes of one lock-out, and between two looks for what was lifted. Whoever guesses asks far more often. */
const NOTED_EVERY_MS = 5_000
const LOOK_EVERY_MS = 1_000

/** Names of attackers' choosing, each from one address: of more the earliest are noted once too often. */
const MOST_NOTED = 10_000

/** Who failed too often: a name from an address, or, where it is null, an address with whatever it brings. */
export type LockOut = {
  readonly id: string
  /** Of IPv6 the network: see `networkOf`. */
  readonly address: string
  readonly name: string | null
  /** Milliseconds since the epoch, as all moments here. */
  readonly since: number
  readonly nextTryAt: number
  /** From when on as many tries are left as for anybody, should there be no failure until then. */
  readonly endsAt: number
}

/** Lock-outs as processes tell each other of them. Each function rejects when the store is away. */
export type LockOutStore = {
  /** `since` is kept of one that lasts; one that was lifted begins anew. */
  readonly note: (lockOut: LockOut, now: number) => Promise<void>
  /** The latest first. */
  readonly list: (now: number) => Promise<readonly LockOut[]>
  /** What an administrator lifted, until it would have ended. */
  readonly lifted: (now: number) => Promise<readonly (LockOut & { readonly liftedAt: number })[]>
}

export type LockOutChanges = {
  /** False: it is over, or unknown. */
  readonly lift: (id: string, now: number) => Promise<boolean>
}

/** Failed sign-ins, by address and by name from an address, and whom they shut out for a time. */
export type LockOuts = {
  readonly mayTry: (address: string, name?: string) => Promise<boolean>
  /** Counts one. `empty`: there were too many from the address of late. */
  readonly failed: (address: string, name?: string) => Promise<TakeResult>
  readonly list: () => Promise<readonly LockOut[]>
  /** Looks at once for what was lifted; others do so within a second of the next try. */
  readonly hear: () => Promise<void>
}

type Kind = { readonly failures: RateLimit; readonly perSecond: number; readonly atOnce: number }

/**
 * Each process counts failures by itself; what it shuts out it notes for the others, and for administrators, who may lift it.
 *
 * @param perMinute failures of an address; 0 switches that limit off
 */
export function createLockOuts(ports: {
  readonly store: LockOutStore
  readonly random: Pick<Random, 'id'>
  readonly now: Now
  readonly perMinute: number
  readonly onFailed: () => void
}): LockOuts {
  const { store, random, now, perMinute, onFailed } = ports
  const kind = (perSecond: number, atOnce: number): Kind => ({
    failures: createRateLimit(perSecond, now, atOnce),
    perSecond,
    atOnce,
  })
  const addresses = kind(perMinute / 60, perMinute)
  const names = kind(FAILURES_PER_SECOND, FAILURES_AT_ONCE)
  const noted = new Map<string, number>()
  let heard = new Map<string, number>()
  let lookedAt = Number.NEGATIVE_INFINITY

  const hasRoom = (address: string, name: string | undefined) =>
    addresses.failures.hasRoom(address) && (name === undefined || names.failures.hasRoom(keyOf(address, name)))

  /** What was lifted since this process looked last. */
  async function hear(): Promise<void> {
    lookedAt = now()
    const lifted = await store.lifted(now()).catch(() => null)
    // Whoever is shut out waits on then, and what was heard of before stays so: it would be lifted anew at the next look.
    if (lifted === null) return
    for (const { id, address, name, liftedAt } of lifted) {
      if (heard.get(id) === liftedAt) continue
      if (name === null) addresses.failures.forget(address)
      else names.failures.forget(keyOf(address, name))
    }
    heard = new Map(lifted.map(({ id, liftedAt }) => [id, liftedAt]))
  }

  async function noteIfEmpty({ failures, perSecond, atOnce }: Kind, address: string, name: string | null) {
    const key = name === null ? address : keyOf(address, name)
    const at = now()
    if (failures.hasRoom(key) || !hasPassed(NOTED_EVERY_MS, noted.get(key) ?? Number.NEGATIVE_INFINITY, at)) return
    if (noted.size >= MOST_NOTED) noted.clear()
    noted.set(key, at)
    const lockOut = { id: random.id(), address, name: name?.toLowerCase() ?? null, since: at }
    const times = { nextTryAt: at + Math.ceil(1000 / perSecond), endsAt: at + Math.ceil((1000 * atOnce) / perSecond) }
    // It counts all the same; it is only not listed.
    await store.note({ ...lockOut, ...times }, at).catch(() => undefined)
  }

  return {
    async mayTry(from, name) {
      const address = networkOf(from)
      if (hasRoom(address, name)) return true
      if (!hasPassed(LOOK_EVERY_MS, lookedAt, now())) return false
      await hear()
      return hasRoom(address, name)
    },
    async failed(from, name) {
      const address = networkOf(from)
      onFailed()
      const taken = addresses.failures.take(address)
      if (name !== undefined) {
        names.failures.take(keyOf(address, name))
        await noteIfEmpty(names, address, name)
      }
      await noteIfEmpty(addresses, address, null)
      return taken
    },
    list: () => store.list(now()),
    hear,
  }
}

function keyOf(address: string, name: string): string {
  return `${address} ${name.toLowerCase()}`
}
