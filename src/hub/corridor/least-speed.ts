/** How slowly a body may stream: at least this many bytes in each second that one side keeps the other waiting; 0 lets it. */
export type LeastSpeed = {
  readonly bytesPerSecond: number
  /** Averaged over so much waiting. */
  readonly windowMs: number
}

/**
 * Measures one side of a stream by what it brought, or took, while the other waited for it: `isTooSlow` is told of each piece. The time that
 * the other side took itself does not count, so that each is judged by its own.
 */
export function createSpeedometer({ bytesPerSecond, windowMs }: LeastSpeed): {
  readonly isTooSlow: (waitedMs: number, bytes: number) => boolean
} {
  let waitedInAll = 0
  let bytesInAll = 0
  return {
    isTooSlow(waitedMs, bytes) {
      waitedInAll += waitedMs
      bytesInAll += bytes
      if (waitedInAll < windowMs) return false
      const isBelow = bytesInAll < (bytesPerSecond * waitedInAll) / 1000
      waitedInAll = bytesInAll = 0
      return isBelow
    },
  }
}
