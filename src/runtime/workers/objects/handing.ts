import type { After } from '../../../hub/ports.ts'
import { bytesOf, type Push } from '../../../hub/push/push.ts'

/**
 * What the Log object hands to a platform's Queue object: of the pushes beyond `after` and up to `upTo` those that are for the
 * platform. `after: 40, upTo: 47` with pushes 42 and 47: 41 and 43 to 46 are for others.
 */
export type HandOver = {
  /** Everything up to here was handed over before; null where that is not known, so that the queue has to read for itself. */
  readonly after: number | null
  readonly upTo: number
  readonly rows: readonly Push[]
  /** There may be something to do beside the pushes: the routing table has changed. */
  readonly isToLook: boolean
  /** Of the Log object's routing table: a queue whose own is older reads it anew. */
  readonly revision: number
}

/** What a Queue object says to it. `isAtRest`: it has nothing to do, and everything that was handed over before is done and saved. */
export type Taken = { readonly isAtRest: boolean }

export type HandingPorts = {
  readonly hand: (platformId: string, handOver: HandOver) => Promise<Taken>
  readonly revision: () => number
  readonly after: After
  /** Something is to be handed over, or everything was: the mark has moved. */
  readonly onMoved: () => void
}

/** Hand-overs to one platform while its queue is busy: what comes meanwhile goes together. */
const BUSY_EVERY_MS = 250
/** Queues that are to look are told so many at a time. */
const LOOKS_AT_ONCE = 5
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 10_000
/** Of pushes for one platform that wait: beyond, its queue reads them from the log. A call may hold 32 MB. */
const MOST_BYTES = 4_000_000

type Target = {
  /** Everything up to here was handed over; null: the queue is to read for itself. */
  handedTo: number | null
  /** How often it came to be that its queue is to read for itself: a hand-over that was under way meanwhile does not tell it the last. */
  distrusts: number
  /** The last number that was handed to it as a push: its queue is done with everything once its cursor is there. */
  lastPush: number
  /** Whether its queue was ever found at rest, or everything of it was handed over by this object. */
  isKnown: boolean
  pending: Push[]
  bytes: number
  isToLook: boolean
  isBusy: boolean
  /** Before this number nothing is waiting to be handed over. */
  openFrom: number
}

/** Hands what was accepted to the queues it is for: the first at once, then at most one call per queue and 250 ms. */
export type Handing = {
  /** Pushes up to this number are durable; `receivers` names the platforms of each. */
  readonly add: (pushes: readonly Push[], receivers: (push: Push) => Iterable<string>) => void
  /** Has queues look for something beside pushes. */
  readonly look: (platformIds: Iterable<string>) => void
  /** Has queues read for themselves: what was handed over may not be all that is for them. */
  readonly readAnew: (platformIds: Iterable<string>) => void
  /** Nothing is known of these queues any more: each reads for itself when it is handed something next, or asked. */
  readonly distrust: (platformIds: Iterable<string>) => void
  /** Asks queues how they stand; one that was to read for itself and has not, does so. */
  readonly ask: (platformIds: Iterable<string>) => void
  /** Everything up to here was handed over. */
  readonly mark: () => number
  /** The last number that was fanned out. */
  readonly end: () => number
  /** Queues that are known to be done with all that was handed over, once their cursors have reached `least`. */
  readonly rested: (isOwn: (platformId: string) => boolean) => { readonly platformId: string; readonly least: number }[]
}

