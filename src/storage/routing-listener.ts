import type postgres from 'postgres'
import { ROUTING_CHANNEL } from './change.ts'

/**
 * Calls `onChange` whenever another revision may be there: at each notification, and each time the connection stands (again),
 * since what was told in between is lost. The connection is one of its own and comes back by itself. Resolves with how to
 * stop, at once even when the database is away.
 */
export async function listenForRouting(sql: postgres.Sql, onChange: () => void): Promise<() => Promise<void>> {
  const listening = sql.listen(ROUTING_CHANNEL, onChange, onChange)
  // Refused at first, it is tried again like a connection lost later.
  listening.catch(() => undefined)
  return async () => {
    const held = await listening.catch(() => null)
    await held?.unlisten()
  }
}
