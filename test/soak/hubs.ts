import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../src/runtime/node/log.ts'
import { startEmbeddedPostgres } from '../../src/runtime/node/postgres/embedded.ts'
import { freePort } from '../bench/processes.ts'
import { createHubClient, type HubClient } from '../support/hub-client.ts'
import { type Started, startHubProcess } from '../support/processes.ts'
import { openFront } from './front.ts'

const ADMIN_TOKEN = 'soak-admin-token-0123456789'

/** What a process held when it was so old: bytes of the machine's memory, and of them what its objects take. */
export type MemorySample = { readonly ageMinutes: number; readonly bytes: number; readonly heapBytes: number }

/** Two hub processes on one database, behind one address. */
export type Hubs = {
  readonly client: HubClient
  readonly memory: readonly MemorySample[]
  readonly kills: () => number
  /** Kills one of them and starts it again. */
  readonly kill: (which: number) => Promise<void>
  readonly sampleMemory: () => Promise<void>
  readonly close: () => Promise<void>
}

type Running = { readonly process: Started; readonly startedAt: number }

export async function startHubs(environment: Record<string, string>): Promise<Hubs> {
  const folder = await mkdtemp(join(tmpdir(), 'ocpi-hub-soak-'))
  const database = await startEmbeddedPostgres({ dataDir: folder, log: createLog('warn') })
  const ports = [await freePort(), await freePort()]
  const front = await openFront(ports)
  const url = `http://127.0.0.1:${front.port}`
  const memory: MemorySample[] = []
  const running: Running[] = []
  let kills = 0
  process.once('exit', () => running.forEach((each) => each.process.child.kill('SIGKILL')))

  async function start(which: number): Promise<void> {
    const started = await startHubProcess({
      DATABASE_URL: database.url,
      PORT: String(ports[which]),
      PUBLIC_URL: url,
      SECRET_KEY: Buffer.alloc(32, 9).toString('base64'),
      ADMIN_TOKEN,
      ALLOW_PRIVATE_NETWORKS: 'true',
      CONNECTION_CHECK: 'off',
      LOG_LEVEL: 'error',
      ...environment,
    })
    running[which] = { process: started, startedAt: performance.now() }
  }

  for (const which of ports.keys()) await start(which)
  return {
    client: createHubClient(url, ADMIN_TOKEN),
    memory,
    kills: () => kills,
    async kill(which) {
      running[which]?.process.child.kill('SIGKILL')
      await running[which]?.process.ended
      kills++
      await start(which)
    },
    async sampleMemory() {
      for (const [which, { startedAt }] of running.entries()) {
        const answer = await fetch(`http://127.0.0.1:${ports[which]}/metrics`).catch(() => null)
        const text = (await answer?.text().catch(() => '')) ?? ''
        const [bytes, heapBytes] = ['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'].map((name) =>
          Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? 0),
        ) as [number, number]
        if (bytes > 0) memory.push({ ageMinutes: (performance.now() - startedAt) / 60_000, bytes, heapBytes })
      }
    },
    async close() {
      for (const { process } of running) process.child.kill('SIGTERM')
      await Promise.all(running.map((each) => each.process.ended))
      front.close()
      await database.stop(5_000)
      // As root the data lie where the database's user can reach them, which may be elsewhere.
      for (const left of [folder, database.dataDir]) await rm(left, { recursive: true, force: true })
    },
  }
}
