import type { NewPush, Push } from '../push.ts'
import type { PushLog, ReadLimits } from './push-log.ts'
import { RecentPushes } from './recent.ts'

const READ: ReadLimits = { pushes: 2_000, bytes: 8_000_000 }

export type PushTailPorts = {
  readonly log: Pick<PushLog, 'readAfter' | 'lastNumber'>
  /** Bound of the rows kept in memory. */
  readonly memoryBytes: number
  /** Called with new rows in order, every row once. */
  readonly onPushes: (pushes: readonly Push[]) => void
  /** The log cannot be read; `wake` is to be called again later. */
  readonly onAway: (error: unknown) => void
}

/**
 * The end of the log as this process knows it, with the most recent rows in memory: each row is read at most once per
 * process, not at all when the process itself wrote it.
 */
export class PushTail {
  readonly #ports: PushTailPorts
  /** Up to its end everything has been handed to `onPushes`. */
  readonly recent: RecentPushes
  #isWoken = false
  #isStopped = false
  #isReading = false
  #isAway = false
  #reading = Promise.resolve()

  constructor(ports: PushTailPorts) {
    this.#ports = ports
    this.recent = new RecentPushes(ports.memoryBytes)
  }

  /** Begins at the end of the log. */
  async start(): Promise<void> {
    this.recent.jumpTo(await this.#ports.log.lastNumber())
  }

  /** Rows this process has just stored. */
  offerOwn(first: number, pushes: readonly NewPush[]): void {
    // Rows of another process lie in between: the log tells them all.
    if (first > this.recent.end() + 1) this.wake()
    else this.#take(pushes.map((push, index) => ({ ...push, number: first + index })))
  }

  /** Something may have been stored by another process. */
  wake(): void {
    this.#isWoken = true
    if (!this.#isReading && !this.#isStopped) this.#reading = this.#read()
  }

  /** Settles when everything has been read that was stored before. Rejects when the log cannot be read. */
  async refresh(): Promise<void> {
    const { recent } = this
    const last = await this.#ports.log.lastNumber()
    while (recent.end() < last && !this.#isStopped) {
      const before = recent.end()
      this.wake()
      await this.#reading
      if (this.#isAway) throw new Error('The push log cannot be read')
      // Nothing left there: everybody has passed those rows and they are gone.
      if (recent.end() === before) recent.jumpTo(last)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#reading
  }

  #take(pushes: readonly Push[]): void {
    const before = this.recent.end()
    const fresh = pushes.filter((push) => push.number > before)
    const [first] = fresh
    if (!first) return
    // Rows in between are cut from the log already. What memory holds must stay consecutive.
    if (first.number !== before + 1) this.recent.jumpTo(first.number - 1)
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
        this.#take(part.pushes)
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
