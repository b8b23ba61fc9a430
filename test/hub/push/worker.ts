import { createUndiciSend } from '../../../src/runtime/node/undici-send.ts'
import { openRig, type RigPlatform, type RigPush } from './rig.ts'

/** What a worker process is asked; it answers with the same `id`. */
export type WorkerRequest =
  | { readonly id: number; readonly kind: 'push'; readonly from: string; readonly push: RigPush }
  | { readonly id: number; readonly kind: 'stop' }

export type WorkerAnswer = { readonly id: number; readonly number: number | null }

export type WorkerSetup = {
  readonly url: string
  readonly platforms: readonly RigPlatform[]
  /** Sent with every delivery, so that receivers can tell who sent it. */
  readonly name: string
  /** The processes before are known to be dead: no need to wait for their leases to end. */
  readonly takesOver: boolean
}

const setup = JSON.parse(process.argv[2] ?? '') as WorkerSetup
const sending = createUndiciSend({ isAddressAllowed: () => true })
const rig = openRig(setup.url, {
  timeoutMs: 5_000,
  send(request) {
    const headers = [...request.headers, 'X-Test-Sender', setup.name, 'X-Test-Sent-At', `${Date.now()}`]
    return sending.send({ ...request, headers })
  },
})
if (setup.takesOver) await rig.database.sql`update push_shard set expires_at = now() - interval '2 s'`
await rig.put(...setup.platforms)
await rig.start()

process.on('message', (request: WorkerRequest) => void obey(request))

async function obey(request: WorkerRequest): Promise<void> {
  let number: number | null = null
  if (request.kind === 'push') number = await rig.push(request.from, request.push).catch(() => null)
  else {
    await rig.close()
    await sending.close()
  }
  process.send?.({ id: request.id, number } satisfies WorkerAnswer)
  if (request.kind === 'stop') process.disconnect()
}
process.send?.({ id: 0, number: null } satisfies WorkerAnswer)
