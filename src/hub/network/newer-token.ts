import type { CurrentTable } from './routing-table.ts'

/**
 * The Authorization header that a platform wants by now, when it refused the one that was `used`; null when there is no other.
 * Settles within a second or so, and never rejects.
 */
export type NewerToken = (platformId: string, used: string) => Promise<string | null>

/**
 * A token that is replaced while a request is under way is refused, which says nothing of the connection. Another process may have
 * stored the new one, so the table is read anew before the token counts as the platform's last.
 *
 * @param freshen brings the table up to date; what it rejects with is of no interest
 */
export function createNewerToken(table: CurrentTable, freshen: () => Promise<void>): NewerToken {
  function other(platformId: string, used: string): string | null {
    const authorization = table().platforms.get(platformId)?.authorization() ?? null
    return authorization === used ? null : authorization
  }

  return async function newerToken(platformId, used) {
    const known = other(platformId, used)
    if (known !== null) return known
    await freshen().catch(() => undefined)
    return other(platformId, used)
  }
}
