import { networkOf } from '../../hub/administration/network-of.ts'
import { createRateLimit, type RateLimit } from '../../hub/limits.ts'
import type { Now } from '../../hub/ports.ts'
import type { Settings } from '../settings/settings.ts'

/**
 * Failed logins per address, of IPv6 per network: a minute's worth at once, refilled steadily.
 *
 * @param onTake told of every failed login, within the limit or not
 */
export function createLoginLimit(settings: Settings, now: Now, onTake: () => void): RateLimit {
  const perMinute = settings.failedLoginsPerMinute
  const limit = createRateLimit(perMinute / 60, now, perMinute)
  return {
    hasRoom: (address) => limit.hasRoom(networkOf(address)),
    forget: (address) => limit.forget(networkOf(address)),
    take(address) {
      onTake()
      return limit.take(networkOf(address))
    },
  }
}
