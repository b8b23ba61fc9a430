import type postgres from 'postgres'
import { listenOn } from '../listen.ts'
import { ROUTING_CHANNEL } from './change.ts'

/** Calls `onChange` whenever another revision may be there. Resolves with how to stop. */
export function listenForRouting(sql: postgres.Sql, onChange: () => void): Promise<() => Promise<void>> {
  return listenOn(sql, ROUTING_CHANNEL, onChange)
}
