import type { ChainBook } from './chains.ts'
import type { Parking } from './parking.ts'
import type { LaneQueue, LogReader, ReadPart } from './reader.ts'
import type { Share } from './share.ts'
import type { LaneWindow } from './window.ts'

/** From memory a lane reads at once, of one sender, this many times what may be in flight. */
const READ_TIMES = 2

export type IntakePorts = {
  readonly queue: Pick<LaneQueue, 'concurrency'>
  readonly reader: LogReader
  readonly book: ChainBook
  readonly window: LaneWindow
  readonly parking: Parking
  /** Takes in what was read. */
  readonly onPart: (part: ReadPart) => void
}

/**
 * Decides of whom a lane reads on, and when: of every sender that is left behind and has nothing for its next turn, as soon as there
 * is room for it; of the others when all that have not much to send have little together. So a newcomer has its turn whatever waits
 * of others, and what waits of one sender is read in large parts.
 */
export class Intake {
  readonly #ports: IntakePorts

  constructor(ports: IntakePorts) {
    this.#ports = ports
  }

  readOn(): void {
    const { reader, book, queue, window, onPart } = this.#ports
    const arrived = reader.arrived()
    if (arrived) onPart(arrived)
    const isAtEnd = reader.look()
    if (!this.#readThoseBehind()) return
    // A lane that has enough to send has turns anyway.
    if (isAtEnd) reader.rest(book.readyCount() < queue.concurrency())
    else if (this.#wantsOthers()) reader.readOthers(window.room())
  }

  /** Reads on those that are left behind. False when that takes time. */
  #readThoseBehind(): boolean {
    const { reader, queue, window, onPart } = this.#ports
    const atOnce = READ_TIMES * queue.concurrency()
    for (const share of window.shares()) {
      while (share.isBehind && this.#wants(share)) {
        const part = reader.next(share, window.roomFor(share), atOnce)
        if (!part) return false
        onPart({ part, share })
      }
    }
    return true
  }

  #wants(share: Share): boolean {
    const { book, queue, window, parking } = this.#ports
    if (share.readyCount() > 0 && book.readyCount() >= queue.concurrency()) return false
    return window.hasRoomFor(share) && !parking.isFullFor(share)
  }

  /** Whether senders that are not left behind have little. Those that have much are left behind first: with the window full, any push. */
  #wantsOthers(): boolean {
    const { reader, queue, window } = this.#ports
    const much = window.hasRoom() ? READ_TIMES * queue.concurrency() : 1
    return window.leaveLargeBehind(reader.readTo(), much)
  }
}
