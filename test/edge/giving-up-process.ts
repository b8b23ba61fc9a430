// The Log object's pushes beside two other processes: tells each hand-over as a line of JSON, and ends.
import { setTimeout as pause } from 'node:timers/promises'
import type { HandOver } from '../../src/runtime/workers/objects/handing.ts'
import { createLogPushes } from '../../src/runtime/workers/objects/log-pushes.ts'
import { openObject } from '../../src/runtime/workers/objects/open-object.ts'
import { newPush } from '../hub/push/rig.ts'

/** One line of what is told; at the end `{ given: [platform IDs] }`. */
export type Told = { readonly platformId: string; readonly isOurs: boolean } & Pick<HandOver, 'after' | 'upTo'> & {
    readonly numbers: readonly number[]
  }

const [connectionString = '', cpoId = ''] = process.argv.slice(2)
const ground = openObject({
  HYPERDRIVE: { connectionString } as never,
  PUBLIC_URL: 'http://127.0.0.1:9',
  ADMIN_TOKEN: 'test-admin-token-0123456789',
  SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  ALLOW_PRIVATE_NETWORKS: 'true',
})
const pushes = createLogPushes({
  ...ground,
  async hand(platformId, { after, upTo, rows }) {
    const told: Told = {
      platformId,
      isOurs: pushes.isOurs(platformId),
      after,
      upTo,
      numbers: rows.map((row) => row.number),
    }
    process.stdout.write(`${JSON.stringify(told)}\n`)
    await pause(20)
    return { isAtRest: false }
  },
  order: async () => undefined,
  follow: async () => undefined,
  giveUp: async () => undefined,
  readMark: async () => null,
  onOpen: () => undefined,
})

await ground.ready()
await pushes.start()
const cpo = ground.table.current().platforms.get(cpoId)
if (!cpo) throw new Error('No CPO')
const { sql } = ground.database
for (let n = 0; n < 200; n++) {
  // With two others the fair share is 22 shards: 42 go, while pushes come.
  if (n === 60)
    await sql`insert into push_process (id, expires_at) select 'other' || i, now() + interval '4 s' from generate_series(1, 2) i`
  await pushes.accept(newPush(cpo, { path: `/NL/CPO/L${n}` }), 0)
  await pause(10)
}
process.exit()
