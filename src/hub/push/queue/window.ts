import type { ReadLimits } from '../log/push-log.ts'
import type { ChainBook } from './chains.ts'
import type { Entry } from './entry.ts'
import { Share } from './share.ts'

/** The most that a window holds. */
const MOST: ReadLimits = { pushes: 1_000, bytes: 1_000_000 }
/** The most of one sender: what hangs of it leaves room for others. */
const MOST_OF_ONE: ReadLimits = { pushes: 750, bytes: 750_000 }
/** So much of each sender there is room for, however full the window is of others. */
const LEAST_OF_ONE: ReadLimits = { pushes: 8, bytes: 20_000 }
/**
 * Where reading on takes time, a sender with this part of what could be sent of all that are not left behind is left behind too, so
 * that the lane reads on for the others.
 */
const LARGE_PART = 1 / 4

/** How far a lane is: everything up to `watermark`, of the senders named in `behind` up to a lower number. */
export type Position = { readonly watermark: number; readonly behind: ReadonlyMap<string, number> }

/** Entries that a lane has read and that are not done, whole; by sender, each with a share of the room. What is parked is not in it. */
export class LaneWindow {
  readonly #book: ChainBook
  /** By the id of the sending platform. Idle ones stay until `tidy`. */
  readonly #shares = new Map<string, Share>()
  #entries = 0
  #bytes = 0
  #touchedTo: number

  constructor(book: ChainBook, touchedTo: number) {
    this.#book = book
    this.#touchedTo = touchedTo
  }

  hasRoom(): boolean {
    return this.#entries < MOST.pushes && this.#bytes < MOST.bytes
  }

  /** How much more may be read, of all senders together: a little always, for a sender of which there is nothing here. */
  room(): ReadLimits {
    return {
      pushes: Math.max(LEAST_OF_ONE.pushes, MOST.pushes - this.#entries),
      bytes: Math.max(LEAST_OF_ONE.bytes, MOST.bytes - this.#bytes),
    }
  }

  /** Whether it holds so little that there is room for more of every sender. */
  isRoomy(): boolean {
    return this.#entries < MOST_OF_ONE.pushes && this.#bytes < MOST_OF_ONE.bytes
  }

  hasRoomFor({ entries, bytes }: Share): boolean {
    if (this.isRoomy()) return true
    const hasPlaces = entries < LEAST_OF_ONE.pushes || (this.#entries < MOST.pushes && entries < MOST_OF_ONE.pushes)
    return hasPlaces && (bytes < LEAST_OF_ONE.bytes || (this.#bytes < MOST.bytes && bytes < MOST_OF_ONE.bytes))
  }

  /** How much more may be read of one sender. */
  roomFor({ entries, bytes }: Share): ReadLimits {
    return {
      pushes: Math.max(
        LEAST_OF_ONE.pushes - entries,
        Math.min(MOST.pushes - this.#entries, MOST_OF_ONE.pushes - entries),
      ),
      bytes: Math.max(LEAST_OF_ONE.bytes - bytes, Math.min(MOST.bytes - this.#bytes, MOST_OF_ONE.bytes - bytes)),
    }
  }

  isEmpty(): boolean {
    return this.#entries === 0
  }

  /** What is, or was lately, here of each sender, and of each that is left behind. */
  shares(): Iterable<Share> {
    return this.#shares.values()
  }

  shareOf(sender: string): Share {
    let share = this.#shares.get(sender)
    if (!share) this.#shares.set(sender, (share = new Share(sender, this.#book.lineOf(sender))))
    return share
  }

  isAnyBehind(): boolean {
    for (const share of this.#shares.values()) if (share.isBehind) return true
    return false
  }

  /** The ids of the senders that are left behind, in alphabetical order. */
  sendersBehind(): string[] {
    const senders: string[] = []
    for (const share of this.#shares.values()) if (share.isBehind) senders.push(share.sender)
    return senders.sort()
  }

  /**
   * Leaves behind the senders that have much to send, `least` at least. All that was read of them is up to this number. With
   * `least` 20, of three senders that have 300, 30 and 3 the first one is, and the next time the second.
   *
   * @returns whether those that are not left behind have less together than four senders could have, so that no four hide a fifth
   */
  leaveLargeBehind(readTo: number, least: number): boolean {
    const large = Math.max(least, this.#readyOfOthers() * LARGE_PART)
    for (const share of this.#shares.values()) if (share.readyCount() >= large) share.leaveBehind(readTo)
    return this.#readyOfOthers() < least / LARGE_PART
  }

  /** Entries that could be taken now of senders that are not left behind. */
  #readyOfOthers(): number {
    let count = this.#book.readyCount()
    for (const share of this.#shares.values()) if (share.isBehind) count -= share.readyCount()
    return count
  }

  add(entry: Entry): void {
    this.#entries++
    this.#bytes += entry.bytes
    this.shareOf(entry.push.fromPlatformId).add(entry)
  }

  /** An entry of the window has another place now. */
  leave(entry: Entry): void {
    this.#entries--
    this.#bytes -= entry.bytes
    this.shareOf(entry.push.fromPlatformId).leave(entry)
  }

  /** When the oldest push in the window was accepted. */
  oldestAt(): number | null {
    let oldestAt: number | null = null
    for (const share of this.#shares.values()) {
      const at = share.first()?.push.at
      if (at !== undefined && (oldestAt === null || at < oldestAt)) oldestAt = at
    }
    return oldestAt
  }

  entries(): Entry[] {
    return [...this.#shares.values()].flatMap((share) => share.here())
  }

  /** A push of this sender and number was sent, parked, counted as superseded, or missed: it must not be read again as if new. */
  touch(sender: string, number: number): void {
    this.shareOf(sender).touch(number)
    if (number > this.#touchedTo) this.#touchedTo = number
  }

  /**
   * Beyond this nothing was touched, so what the window holds of it may be forgotten and read again. With 4 to 6 of A and 7 and 8
   * of B in the window, of which 4 and 7 are in flight, and everything read up to 9, it is 7, and 4 for A.
   */
  position(readTo: number): Position {
    let watermark = readTo
    const behind = new Map<string, number>()
    for (const share of this.#shares.values()) {
      const of = share.watermark(readTo)
      if (of < this.#touchedTo) behind.set(share.sender, of)
      else if (of < watermark) watermark = of
    }
    return { watermark, behind }
  }

  /** The lane is at this position now. */
  moveTo({ watermark, behind }: Position): void {
    if (watermark > this.#touchedTo) this.#touchedTo = watermark
    for (const share of this.#shares.values()) share.moveTo(behind.get(share.sender) ?? null)
    for (const [sender, readTo] of behind) this.shareOf(sender).moveTo(readTo)
  }

  tidy(): void {
    for (const [sender, share] of this.#shares) if (share.isIdle()) this.#shares.delete(sender)
  }
}
