import type { TrafficCounted } from '../../hub/message/traffic.ts'
import type { Orm } from '../../storage/database.ts'
import { addTraffic } from '../../storage/traffic/counts.ts'

/** Stores what was counted since the last call. What cannot be stored is stored with the next. */
export function createTrafficWriter(
  counts: { readonly add: (counted: TrafficCounted) => void; readonly take: () => TrafficCounted },
  orm: Orm,
): () => Promise<void> {
  return async () => {
    const counted = counts.take()
    try {
      await addTraffic(orm, counted)
    } catch (error) {
      counts.add(counted)
      throw error
    }
  }
}
