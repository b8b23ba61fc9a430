import type { PartyKey, Role } from '../../ocpi/party.ts'
import type { ConnectionStatus } from './routing-table.ts'

/** Which platforms an administrator looks for. Null leaves a filter out; those given must all hold. */
export type PlatformSearch = {
  /** Part of a name or of a party such as `NL-ABC`, in any letter case, or an id. */
  readonly text: string | null
  readonly status: ConnectionStatus | null
  readonly party: PartyKey | null
  /** With a party: of that party. */
  readonly role: Role | null
  /** The OCPI version that it speaks. */
  readonly version: string | null
}

export type PlatformSort = 'created' | 'name' | 'status_since' | 'last_seen'

/** At most `limit` platforms, after the platform `afterId`; null: from the first. */
export type PlatformPage = {
  readonly limit: number
  readonly afterId: string | null
  /** The name, or the moment, that platform `afterId` had; not needed in order of creation. */
  readonly afterValue?: string | number
  /** @default all platforms */
  readonly search?: PlatformSearch
  /** @default 'created' */
  readonly sort?: PlatformSort
  readonly isDescending?: boolean
}