/** @param start everything up to this number was handed over before */
export function createHanding(ports: HandingPorts, start: number): Handing {
  const { hand, after, revision, onMoved } = ports
  const targets = new Map<string, Target>()
  const open = new Set<Target>()
  let end = start
  /** Each once, however often the table changes: what came first is asked first. */
  const looking = new Set<string>()
  let looks = 0

  function targetOf(platformId: string): Target {
    let target = targets.get(platformId)
    if (!target) {
      target = {
        handedTo: start,
        distrusts: 0,
        lastPush: 0,
        isKnown: false,
        pending: [],
        bytes: 0,
        isToLook: false,
        isBusy: false,
        openFrom: start,
      }
      targets.set(platformId, target)
    }
    return target
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => void after(ms, resolve))
  }

  function begin(platformId: string, target: Target): Promise<void> {
    if (target.isBusy) return Promise.resolve()
    target.isBusy = true
    target.openFrom = Math.min(target.pending[0]?.number ?? end + 1, end + 1) - 1
    open.add(target)
    // Behind everything of this moment, so that many pushes make one call.
    return Promise.resolve().then(() => run(platformId, target))
  }

  /** @param onTried called with each attempt, whatever came of it */
  async function run(platformId: string, target: Target, onTried: () => void = () => undefined): Promise<void> {
    let failures = 0
    do {
      const rows = target.pending
      const { handedTo, distrusts, isToLook } = target
      const upTo = end
      target.pending = []
      target.bytes = 0
      target.isToLook = false
      try {
        const { isAtRest } = await hand(platformId, { after: handedTo, upTo, rows, isToLook, revision: revision() })
        failures = 0
        // To read for itself since, it still has to.
        if (target.distrusts === distrusts) {
          target.handedTo = upTo
          if (isAtRest) target.isKnown = true
        }
        target.openFrom = upTo
      } catch {
        target.isToLook ||= isToLook
        keep(target, [...rows, ...target.pending])
        onTried()
        await pause(Math.min(FIRST_RETRY_MS * 2 ** failures++, LAST_RETRY_MS))
        continue
      }
      onMoved()
      onTried()
      await pause(BUSY_EVERY_MS)
    } while (hasMore(target))
    // In the same step that saw nothing to hand over.
    target.isBusy = false
    open.delete(target)
    onMoved()
  }

  function hasMore({ pending, isToLook, handedTo }: Target): boolean {
    return pending.length > 0 || isToLook || handedTo === null
  }

  function keep(target: Target, rows: readonly Push[]): void {
    target.pending = [...rows]
    target.bytes = rows.reduce((sum, push) => sum + bytesOf(push), 0)
    if (target.bytes <= MOST_BYTES) return
    target.pending = []
    target.bytes = 0
    distrustOne(target)
  }

  function distrustOne(target: Target): void {
    target.handedTo = null
    target.isKnown = false
    target.distrusts++
  }

  /**
   * Some at a time: a change of the table may concern thousands of queues. One that cannot be reached, or has more to be handed
   * over, goes on by itself and keeps nobody waiting.
   */
  async function lookOn(): Promise<void> {
    looks++
    for (const platformId of looking) {
      looking.delete(platformId)
      const target = targetOf(platformId)
      if (target.isBusy) continue
      target.isBusy = true
      open.add(target)
      target.openFrom = end
      await new Promise<void>((resolve) => void run(platformId, target, resolve))
    }
    looks--
  }

  function lookAt(platformIds: Iterable<string>): void {
    for (const platformId of platformIds) looking.add(platformId)
    while (looks < LOOKS_AT_ONCE && looking.size > 0) void lookOn()
  }

  function distrust(platformIds: Iterable<string>): void {
    for (const platformId of platformIds) distrustOne(targetOf(platformId))
  }

  return {
    add(pushes, receivers) {
      for (const push of pushes) {
        for (const platformId of receivers(push)) {
          const target = targetOf(platformId)
          target.pending.push(push)
          target.bytes += bytesOf(push)
          target.lastPush = push.number
          if (target.bytes > MOST_BYTES) keep(target, target.pending)
          void begin(platformId, target)
        }
        end = push.number
      }
      onMoved()
    },
    look(platformIds) {
      const ids = [...platformIds]
      for (const platformId of ids) targetOf(platformId).isToLook = true
      lookAt(ids)
    },
    readAnew(platformIds) {
      const ids = [...platformIds]
      distrust(ids)
      lookAt(ids)
    },
    distrust,
    ask: lookAt,
    mark() {
      let mark = end
      for (const { openFrom } of open) mark = Math.min(mark, openFrom)
      return mark
    },
    end: () => end,
    rested: (isOwn) =>
      [...targets].flatMap(([platformId, { isKnown, lastPush, isBusy }]) =>
        isKnown && !isBusy && isOwn(platformId) ? [{ platformId, least: lastPush }] : [],
      ),
  }
}
