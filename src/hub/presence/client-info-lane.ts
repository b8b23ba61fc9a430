import { clientInfo, clientInfoPath } from '../../ocpi/client-info.ts'
import { asPast } from '../moments.ts'
import { type CurrentTable, endpointOf, type Platform, type RoutingTable } from '../network/routing-table.ts'
import type { Now } from '../ports.ts'
import { Circuit } from '../push/attempt/circuit.ts'
import type { Push } from '../push/push.ts'
import { ChainBook } from '../push/queue/chains.ts'
import { type Entry, entryOf } from '../push/queue/entry.ts'
import type { Lane, LaneState } from '../push/queue/lane.ts'
import type { FirstLanes, FirstLaneTells } from '../push/queue/ports.ts'
import { clientInfoSince, type Mark, nextRuleMoment, roleKey, type SeenRole } from './client-info.ts'

/** Up to where each platform was told of others, kept across restarts. Rejects when the database is away. */
export type ClientInfoCursors = {
  /** The marks of these platforms; a platform that was told nothing yet is left out. */
  readonly load: (platformIds: readonly string[]) => Promise<ReadonlyMap<string, Mark>>
  readonly save: (platformId: string, mark: Mark) => Promise<void>
}

export type ClientInfoLanePorts = {
  readonly cursors: ClientInfoCursors
  readonly table: CurrentTable
  readonly now: Now
  /** Milliseconds of the queue's clock, which is never put back. */
  readonly clock: () => number
  readonly chance: () => number
  /** A new id, for correlation. */
  readonly id: () => string
}

/** Pushes of this module are the hub's own: they go to a platform, not to a party, and have no routing headers. */
const CLIENT_INFO_MODULE = 'hubclientinfo'

/** ClientInfo objects made at a time; of a longer list the rest is made when half of these are sent. */
const MOST_WAITING = 200
/** So many there is room for at every change, however many wait: of another platform than those that do, perhaps. */
const LEAST_ROOM = 20
const ENCODER = new TextEncoder()
/** A rule's moment may be months away, longer than a timer can run: the lane looks again after an hour. */
const LONGEST_SLEEP_MS = 3_600_000

/**
 * Tells one platform of others, as the first lane of its queue [mod_hub_client_info: Push model]. No change is stored: what is
 * due follows from the routing table and from the mark up to which the platform was told. So a platform that was away gets the
 * state of now, and a crash costs at most a repetition.
 *
 * unloaded   the mark is not known yet: the first `advance` loads it.
 * at rest    nothing waits; `#base` is the mark, and the lane holds little: most lanes are here most of the time.
 * telling    changes wait or are in flight, one at a time for each party; the platforms that they are of take turns, so that one
 *            with a thousand roles delays no other; a newer state supersedes one that waits. `#marks` says
 *            up to where single roles were told. When nothing waits any more `#base` follows, is saved, and `#marks` goes.
 *
 * Example: the mark is revision 40. At 41 NL*CPO goes OFFLINE, at 42 it is CONNECTED again while the first PUT still waits: one
 * PUT with CONNECTED is sent. Answered, the mark is 42 and saved; after a crash before that, it is 40, and the PUT is repeated.
 */
class ClientInfoLane implements Lane {
  readonly module = CLIENT_INFO_MODULE
  /** The state of now is of interest however long it could not be told. */
  readonly givesUp = false
  readonly #platformId: string
  readonly #ports: ClientInfoLanePorts
  readonly #tell: FirstLaneTells
  #circuit: Circuit | null = null
  /** Entries that wait or are in flight; null while there are none. */
  #book: ChainBook | null = null
  /** Up to where the platform was told of everybody; null until it is loaded. */
  #base: Mark | null
  /** By role key: later marks of roles that were told, or wait to be. */
  readonly #marks = new Map<string, Mark>()
  /** The last look at the table: nothing is due by another before the table changes or `#nextMoment` comes. */
  #looked: Mark | null = null
  #nextMoment: number | null = null
  #isLoading = false
  #isSaving = false
  #isStopped = false
  /** Whether the last look found more than there was room for. */
  #isMore = false
  #inFlight = 0
  #number = 0

  /** @param told up to where the platform was told; null to load it when it is needed */
  constructor(platformId: string, told: Mark | null, ports: ClientInfoLanePorts, tell: FirstLaneTells) {
    this.#platformId = platformId
    this.#base = told
    this.#ports = ports
    this.#tell = tell
  }

  get circuit(): Circuit {
    this.#circuit ??= new Circuit(this.#ports.chance)
    return this.#circuit
  }

