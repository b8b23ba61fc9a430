import type { LeastSpeed } from '../../hub/corridor/least-speed.ts'
import type { Settings } from '../settings/settings.ts'
import type { StreamLimits } from '../shared/stream-limits.ts'

export function streamLimitsOf(settings: Settings): StreamLimits {
  const { streamIdleMs: idleMs, streamTotalMs: totalMs, streamLeastBytesPerSecond: leastBytesPerSecond } = settings
  return { idleMs, totalMs, leastBytesPerSecond }
}

/** Averaged over as long as a body may stand still: what trickles is to be no better than what stands. */
export function leastSpeedOf({ streamLeastBytesPerSecond, streamIdleMs }: Settings): LeastSpeed {
  return { bytesPerSecond: streamLeastBytesPerSecond, windowMs: streamIdleMs }
}
