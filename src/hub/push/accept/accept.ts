import type { After, NoteBound } from '../../ports.ts'
import type { PushLog } from '../log/push-log.ts'
import { bytesOf, type NewPush } from '../push.ts'

export type Accepted =
  /** Durable under this number: to be answered with 1000. */
  | { readonly kind: 'accepted'; readonly number: number }
  /** Not known to be durable: to be answered with 4000. The sender may send it again. */
  | { readonly kind: 'unavailable'; readonly detail: string }

export type Broadcast = {
  /** Stores a push that was checked; settles when it is durable. Never rejects. */
  readonly accept: (push: NewPush) => Promise<Accepted>
  /** Settles once no push is on its way to the log. */
  readonly drain: () => Promise<void>
}

export type BroadcastPorts = {
  readonly log: Pick<PushLog, 'append'>
  readonly after: After
  /** Pushes are durable: they have the numbers `first`, `first + 1` and so on. Told in the order of numbers. */
  readonly onAccepted: (first: number, pushes: readonly NewPush[]) => void
  readonly onAway: (error: unknown) => void
  readonly noteBound: NoteBound
  /**
   * Milliseconds a push waits for the log at most.
   * @default 10_000
   */
  readonly timeoutMs?: number
  /**
   * Bytes of pushes that may wait for the log, a quarter of them of one sender; a push beyond them is refused at once.
   * @default 67_108_864
   */
  readonly waitingBytes?: number
}

type Waiting = { readonly push: NewPush; readonly answer: (accepted: Accepted) => void; isTimedOut: boolean }

/** What one sender may hold of the bytes that wait, so that a flood of large pushes leaves room for everybody else's. */
const SENDER_PART = 1 / 4

/** Of one insert. */
const BATCH_ROWS = 500
const BATCH_BYTES = 4_000_000

/**
 * Takes broadcast pushes into the log. One insert is on its way at a time, and the pushes that come meanwhile make the next one:
 * many senders share a commit, and a push that comes alone is stored at once. Example: push 1 comes and is inserted; 2 to 40
 * come before that is committed, and are one insert then.
 */
export function createBroadcast(ports: BroadcastPorts): Broadcast {
  const { log, after, onAccepted, onAway, noteBound } = ports
  const { timeoutMs = 10_000, waitingBytes: mostBytes = 64 * 1024 * 1024 } = ports
  let waiting: Waiting[] = []
  let waitingBytes = 0
  /** By sending platform. */
  const bytesOfSender = new Map<string, number>()
  let isStoring = false
  let storing = Promise.resolve()

  function leave(sender: string, bytes: number): void {
    const left = (bytesOfSender.get(sender) ?? 0) - bytes
    if (left > 0) bytesOfSender.set(sender, left)
    else bytesOfSender.delete(sender)
  }

  function nextBatch(): Waiting[] {
    let rows = 0
    let bytes = 0
    while (rows < waiting.length && rows < BATCH_ROWS && (rows === 0 || bytes < BATCH_BYTES)) {
      const { push } = waiting[rows] as Waiting
      const its = bytesOf(push)
      bytes += its
      leave(push.fromPlatformId, its)
      rows++
    }
    const batch = waiting.slice(0, rows)
    waiting = waiting.slice(rows)
    waitingBytes -= bytes
    return batch.filter((each) => !each.isTimedOut)
  }

  async function store(): Promise<void> {
    isStoring = true
    while (waiting.length > 0) {
      const batch = nextBatch()
      if (batch.length === 0) continue
      const pushes = batch.map((each) => each.push)
      try {
        const first = await log.append(pushes)
        for (const [index, each] of batch.entries()) each.answer({ kind: 'accepted', number: first + index })
        onAccepted(first, pushes)
      } catch (error) {
        onAway(error)
        for (const each of batch) each.answer({ kind: 'unavailable', detail: 'The push could not be stored' })
      }
    }
    // In the same step that saw nothing waiting, so that no push comes in between unnoticed.
    isStoring = false
  }

  return {
    accept(push) {
      const bytes = bytesOf(push)
      const ofSender = (bytesOfSender.get(push.fromPlatformId) ?? 0) + bytes
      if (waitingBytes + bytes > mostBytes || ofSender > mostBytes * SENDER_PART) {
        noteBound('waiting-pushes')
        return Promise.resolve({ kind: 'unavailable', detail: 'Too many pushes are waiting to be stored' })
      }
      return new Promise((resolve) => {
        const stopTimer = after(timeoutMs, () => {
          each.isTimedOut = true
          resolve({ kind: 'unavailable', detail: 'The push was not stored in time' })
        })
        const answer = (accepted: Accepted) => {
          stopTimer()
          resolve(accepted)
        }
        const each: Waiting = { push, answer, isTimedOut: false }
        waiting.push(each)
        waitingBytes += bytes
        bytesOfSender.set(push.fromPlatformId, ofSender)
        if (!isStoring) storing = store()
      })
    },
    drain: () => storing,
  }
}
