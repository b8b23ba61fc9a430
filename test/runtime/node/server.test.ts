import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { ProblemSchema } from '../../../src/admin/problem.ts'
import { createNodeServer, nodeExchanger } from '../../../src/runtime/node/server.ts'

it('a server that drains answers what is in flight and then waits for nothing, connections kept alive included', async () => {
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const app = new Hono()
  app.get('/', async (c) => {
    arrived.resolve()
    await release.promise
    return c.text('done')
  })
  const server = createNodeServer({
    app,
    relay: () => Promise.reject(new Error('nothing is relayed here')),
    exchanger: nodeExchanger([], { idleMs: 1000, totalMs: 1000, leastBytesPerSecond: 0 }),
    maxHeaderBytes: 16_384,
    onError: () => {},
  })
  const { port } = await server.listen(0, '127.0.0.1')
  const agent = new Agent({ keepAlive: true })
  const call = (by: Agent) => request({ host: '127.0.0.1', port, agent: by }).end()
  const answer = once(call(agent), 'response')
  await arrived.promise
  const drained = server.drain(60_000)
  release.resolve()
  const [incoming] = (await answer) as [IncomingMessage]
  incoming.resume()
  expect(incoming.statusCode).toBe(200)
  await drained
  await expect(once(call(new Agent()), 'response')).rejects.toThrow('ECONNREFUSED')
  agent.destroy()
})

it('a health check of HTTP/1.0 that names no host is answered, and so is a request for no path at all', async () => {
  const app = new Hono()
  app.get('/healthz', (c) => c.text('ok'))
  const server = createNodeServer({
    app,
    relay: () => Promise.reject(new Error('nothing is relayed here')),
    exchanger: nodeExchanger([], { idleMs: 1000, totalMs: 1000, leastBytesPerSecond: 0 }),
    maxHeaderBytes: 16_384,
    onError: () => {},
  })
  const { port } = await server.listen(0, '127.0.0.1')
  const say = (head: string) => text(connect(port, '127.0.0.1').end(`${head}\r\n\r\n`))
  expect(await say('GET /healthz HTTP/1.0')).toMatch(/^HTTP\/1.1 200 .*\r\n\r\nok$/s)
  expect(await say('OPTIONS * HTTP/1.1\r\nHost: hub\r\nConnection: close')).toMatch(
    /^HTTP\/1.1 404 .*"status_code":2000/s,
  )
  await server.drain(1000)
})

it.each([
  '/admin/api/platforms/%00',
  '/admin/api/platforms/..%5Cb',
  '/admin/api/../../metrics',
  '/admin/%2e%2e/metrics',
])('an address of the administrators that may not be spelt so is answered with a problem: %s', async (path) => {
  const server = createNodeServer({
    app: new Hono(),
    relay: () => Promise.reject(new Error('nothing is relayed here')),
    exchanger: nodeExchanger([], { idleMs: 1000, totalMs: 1000, leastBytesPerSecond: 0 }),
    maxHeaderBytes: 16_384,
    onError: () => {},
  })
  const { port } = await server.listen(0, '127.0.0.1')
  const socket = connect(port, '127.0.0.1').end(`GET ${path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n`)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1.1 404 /)
  expect(head).toMatch(/^Content-Type: application\/problem\+json$/m)
  expect(head).toMatch(/^Cache-Control: no-store$/m)
  expect(ProblemSchema.parse(JSON.parse(body))).toMatchObject({ status: 404, title: 'Not Found' })
  await server.drain(1000)
})

it('requests that are followed by what is none get their answers first, then the connection ends', async () => {
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const app = new Hono()
  app.get('/:name', async (c) => {
    if (c.req.param('name') === 'second') arrived.resolve()
    await release.promise
    return c.text(`the ${c.req.param('name')} answer`)
  })
  const server = createNodeServer({
    app,
    relay: () => Promise.reject(new Error('nothing is relayed here')),
    exchanger: nodeExchanger([], { idleMs: 1000, totalMs: 1000, leastBytesPerSecond: 0 }),
    maxHeaderBytes: 16_384,
    onError: () => {},
  })
  const { port } = await server.listen(0, '127.0.0.1')
  const socket = connect(port, '127.0.0.1')
  const said = text(socket)
  const head = (name: string) => `GET /${name} HTTP/1.1\r\nHost: hub\r\n\r\n`
  socket.write(`${head('first')}${head('second')}no request at all\r\n\r\n`)
  await arrived.promise
  socket.write('and no better one\r\n\r\n')
  release.resolve()
  expect(await said).toMatch(/^HTTP\/1.1 200 .*the first answer.*200 .*the second answer.*400 .*"status_code":2000/s)
  await server.drain(1000)
})
