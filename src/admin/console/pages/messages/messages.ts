import type { Hono } from 'hono'
import type { AdminPorts } from '../../../ports.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { addExchangePage } from './exchange.ts'
import { addReplayPages } from './replay.ts'
import { addSearchPage } from './search.ts'

/** What went through the hub: the search, an exchange by itself, and sending it again. */
export function addMessagePages(app: Hono<ConsoleEnv>, ports: Pick<AdminPorts, 'publicUrl'>): void {
  addSearchPage(app)
  addExchangePage(app, ports)
  addReplayPages(app)
}
