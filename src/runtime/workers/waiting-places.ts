/** Requests that may wait for an answer at once, of one request to the hub or of one object: the platform lets six, and one is for the hub's own calls. */
export const WAITING_MOST = 5
/** Of these places, those that hosts which let a request of this time go unanswered may take: three are left to the others. */
const SLOW_MOST = 2

/**
 * The places for requests to partners that wait for the beginning of their answers. The platform would let a seventh wait behind the
 * others too, but unseen: here whoever waits knows when it is too late to ask. Places are given in the order of coming.
 */
export class WaitingPlaces {
  #taken = 0
  /** Whoever waits for a place, and the origin it is for; called with whether it has one. */
  readonly #waiting = new Map<(hasPlace: boolean) => void, string>()
  readonly #slow = new Set<string>()

  /** Takes a place for a request to `origin`, where one is free. */
  enter(origin: string): boolean {
    if (this.#taken >= this.#mostFor(origin)) return false
    this.#taken++
    return true
  }

  /** Resolves to true with a place; to false after `mostMs`, or when the signal comes before. */
  wait(origin: string, mostMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const end = (hasPlace: boolean) => {
        clearTimeout(late)
        signal.removeEventListener('abort', giveUp)
        this.#waiting.delete(end)
        resolve(hasPlace)
      }
      const giveUp = () => end(false)
      const late = setTimeout(giveUp, mostMs)
      signal.addEventListener('abort', giveUp)
      this.#waiting.set(end, origin)
    })
  }

  /** Frees a place, and gives it to who has waited longest of those who may have it. */
  leave(): void {
    this.#taken--
    for (const [end, origin] of this.#waiting) if (this.enter(origin)) return end(true)
  }

  /** A request to `origin` was not answered in time: the next ones take few places, so that hosts that hang keep nobody from asking others. */
  noteSlow(origin: string): void {
    this.#slow.add(origin)
  }

  #mostFor(origin: string): number {
    return this.#slow.has(origin) ? SLOW_MOST : WAITING_MOST
  }
}
