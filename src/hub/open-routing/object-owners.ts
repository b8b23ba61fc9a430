import type { PartyKey } from '../../ocpi/party.ts'
import { asPast, hasPassed } from '../moments.ts'
import type { After, NoteBound, Now } from '../ports.ts'
import type { FactKind } from './clues.ts'

/** What a fact says beside a party: of a contract and of a token's type the token, of an alias the id it stands for. */
export type Detail = { readonly uid: string; readonly type: string }

/** That a party owns an object, or is the one to ask about it. */
export type Fact = {
  readonly kind: FactKind
  readonly key: string
  readonly party: PartyKey
  /** @default null: nothing more, or nothing new */
  readonly detail?: Detail | null
}

/** A party that an object was seen with: when that was first learnt, and when it was last learnt or renewed. */
export type Sighting = {
  readonly party: PartyKey
  readonly since: number
  readonly at: number
  /** @default null */
  readonly detail?: Detail | null
}

/** Facts that all processes share. Every function rejects when the store is away. */
export type OwnerStore = {
  /** The parties that an object was seen with. */
  readonly find: (kind: FactKind, key: string) => Promise<readonly Sighting[]>
  /** The same of many keys at once. */
  readonly findMany: (
    kind: FactKind,
    keys: readonly string[],
  ) => Promise<readonly (Sighting & { readonly key: string })[]>
  /** Adds facts or renews them. No fact comes twice in one call. */
  readonly save: (facts: readonly Fact[], at: number) => Promise<void>
  /** Keeps the latest `most` facts; returns how many went. */
  readonly trim: (most: number) => Promise<number>
}

export type ObjectOwners = {
  /**
   * Every party that the object was ever seen with, the one that was seen with it first before the others; of a session's driver the
   * latest only. Rejects when the store is away and this process knows nothing.
   */
  readonly find: (kind: FactKind, key: string) => Promise<readonly PartyKey[]>
  /** All sightings of each key, the first before the others. Rejects when the store is away. */
  readonly findMany: (kind: FactKind, keys: readonly string[]) => Promise<ReadonlyMap<string, readonly Sighting[]>>
  /** Remembers a fact: at once in this process, within seconds in all. */
  readonly learn: (fact: Fact) => void
  /** Stores the facts that wait to be stored. */
  readonly flush: () => Promise<void>
}

/**
 * The kind of fact of which only the latest holds. A driver's key names one session of one CPO, and only the eMSP that it was
 * sent to last has it. Other keys are ids that several parties may rightly use, so that all their facts hold.
 */
const OF_THE_LATEST: FactKind = 'driver'

const SAVE_AFTER_MS = 1_000
const SAVED_AT_ONCE = 500
/** A fact that traffic shows again is renewed after this time, so that those in use are not the oldest. */
const RENEW_AFTER_MS = 6 * 3_600_000
const LONGEST_KEY = 255
/** Each is a parameter of one question, of which a database takes so many. */
const FOUND_AT_ONCE = 1_000
const TRIM_EVERY_SAVES = 100

/**
 * Which party owns which object, as learnt from traffic. Memory holds what this process learnt last, the store what all learnt;
 * both are bounded. No message waits for a fact to be stored: one that cannot be is lost.
 */