  advance(at: number): void {
    this.#book?.advance(at)
    if (this.#isStopped || this.#isLoading) return
    if (this.#base) this.#look(this.#base)
    else void this.#load()
  }

  readyCount(at: number): number {
    return this.#book ? Math.min(this.#book.readyCount(), this.circuit.allowed(at, this.#inFlight)) : 0
  }

  take(): Entry | null {
    const entry = this.#book?.take() ?? null
    if (entry) this.#inFlight++
    return entry
  }

  settle(entry: Entry): void {
    this.#book?.settle(entry)
    this.#settled()
  }

  putBack(entry: Entry, dueAt: number): void {
    this.#book?.putBack(entry, dueAt)
    this.#settled()
  }

  forgetFailures(): void {
    this.#circuit?.succeeded()
    this.#book?.advance(Number.POSITIVE_INFINITY)
  }

  wakesAt(): number | null {
    const isReady = (this.#book?.readyCount() ?? 0) > 0
    const times = [this.#book?.nextDueAt() ?? null, isReady ? this.circuit.triesAt() : null]
    if (this.#nextMoment !== null) {
      const sleepMs = Math.min(this.#nextMoment - this.#ports.now(), LONGEST_SLEEP_MS)
      times.push(this.#ports.clock() + Math.max(sleepMs, 1))
    }
    return times.reduce((first, time) => (time === null ? first : Math.min(first ?? time, time)), null)
  }

  state(): LaneState {
    return { waiting: this.#waiting(), unread: 0, inFlight: this.#inFlight, oldestAt: null }
  }

  stop(): void {
    this.#isStopped = true
  }

  #waiting(): number {
    return this.#book?.waitingCount() ?? 0
  }

  async #load(): Promise<void> {
    const { cursors, table, now } = this.#ports
    this.#isLoading = true
    try {
      const told = await cursors.load([this.#platformId])
      this.#base = told.get(this.#platformId) ?? { revision: table().revision, at: now() }
    } catch (error) {
      this.#tell.onAway(error)
      return
    } finally {
      this.#isLoading = false
    }
    if (!this.#isStopped) this.#tell.toSend()
  }

  #look(since: Mark): void {
    const current = this.#ports.table()
    const now = this.#ports.now()
    // A process whose clock is a little behind tells nothing again; a clock that was put back lets rules begin and end again.
    const at = Math.max(asPast(since.at, now), now)
    const isDue = this.#nextMoment !== null && at >= this.#nextMoment
    const isKnown = this.#looked?.revision === current.revision && !isDue && asPast(this.#looked.at, now) > 0
    if (isKnown && !(this.#isMore && this.#waiting() < MOST_WAITING / 2)) return
    const platform = current.platforms.get(this.#platformId)
    if (platform?.status !== 'CONNECTED' || !isToldOfOthers(platform)) return
    // Its roles wait to be confirmed: then it is told of everybody, by whom it may talk to.
    if (platform.parties.length === 0) return
    const due = clientInfoSince(current, platform, since, (key) => this.#marks.get(key) ?? since, at)
    this.#looked = { revision: current.revision, at }
    this.#nextMoment = nextRuleMoment(current, at)
    const room = Math.max(LEAST_ROOM, MOST_WAITING - this.#waiting())
    this.#isMore = due.length > room
    for (const role of inTurns(due, room, (each) => platformOf(current, each))) this.#add(role, this.#looked)
    if (due.length > 0) this.#tell.toSave()
    this.#rest()
  }

  #add(role: SeenRole, mark: Mark): void {
    this.#marks.set(roleKey(role), mark)
    this.#book ??= new ChainBook()
    this.#book.add(entryOf(this.#pushOf(role)))
  }

  #pushOf(role: SeenRole): Push {
    const { party, key, status, lastUpdated } = role
    const { now, table, id } = this.#ports
    const info = clientInfo(party, role.role, status, lastUpdated)
    return {
      number: ++this.#number,
      at: now(),
      fromPlatformId: platformOf(table(), role),
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
      correlationId: id(),
      requestId: id(),
    }
  }

  /** Moves the mark to the last look, once nothing waits. Saved only when something was told: a mark that is behind costs nothing. */
  #rest(): void {
    if (!this.#looked || this.#isMore || this.#inFlight > 0 || this.#waiting() > 0) return
    this.#book = null
    this.#base = this.#looked
    if (this.#marks.size === 0 || this.#isSaving) return
    this.#isSaving = true
    void this.#save(this.#base)
  }

  async #save(saved: Mark): Promise<void> {
    try {
      await this.#ports.cursors.save(this.#platformId, saved)
    } catch (error) {
      this.#isSaving = false
      this.#tell.onAway(error)
      return
    }
    this.#isSaving = false
    for (const [key, mark] of this.#marks) {
      if (mark.revision <= saved.revision && mark.at <= saved.at) this.#marks.delete(key)
    }
    this.#rest()
  }

  #settled(): void {
    this.#inFlight--
    this.#rest()
  }
}

/** A lane for each platform that wants to be told. */
export function createClientInfoLanes(ports: ClientInfoLanePorts): FirstLanes {
  let told: ReadonlyMap<string, Mark> = new Map()
  const wantsIt = (platformId: string) => isToldOfOthers(ports.table().platforms.get(platformId))

  return {
    async expect(platformIds) {
      const wanted = platformIds.filter(wantsIt)
      told = wanted.length > 0 ? await ports.cursors.load(wanted) : new Map()
    },
    laneOf: (platformId, tell) =>
      wantsIt(platformId) ? new ClientInfoLane(platformId, told.get(platformId) ?? null, ports, tell) : null,
  }
}

/** The platform that has a role; empty when none has it any more. */
function platformOf(table: RoutingTable, { key, role }: SeenRole): string {
  const hosted = table.parties.get(key)?.find((party) => party.roles.some((each) => each.role === role))
  return hosted?.platformId ?? ''
}

/** The first `most` of a list, with the platforms that they are of in turns: of a1, a2, a3 and b1 the first 2 are a1 and b1. */
function inTurns<T>(list: readonly T[], most: number, platformOf: (item: T) => string): readonly T[] {
  if (list.length <= most) return list
  const lists = [...Map.groupBy(list, platformOf).values()]
  const taken: T[] = []
  for (let nth = 0; taken.length < most; nth++) {
    for (const ofOne of lists) if (taken.length < most) taken.push(...ofOne.slice(nth, nth + 1))
  }
  return taken
}

/** Whether a platform wants to be told of others: it announces the module's RECEIVER interface. */
function isToldOfOthers(platform: Platform | undefined): boolean {
  return platform !== undefined && endpointOf(platform, CLIENT_INFO_MODULE, 'RECEIVER') !== undefined
}
