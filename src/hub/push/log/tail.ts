import type { NewPush, Push } from '../push.ts'
import type { PushLog, ReadLimits } from './push-log.ts'
import { RecentPushes } from './recent.ts'

const READ: ReadLimits = { pushes: 2_000, bytes: 8_000_000 }

export type PushTailPorts = {
  readonly log: Pick<PushLog, 'readAfter' | 'lastNumber' | 'numberBefore'>
  /** Bytes of recent pushes kept in memory. */
  readonly memoryBytes: number
  /**
   * Bytes of these that something else takes up.
   * @default none
   */
  readonly alongside?: () => number
  /** Told of new pushes in the order of their numbers, of each push once. */
  readonly onPushes: (pushes: readonly Push[]) => void
  /** The log cannot be read; `wake` is to be called again later. */
  readonly onAway: (error: unknown) => void
}

/**
 * Follows the end of the log and keeps the recent pushes: each push is read at most once per process, and not at all when the
 * process itself stored it.
 */
export class PushTail {
  readonly #ports: PushTailPorts
  /** Every push up to its end has been handed to `onPushes`. */
  readonly recent: RecentPushes
  #isWoken = false
  #isStopped = false
  #isReading = false
  #isAway = false
  #reading = Promise.resolve()

  constructor(ports: PushTailPorts) {
    this.#ports = ports
    this.recent = new RecentPushes(ports.memoryBytes, ports.alongside)
  }

  /**
   * Reads the newest pushes, up to the end of the log. Of what a killed process did not save as done, this one then knows what
   * newer pushes supersede, and does not send it after them.
   */
  async start(): Promise<void> {
    const { log, memoryBytes } = this.#ports
    this.recent.jumpTo(await log.numberBefore(memoryBytes))
    await this.refresh()
  }

  /** Pushes that this process has just stored, of which `first` is the number of the first. */
  offerOwn(first: number, pushes: readonly NewPush[]): void {
    // Pushes of another process lie in between: they are read first, and these with them.
    if (first > this.recent.end() + 1) this.wake()
    else this.#extend(pushes.map((push, index) => ({ ...push, number: first + index })))
  }

  /** Looks for pushes that another process may have stored. */
  wake(): void {
    this.#isWoken = true
    if (!this.#isReading && !this.#isStopped) this.#reading = this.#read()
  }

  /** Settles when every push has been read that was stored before. Rejects when the log cannot be read. */
  async refresh(): Promise<void> {
    const { recent } = this
    const last = await this.#ports.log.lastNumber()
    while (recent.end() < last && !this.#isStopped) {
      const before = recent.end()
      this.wake()
      await this.#reading
      if (this.#isAway) throw new Error('The push log cannot be read')
      // Nothing is left there: every platform is done with these pushes, and they are cut from the log.
      if (recent.end() === before) recent.jumpTo(last)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#reading
  }

  #extend(pushes: readonly Push[]): void {
    const before = this.recent.end()
    const fresh = pushes.filter((push) => push.number > before)
    if (fresh.length === 0) return
    // Numbers in between are cut from the log: had they been on their way, this read would not have found later ones.
    for (const push of fresh) this.recent.add(push)
    this.#ports.onPushes(fresh)
    this.recent.trim()
  }

  async #read(): Promise<void> {
    this.#isReading = true
    try {
      while (this.#isWoken && !this.#isStopped) {
        this.#isWoken = false
        const part = await this.#ports.log.readAfter(this.recent.end(), READ)
        this.#extend(part.pushes)
        // A reader that serves one platform knows of others' pushes that they are there, and reads none of them.
        this.recent.reach(part.upTo)
        this.#isAway = false
        if (part.pushes.length > 0) this.#isWoken = true
      }
    } catch (error) {
      this.#isAway = true
      this.#ports.onAway(error)
    }
    // In the same step that saw nothing to do, so that no call comes in between unnoticed.
    this.#isReading = false
  }
}
