import { createServer, type AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createUndiciSend } from '../../src/runtime/undici-send.ts'

/** The list of protocols in a ClientHello: type, length, length of the list, names with their lengths [RFC 7301, section 3.1]. */
const ONLY_HTTP_1_1 = Buffer.from('\x00\x10\x00\x0b\x00\x09\x08http/1.1', 'latin1')

it('offers servers HTTP/1.1 only: most would choose HTTP/2, and its answers are other ones', async () => {
  const { promise: hello, resolve } = Promise.withResolvers<Buffer>()
  const server = createServer((socket) => {
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes)
      socket.destroy()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { send, close } = createUndiciSend({ isAddressAllowed: () => true })
  onTestFinished(async () => {
    await close()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const sent = send({
    origin: `https://127.0.0.1:${port}`,
    path: '/',
    method: 'GET',
    headers: [],
    body: null,
    timeoutMs: 5_000,
    bufferBytes: 1_000,
  })
  expect((await hello).includes(ONLY_HTTP_1_1)).toBe(true)
  expect(await sent).toMatchObject({ kind: 'failed', why: 'unreachable' })
})
