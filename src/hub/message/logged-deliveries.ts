import type { Now } from '../ports.ts'
import type { Exchange } from './exchange.ts'

/**
 * Whether the message log is to store an exchange: all but a delivery that succeeded, or a push that was withheld, while those of a minute and the rate are used
 * up, for at a million charge points all of these would be 300 million rows a day. On the path of every message: as little as possible.
 */
export type IsLogged = (exchange: Exchange) => boolean

/** So many seconds' worth are stored at once: what a partner pushes when it starts is in the log of a small network. */
const AT_ONCE_S = 60

/** @param perSecond deliveries that succeeded, in the long run; 0 stores none. Of 100, 6,000 are stored at once, 100 each second after */
export function createLoggedDeliveries(perSecond: number, now: Now): IsLogged {
  const most = perSecond * AT_ONCE_S
  let left = most
  let filledAt = now()

  return ({ kind, failure }) => {
    if (kind !== 'delivery' || (failure !== null && failure !== 'withheld')) return true
    const at = now()
    // A clock that is put back gives nothing, and takes nothing either.
    if (at > filledAt) left = Math.min(most, left + ((at - filledAt) / 1000) * perSecond)
    filledAt = at
    if (left < 1) return false
    left -= 1
    return true
  }
}
