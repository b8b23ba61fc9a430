import { createRateLimit, type FanOuts } from '../../hub/limits.ts'
import type { NoteBound, Now } from '../../hub/ports.ts'
import type { Settings } from '../settings/settings.ts'

/** By platform, a minute's worth at once, refilled steadily: who begins to read many lists does so all at the same time. */
export function createFanOuts({ fanOutsPerMinute }: Settings, now: Now, noteBound: NoteBound): FanOuts {
  const limit = createRateLimit(fanOutsPerMinute / 60, now, fanOutsPerMinute)
  return {
    take(platformId) {
      const taken = limit.take(platformId)
      if (taken.kind === 'empty') noteBound('fan-outs')
      return taken
    },
  }
}
