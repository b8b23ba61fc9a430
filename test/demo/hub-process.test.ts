import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startHubProcess, waitUntilReady } from '../../src/demo/hub/hub-process.ts'
import { freePort } from '../support/free-port.ts'

const root = new URL('../..', import.meta.url).pathname

test.each(['src/runtime/node.ts', 'src/runtime/edge.ts'])(
  'the demo takes nobody for its hub, %s, who took its address first, and says what is wrong',
  { timeout: 60_000 },
  async (entry) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hub-demo-'))
    const port = await freePort()
    const hub = await startHubProcess({ entry: join(root, entry), dataDir, preferredPort: port, onError: () => {} })
    // As ready as a hub, and faster.
    const other = createServer((_, response) => response.end('ready')).listen(port, '127.0.0.1')
    await once(other, 'listening')
    await expect(waitUntilReady(hub)).rejects.toThrow(
      new RegExp(`^The hub ended\\. It said last:\\n.*PORT=${port}: another program listens there`, 's'),
    )
    other.close()
    await rm(dataDir, { recursive: true, force: true })
  },
)

test('the demo has its hub made of one process, however many processors there are', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'hub-demo-'))
  const entry = join(dataDir, 'entry.mjs')
  await writeFile(entry, 'console.log(`told PROCESSES=${process.env.PROCESSES}`)')
  const hub = await startHubProcess({ entry, dataDir, preferredPort: await freePort(), onError: () => {} })
  await hub.ended
  expect(hub.lastLines()).toEqual(['told PROCESSES=1'])
  await rm(dataDir, { recursive: true, force: true })
})
