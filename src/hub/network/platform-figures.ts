/** How a platform fares: what waits for it, and how much of its traffic failed of late. */
export type PlatformFigures = {
  /** Pushes that wait in its queue, as far as they are read from the log; null where it has no queue. */
  readonly waiting: number | null
  /** Exchanges of the last 24 hours, and of the hour in which they begin. */
  readonly exchanges: number
  /** Of those: somebody could not. */
  readonly failed: number
}

/** Figures of these platforms, by their ids; one that has neither queue nor traffic has no entry. */
export type ReadPlatformFigures = (
  platformIds: readonly string[],
  now: number,
) => Promise<ReadonlyMap<string, PlatformFigures>>
