import { SearchesBusy } from '../hub/message/message-query.ts'

/** Searches at the same time: three of the ten connections that a process has unless set. */
export const MOST_SEARCHES = 3
/** Then a search that found no place is refused: most are over within that time. */
const WAITS_MS = 1_000
const LOOKS_EVERY_MS = 50
/** Then a place is free, whatever became of who took it: on Workers a request may be gone without a word. */
const LASTS_MS = 12_000

/** Places for searches. `enter` resolves to what gives the place back, and rejects with SearchesBusy. */
export function createSearchPlaces(
  most = MOST_SEARCHES,
  waitsMs = WAITS_MS,
): { readonly enter: () => Promise<() => void> } {
  /** By whom, and until when in milliseconds of `performance.now()`. */
  const taken = new Map<symbol, number>()

  function isFull(): boolean {
    for (const [who, until] of taken) if (until <= performance.now()) taken.delete(who)
    return taken.size >= most
  }

  return {
    async enter() {
      const waitsUntil = performance.now() + waitsMs
      // By a clock of its own, since on Workers no request may wake another.
      while (isFull()) {
        if (performance.now() >= waitsUntil) throw new SearchesBusy(`${most} searches are under way`)
        await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY_MS))
      }
      const who = Symbol()
      taken.set(who, performance.now() + LASTS_MS)
      return () => void taken.delete(who)
    },
  }
}
