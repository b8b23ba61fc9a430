import type { Caller } from '../../hub/corridor/authenticate.ts'
import type { Registry } from '../../hub/network/registry.ts'
import type { TableSource } from '../../hub/network/table-source.ts'
import type { Alarm, Now, Secrets } from '../../hub/ports.ts'

/** How long the older token lives after the first use of a new one, for the requests in flight. */
const OLDER_TOKEN_LEFT_MS = 60_000

/** Starts an older token's last minute, once per new token and table: every request with the new token says the same. */
export function createOlderTokenEnd(ports: {
  readonly registry: Pick<Registry, 'noteTokenUsed'>
  readonly digest: Secrets['digest']
  readonly table: Pick<TableSource, 'current' | 'refresh'>
  readonly now: Now
  readonly alarm: Alarm
}): (caller: Caller) => void {
  const { registry, digest, table, now, alarm } = ports
  const begun = new Map<string, number>()
  return ({ platform, token }) => {
    const used = digest(token)
    if (begun.get(used) === platform.revision) return
    const { credentials } = table.current()
    for (const known of begun.keys()) if (!credentials.has(known)) begun.delete(known)
    begun.set(used, platform.revision)
    registry
      .noteTokenUsed(used, now() + OLDER_TOKEN_LEFT_MS)
      .then(table.refresh)
      .catch((error: unknown) => {
        begun.delete(used)
        alarm({ kind: 'database-away', platformId: platform.id, detail: String(error) })
      })
  }
}
