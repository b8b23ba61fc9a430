import type postgres from 'postgres'
import { settleWithin } from './settle-within.ts'

const GIVING_UP_MS = 1_000

/**
 * Calls `onHeard` at each notification on a channel, and each time the connection stands (again), since what was told in
 * between is lost. The connection is one of its own and comes back by itself. Resolves with how to stop, within a second even
 * when the database is away.
 */
export async function listenOn(sql: postgres.Sql, channel: string, onHeard: () => void): Promise<() => Promise<void>> {
  const listening = sql.listen(channel, onHeard, onHeard)
  // Refused at first, it is tried again like a connection lost later.
  listening.catch(() => undefined)
  return async () => {
    // A connection that was lost may take the wish and never answer; the end of all connections ends it too.
    const stopped = listening.then((held) => held.unlisten())
    await settleWithin(GIVING_UP_MS, stopped).catch(() => undefined)
  }
}
