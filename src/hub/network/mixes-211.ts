import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import type { RoutingTable } from './routing-table.ts'

const known = new WeakMap<RoutingTable, boolean>()

/**
 * Whether platforms of 2.1.1 and of newer versions are in one network, so that some messages between them can only be said with what others
 * said before.
 */
export function mixes211(table: RoutingTable): boolean {
  let mixes = known.get(table)
  if (mixes === undefined) {
    const versions = new Set<string>()
    for (const { version } of table.platforms.values()) if (version !== null) versions.add(version)
    mixes = versions.has(VERSION_211) && versions.size > 1
    known.set(table, mixes)
  }
  return mixes
}
