import { clientInfo, clientInfoPath } from '../../ocpi/client-info.ts'
import { clientInfoSince, type Mark, nextRuleMoment, roleKey, type SeenRole } from './client-info.ts'
import { createCircuit } from '../push/partner-queue-circuit.ts'
import type { Lane, LaneEntry } from '../push/partner-queue-lane.ts'
import type { Now } from '../ports.ts'
import { bytesOf, type Push } from '../push/push.ts'
import { createChainBook } from '../push/chains.ts'
import { endpointOf, type CurrentTable, type Platform } from '../routing-table.ts'

/** Up to where each platform was told of changes, kept across restarts. */
export type ClientInfoCursors = {
  /** Null when nothing was kept. */
  readonly load: (platformId: string) => Promise<Mark | null>
  readonly save: (platformId: string, mark: Mark) => Promise<void>
}

export type ClientInfoLanePorts = {
  readonly cursors: ClientInfoCursors
  readonly table: CurrentTable
  readonly now: Now
  /** Milliseconds of the queue's clock, which is never put back. */
  readonly clock: () => number
  readonly chance: () => number
  /** An id for correlation. */
  readonly id: () => string
  /** There is something to send. */
  readonly onChange: () => void
  readonly onAway: (error: unknown) => void
}

/** The module whose pushes are the hub's own: to the platform itself, without routing headers. */
const CLIENT_INFO_MODULE = 'hubclientinfo'

/** Of a long list so many are made at a time. */
const MOST_WAITING = 200
const ENCODER = new TextEncoder()
const LONGEST_SLEEP_MS = 3_600_000

/**
 * What a platform must be told of others, as a lane of its queue [mod_hub_client_info: Push model]. Nothing is stored per
 * change: what is due follows from how things are and from what the platform was told last, so a platform that was away gets
 * the state of now, and a crash costs at most a repetition. One ClientInfo of a party is under way at a time; a newer state
 * replaces one that waits.
 */
export function createClientInfoLane(platformId: string, ports: ClientInfoLanePorts): Lane {
  const { cursors, table, now, clock, chance } = ports
  const book = createChainBook<LaneEntry>()
  const circuit = createCircuit(chance)
  /** Everything is told up to here. */
  let base: Mark | null = null
  /** Later marks of roles that were told or wait to be. */
  const marks = new Map<string, Mark>()
  /** What was looked at last: nothing new is due before the table changes or a rule's moment comes. */
  let looked: Mark | null = null
  let nextMoment: number | null = null
  let isLoading = false
  let isSaving = false
  let isStopped = false
  let isMore = false
  let inFlight = 0
  let number = 0

  function pull(): void {
    if (isStopped || isLoading) return
    if (base) look(base)
    else void load()
  }

  async function load(): Promise<void> {
    isLoading = true
    try {
      base = (await cursors.load(platformId)) ?? { revision: table().revision, at: now() }
    } catch (error) {
      ports.onAway(error)
      return
    } finally {
      isLoading = false
    }
    if (!isStopped) ports.onChange()
  }

  function look(since: Mark): void {
    const current = table()
    const at = Math.max(now(), since.at)
    const isKnown = looked?.revision === current.revision && (nextMoment === null || at < nextMoment)
    if (isKnown && !(isMore && book.waitingCount() < MOST_WAITING / 2)) return
    const platform = current.platforms.get(platformId)
    if (platform?.status !== 'CONNECTED' || !isToldOfOthers(platform)) return
    const due = clientInfoSince(current, platform, since, (key) => marks.get(key) ?? since, at)
    looked = { revision: current.revision, at }
    nextMoment = nextRuleMoment(current, at)
    const room = Math.max(0, MOST_WAITING - book.waitingCount())
    isMore = due.length > room
    for (const role of due.slice(0, room)) add(role, looked)
    rest()
  }

  function add(role: SeenRole, mark: Mark): void {
    marks.set(roleKey(role), mark)
    const push = pushOf(role)
    book.add({
      number: ++number,
      chainKey: push.chainKey,
      pathKey: push.pathKey,
      replaces: true,
      module: CLIENT_INFO_MODULE,
      method: push.method,
      path: push.path,
      at: push.at,
      push,
      bytes: bytesOf(push),
      firstFailedAt: null,
      failures: 0,
      isDone: false,
      isParked: false,
    })
  }

  function pushOf(role: SeenRole): Push {
    const { party, key, status, lastUpdated } = role
    const info = clientInfo(party, role.role, status, lastUpdated)
    return {
      number,
      at: now(),
      fromPlatformId: '',
      from: table().hub,
      owner: party,
      senderClass: 'OTHER',
      module: CLIENT_INFO_MODULE,
      method: 'PUT',
      path: clientInfoPath(party),
      query: '',
      body: ENCODER.encode(JSON.stringify(info)),
      contentType: 'application/json',
      chainKey: key,
      pathKey: roleKey(role),
      correlationId: ports.id(),
      requestId: ports.id(),
    }
  }

  /** Nothing waits: all up to the last look is told. Worth saving only when something was. */
  function rest(): void {
    if (!looked || isMore || inFlight > 0 || book.waitingCount() > 0) return
    base = looked
    if (marks.size === 0 || isSaving) return
    isSaving = true
    const saved = base
    cursors
      .save(platformId, saved)
      .then(() => {
        isSaving = false
        for (const [key, mark] of marks) if (mark.revision <= saved.revision && mark.at <= saved.at) marks.delete(key)
        rest()
      })
      .catch((error: unknown) => {
        isSaving = false
        ports.onAway(error)
      })
  }

  function settled(): void {
    inFlight--
    rest()
  }

  return {
    module: CLIENT_INFO_MODULE,
    circuit,
    resume() {},
    offer: () => true,
    pull,
    takeable: (at) => Math.min(book.readyCount(), circuit.room(at, inFlight)),
    take() {
      const entry = book.take()
      if (entry) inFlight++
      return entry
    },
    release: (at) => book.release(at),
    settle(entry) {
      book.settle(entry)
      settled()
    },
    retry(entry, dueAt) {
      book.putBack(entry, dueAt)
      settled()
    },
    untake(entry) {
      book.putBack(entry, 0)
      settled()
    },
    // What was true stays true: it is told when the platform can be told.
    discard() {},
    wakesAt() {
      const sleepMs = nextMoment === null ? LONGEST_SLEEP_MS : Math.min(nextMoment - now(), LONGEST_SLEEP_MS)
      const times = [book.nextDueAt(), book.readyCount() > 0 ? circuit.triesAt() : null]
      if (nextMoment !== null) times.push(clock() + Math.max(sleepMs, 1))
      return times.reduce((first, time) => (time === null ? first : Math.min(first ?? time, time)), null)
    },
    // No part of the push log.
    readTo: () => Number.POSITIVE_INFINITY,
    cursor: () => null,
    state() {
      return { waiting: book.waitingCount(), inFlight, oldestAt: null }
    },
    stop() {
      isStopped = true
    },
  }
}

/** Whether a platform wants to be told, now or once it is there. */
export function isToldOfOthers(platform: Platform | undefined): boolean {
  return platform !== undefined && endpointOf(platform, CLIENT_INFO_MODULE, 'RECEIVER') !== undefined
}
