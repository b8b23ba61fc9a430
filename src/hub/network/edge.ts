import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { dedicatedTo } from './dedicated.ts'
import type { Platform } from './routing-table.ts'
import { soleSide } from './sole-side.ts'

/**
 * Whether a platform of 2.1.1 has one connection for all parties of the other side, so that the hub is all of them to it: what passes is not
 * said to be whose, and is sorted by the hub.
 */
export function isAggregated(platform: Pick<Platform, 'version' | 'conversion'>): boolean {
  return platform.version === VERSION_211 && dedicatedTo(platform) === null
}

/** Whether what passes between two platforms is to be sorted, also where both speak 2.1.1. */
export function isAtEdge(
  a: Pick<Platform, 'version' | 'conversion'>,
  b: Pick<Platform, 'version' | 'conversion'>,
): boolean {
  return isAggregated(a) || isAggregated(b)
}

/** Whether ids toward a platform have their owner's party in them. Of its own accord a CPO's do not: it is asked for its own objects. */
export function hasPrefixedIds(platform: Pick<Platform, 'version' | 'conversion' | 'parties'>): boolean {
  if (!isAggregated(platform)) return false
  const ids = platform.conversion?.ids ?? (soleSide(platform) === 'emsp' ? 'prefixed' : 'as-sent')
  return ids === 'prefixed'
}
