import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readyBundle } from '../../src/runtime/edge/ready-bundle.ts'
import { workerdProgram } from '../../src/runtime/edge/workerd.ts'
import { workerdConfig } from '../../src/runtime/edge/workerd-config.ts'
import { freePort, PINS, type Started, start } from './processes.ts'
import { SECRET_KEY_TEXT } from './seed.ts'
import type { Target } from './targets.ts'

/** A hub in workerd on a processor of its own, with the limits off that would refuse a load test and everything else on. */
export async function startEdgeHub(databaseUrl: string): Promise<Target> {
  const port = await freePort()
  const dataDir = await mkdtemp(join(tmpdir(), 'ocpi-hub-bench-'))
  const config = workerdConfig({
    bundle: await readyBundle(),
    dataDir,
    host: '127.0.0.1',
    port,
    databaseUrl,
    settings: {
      SECRET_KEY: SECRET_KEY_TEXT,
      ADMIN_TOKEN: 'token-of-the-bench',
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      ALLOW_PRIVATE_NETWORKS: 'true',
      CONNECTION_CHECK: 'off',
      INBOUND_REQUESTS_PER_SECOND: '0',
      BROADCASTS_PER_SECOND: '0',
      MAX_DIRECT_PER_PLATFORM: '1000',
      LOG_LEVEL: 'warn',
    },
  })
  return { name: 'hub in workerd', port, process: await serve(dataDir, config), path: '/ocpi/2.2.1' }
}

/** The yardstick: a Worker that hands each request to `fetch` and its answer back. */
export async function startBareWorker(upstream: string): Promise<Target> {
  const port = await freePort()
  const dataDir = await mkdtemp(join(tmpdir(), 'ocpi-hub-bench-'))
  const script = `export default { fetch: (request) => fetch('${upstream}' + new URL(request.url).pathname, request) }`
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "proxy", worker = .proxy),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "proxy")],
);
const proxy :Workerd.Worker = (
  modules = [(name = "proxy.js", esModule = ${JSON.stringify(script)})],
  compatibilityDate = "2026-10-30",
  globalOutbound = "internet",
);
`
  return { name: 'bare fetch in workerd', port, process: await serve(dataDir, config), path: '/0' }
}

async function serve(dataDir: string, config: string): Promise<Started> {
  await mkdir(dataDir, { recursive: true })
  const file = join(dataDir, 'workerd.capnp')
  await writeFile(file, config, { mode: 0o600 })
  const args = ['serve', file, '--experimental', '--control-fd=1']
  return await start('workerd', args, PINS?.measured, { command: workerdProgram(), readyLine: /"socket":"http"/ })
}
