import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from '../command/read-options.ts'
import { createAdmin } from './hub/admin.ts'
import { claimDataDir } from './hub/claim.ts'
import { startHubProcess, waitUntilReady } from './hub/hub-process.ts'
import { startIdling } from './idle.ts'
import { makeRound } from './round.ts'
import { explain, runSteps } from './step.ts'
import { createTerminal } from './terminal.ts'
import { createWorld, startPartners, stopPartners } from './world.ts'

const USAGE = `npm run demo [-- [--edge] [--once]]

A hub, five CPOs and three eMSPs of OCPI 2.1.1, 2.2.1 and 2.3.0 on this machine: one round through everything, then a message now and then until Ctrl-C.

  --edge  the hub as a Cloudflare Worker, in workerd
  --once  end after the round, with exit code 0 when every step had the expected outcome, else 1`

const { once: isOnce = false, edge: isEdge = false } = readOptions(USAGE, {
  edge: { type: 'boolean' },
  once: { type: 'boolean' },
})
const terminal = createTerminal((text) => process.stdout.write(text), process.stdout.isTTY === true)

/** What must be undone at the end, last things first. */
const undo: (() => Promise<unknown> | void)[] = []
let ending: Promise<never> | null = null

/** Ends everything in order, once, and then the process. */
function end(exitCode: number): Promise<never> {
  ending ??= (async () => {
    for (const step of undo.reverse()) {
      try {
        await step()
      } catch (error) {
        terminal.line(explain(error))
      }
    }
    process.exit(exitCode)
  })()
  return ending
}

function onSignal(exitCode: () => number): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!ending) terminal.line('\nStopping.')
      void end(exitCode())
    })
  }
}

async function main(): Promise<void> {
  let isIdle = false
  onSignal(() => (isIdle ? 0 : 130))

  const claim = await claimDataDir(resolve('data'))
  undo.push(claim.release)
  terminal.line(isEdge ? 'Starting the hub in workerd.' : 'Starting the hub.')
  const hub = await startHubProcess({
    entry: fileURLToPath(new URL(isEdge ? '../runtime/edge.ts' : '../runtime/node.ts', import.meta.url)),
    dataDir: claim.dataDir,
    preferredPort: 8080,
    onError: (line) => terminal.line(`hub: ${line}`),
  })
  undo.push(hub.stop)
  void hub.ended.then(() => {
    if (ending) return
    terminal.line(`The hub ended by itself. It said last:\n${hub.lastLines().join('\n')}`)
    void end(1)
  })
  await claim.noteHub(hub.pid)
  await waitUntilReady(hub)

  const admin = createAdmin(hub.url, hub.adminToken)
  await admin.reset()
  const partners = await startPartners(terminal.message)
  undo.push(() => stopPartners(partners))
  const world = createWorld(hub.url, admin, partners, terminal.queue)

  const results = await runSteps(makeRound(world), terminal.heading)
  terminal.summary(results)
  const isGood = results.every(({ isAsExpected }) => isAsExpected)
  if (isOnce) return end(isGood ? 0 : 1)

  terminal.heading('All of it stays up. Look at')
  terminal.addresses([
    ['hub', hub.url],
    ['versions', `${hub.url}/ocpi/versions`],
    ['admin API', `${hub.url}/admin/api/platforms`],
    ['agreements', `${hub.url}/admin/api/agreements`],
    ['queues', `${hub.url}/admin/api/queues`],
    ['admin token', hub.adminToken],
    ['OpenAPI', `${hub.url}/admin/api/openapi.json`],
    ['metrics', `${hub.url}/metrics`],
    ...[...partners.cpos, ...partners.emsps].map(
      ({ platform }) => [`${platform.label} ${platform.name}`, platform.versionsUrl()] as const,
    ),
  ])
  terminal.line(`\n  curl -s -H 'Authorization: Bearer ${hub.adminToken}' '${hub.url}/admin/api/messages?limit=5'`)
  terminal.heading('The console, signed in (this link works once, for five minutes; after it the admin token does)')
  terminal.line(`  ${await admin.signInLink()}`)
  terminal.heading('Now and then a message. Ctrl-C ends everything.')
  isIdle = true
  undo.push(startIdling(world, 5_000))
}

main().catch((error: unknown) => {
  if (!ending) terminal.line(explain(error))
  return end(1)
})
