import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as passed } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { createUndiciSend } from '../../../src/runtime/node/undici-send.ts'

const SERVER = `require('node:http').createServer((_, response) => response.end('{}'))
  .listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })`

/** A server that is stopped, with its backlog full: the system drops the first packet of any further connection. */
async function startDeafServer(): Promise<{ readonly port: number; readonly hear: () => void }> {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(said.toString())
  child.kill('SIGSTOP')
  const fill = [1, 2].map(() => connect(port, '127.0.0.1').on('error', () => {}))
  await Promise.all(fill.map((socket) => once(socket, 'connect')))
  onTestFinished(() => fill.forEach((socket) => socket.destroy()))
  return { port, hear: () => void child.kill('SIGCONT') }
}

// How a full backlog behaves is Linux's own.
it.runIf(process.platform === 'linux')(
  'a name whose IPv6 leads nowhere is reached by IPv4, also when that takes longer than a moment',
  async () => {
    const { port, hear } = await startDeafServer()
    const { send, close } = createUndiciSend({
      isAddressAllowed: () => true,
      lookup: (_hostname, _options, callback) =>
        callback(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '::1', family: 6 },
        ]),
    })
    onTestFinished(close)
    const origin = `http://partner.example:${port}`
    const sent = send({
      origin,
      path: '/',
      method: 'GET',
      headers: [],
      body: null,
      timeoutMs: 8_000,
      bufferBytes: 1_000,
    })
    // Longer than Node gives an address; the dropped packet comes again after a second.
    await passed(500)
    hear()
    expect(await sent).toMatchObject({ kind: 'answer', status: 200 })
  },
)
