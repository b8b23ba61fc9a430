import type { ExecutionContext } from '@cloudflare/workers-types'
import { readBindings } from './workers/bindings.ts'
import { createConsoleLog } from './workers/console-log.ts'
import { createWorkersHub, type WorkersHub } from './workers/hub.ts'
import { type Bindings, KEEPER_NAME } from './workers/objects/ports.ts'

export { Keeper } from './workers/objects/keeper.ts'
export { Log } from './workers/objects/log.ts'
export { Queue } from './workers/objects/queue.ts'

// The hub on Cloudflare Workers; `wrangler.toml` says how it is bound. One hub per isolate, made by its first request.
let hub: WorkersHub | null = null

export default {
  async fetch(request: Request, bindings: Bindings, ctx: ExecutionContext): Promise<Response> {
    if (hub === null) {
      const { settings, problems } = readBindings(bindings)
      const { databaseUrl, secretKey, previousSecretKey } = settings
      if (problems.length > 0 || databaseUrl === null || secretKey === null) {
        createConsoleLog('error').error({ problems }, 'the hub cannot start')
        return new Response('The hub is not configured; its log says what is missing\n', { status: 503 })
      }
      hub = createWorkersHub(settings, databaseUrl, { current: secretKey, previous: previousSecretKey }, bindings)
    }
    return hub.fetch(request, bindings, ctx)
  },
  /** Every minute: should the alarms of the Keeper object ever end, they begin again. */
  async scheduled(_: unknown, { KEEPER }: Bindings): Promise<void> {
    await KEEPER.getByName(KEEPER_NAME).poke()
  },
}