export function createObjectOwners(ports: {
  readonly store: OwnerStore
  readonly now: Now
  readonly after: After
  readonly noteBound: NoteBound
  /** Facts kept in memory. @default 20_000 */
  readonly mostRecent?: number
  /** Facts kept in the store. @default 1_000_000 */
  readonly mostStored?: number
}): ObjectOwners {
  const { store, now, after, noteBound, mostRecent = 20_000, mostStored = 1_000_000 } = ports
  const recent = new Map<string, Map<PartyKey, Sighting>>()
  /** By kind, key and party: no fact may be in one insert twice. */
  let waiting = new Map<string, Fact>()
  let isTimerSet = false
  let saves = 0

  function learn(fact: Fact): void {
    if (!isKept(fact.key)) return
    const id = idOf(fact.kind, fact.key)
    const known = recent.get(id) ?? new Map<PartyKey, Sighting>()
    if (fact.kind === OF_THE_LATEST && known.size > 0 && !known.has(fact.party)) {
      // Stored at one moment, neither would be the latest.
      for (const other of known.keys()) waiting.delete(`${id} ${other}`)
      known.clear()
    }
    const { party } = fact
    const detail = fact.detail && isKept(fact.detail.uid) && isKept(fact.detail.type) ? fact.detail : null
    const at = now()
    const before = known.get(party)
    const isNew = detail !== null && !isSame(detail, before?.detail)
    const isFresh = before !== undefined && !isNew && !hasPassed(RENEW_AFTER_MS, before.at, at)
    // Put last again: the first in the map is the one used longest ago.
    recent.delete(id)
    recent.set(id, known)
    if (isFresh) return
    known.set(party, { party, since: before?.since ?? at, at, detail: detail ?? before?.detail ?? null })
    if (recent.size > mostRecent) recent.delete(recent.keys().next().value as string)
    const place = `${id} ${party}`
    const same = waiting.get(place)
    if (!same && waiting.size >= mostRecent) return
    waiting.set(place, { ...fact, detail: detail ?? same?.detail ?? null })
    if (isTimerSet) return
    isTimerSet = true
    after(SAVE_AFTER_MS, () => {
      isTimerSet = false
      flush().catch(() => undefined)
    })
  }

  async function flush(): Promise<void> {
    const facts = [...waiting.values()]
    waiting = new Map()
    for (let i = 0; i < facts.length; i += SAVED_AT_ONCE) {
      const part = facts.slice(i, i + SAVED_AT_ONCE)
      try {
        await store.save(part, now())
      } catch (error) {
        facts.slice(i).forEach(unlearn)
        throw error
      }
      if (saves++ % TRIM_EVERY_SAVES === 0 && (await store.trim(mostStored)) > 0) noteBound('owner-facts')
    }
  }

  /** Marks a fact that could not be stored as old, so that it is stored when traffic shows it again. */
  function unlearn({ kind, key, party }: Fact): void {
    const known = recent.get(idOf(kind, key))
    const sighting = known?.get(party)
    if (sighting) known?.set(party, { ...sighting, at: Number.NEGATIVE_INFINITY })
  }

  return {
    learn,
    flush,
    async findMany(kind, keys) {
      const kept = [...new Set(keys)].filter(isKept)
      const found = new Map<string, Sighting[]>()
      for (const key of kept) {
        const known = recent.get(idOf(kind, key))
        if (known) found.set(key, [...known.values()])
      }
      for (let i = 0; i < kept.length; i += FOUND_AT_ONCE) {
        for (const { key, ...sighting } of await store.findMany(kind, kept.slice(i, i + FOUND_AT_ONCE)))
          found.set(key, [...(found.get(key) ?? []), sighting])
      }
      for (const sightings of found.values()) sightings.sort(byFirstSeen)
      return found
    },
    async find(kind, key) {
      if (!isKept(key)) return []
      const known = [...(recent.get(idOf(kind, key))?.values() ?? [])]
      try {
        return partiesOf(kind, [...known, ...(await store.find(kind, key))], now())
      } catch (error) {
        if (known.length > 0) return partiesOf(kind, known, now())
        throw error
      }
    },
  }
}

/** A party may be among the sightings twice, of memory and of the store: its first moment counts, or its last of a driver. */
function partiesOf(kind: FactKind, seen: readonly Sighting[], now: number): readonly PartyKey[] {
  const isOfLatest = kind === OF_THE_LATEST
  const sorted = seen.toSorted((a, b) =>
    isOfLatest ? compare(asPast(b.at, now), asPast(a.at, now)) : byFirstSeen(a, b),
  )
  const parties = [...new Set(sorted.map(({ party }) => party))]
  return isOfLatest ? parties.slice(0, 1) : parties
}

function byFirstSeen(a: Sighting, b: Sighting): number {
  return compare(a.since, b.since) || (a.party < b.party ? -1 : 1)
}

function isSame(a: Detail, b: Detail | null | undefined): boolean {
  return a.uid === b?.uid && a.type === b.type
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether a text is one that the database keeps, its index holds, and memory holds many of. */
export function isKept(key: string): boolean {
  return key.length <= LONGEST_KEY && !key.includes('\0')
}

function idOf(kind: FactKind, key: string): string {
  return `${kind} ${key}`
}
