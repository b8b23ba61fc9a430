import type { Exchange, Observe } from '../../hub/message/exchange.ts'

/**
 * Passes exchanges on once the answers of this turn of the event loop are written, all of them in a row: none waits for the
 * other's bookkeeping, and the processor has its code and counters at hand for more than one.
 *
 * @param onFault what one exchange failed with: nobody waits for it any more who could be told, and the others go on
 * @returns `drain` passes on at once what waits
 */
export function observeTogether(
  observe: Observe,
  onFault: (error: unknown) => void,
): { readonly observe: Observe; readonly drain: () => void } {
  let waiting: Exchange[] = []

  function drain(): void {
    const exchanges = waiting
    waiting = []
    for (const exchange of exchanges) {
      try {
        observe(exchange)
      } catch (error) {
        onFault(error)
      }
    }
  }

  return {
    observe(exchange) {
      waiting.push(exchange)
      if (waiting.length === 1) setImmediate(drain)
    },
    drain,
  }
}
