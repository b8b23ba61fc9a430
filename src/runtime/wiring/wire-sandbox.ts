import type { Handle } from '../../http/app.ts'
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { createToHub } from '../../sandbox/to-hub.ts'
import { random } from '../shared/secrets.ts'
import type { Runtime } from './runtime.ts'
import type { HubParts } from './wire-parts.ts'

/** Joins sandbox partners and the hub, which call each other within the process. */
export function wireSandbox(parts: HubParts, runtime: Runtime, relay: Handle): Sandbox {
  const { publicUrl } = parts.settings
  const { now } = parts
  const { after, kept, table } = runtime
  const { behind } = kept({ behind: (work: () => Promise<void>) => work() })
  return createSandbox({
    table: table.current,
    memory: parts.sandboxMemory,
    toHub: createToHub({ publicUrl, now, relay }),
    publicUrl,
    now,
    after,
    behind: (work) => void behind(work),
    newId: random.id,
  })
}
