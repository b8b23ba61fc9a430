import { describe, expect, test } from 'vitest'
import type { Platform, RoutingTable } from '../../src/hub/network/routing-table.ts'
import { type Misbehaviour, SANDBOX_ORIGIN } from '../../src/hub/network/sandbox.ts'
import type { OutboundRequest, SendResult } from '../../src/hub/ports.ts'
import { withSandbox } from '../../src/sandbox/answering.ts'
import { SLOW_MS } from '../../src/sandbox/misbehaving.ts'

const OTHER: SendResult = { kind: 'failed', why: 'unreachable', detail: 'sent over the network' }

/** A partner that says what it was asked, and timers that run when they are told to. */
function stage(sandbox: Misbehaviour = 'none') {
  const platform = { id: 'p', sandbox, authorization: () => 'Token right' } as unknown as Platform
  const table = { sandbox: new Map([['p', platform]]) } as unknown as RoutingTable
  const timers: { readonly delayMs: number; readonly run: () => void }[] = []
  let asked = 0
  const send = withSandbox(async () => OTHER, {
    table: () => table,
    now: () => 0,
    after(delayMs, run) {
      const timer = { delayMs, run }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
    async answer(_, request) {
      asked++
      return Response.json({ path: new URL(request.url).pathname, body: await request.text() })
    },
  })
  const call = (request: Partial<OutboundRequest> = {}) =>
    send({
      origin: SANDBOX_ORIGIN,
      path: '/p/locations?limit=1',
      method: 'PUT',
      headers: ['Authorization', 'Token right', 'Content-Length', '3'],
      body: new TextEncoder().encode('abc'),
      timeoutMs: 25_000,
      bufferBytes: 1_000,
      ...request,
    })
  return { call, timers, asked: () => asked }
}

const statusOf = (result: SendResult) => (result.kind === 'answer' ? result.status : result.why)

describe('A request of the hub to a sandbox partner', () => {
  test('is answered within the process; every other goes over the network', async () => {
    const { call } = stage()
    const result = await call()
    expect(statusOf(result)).toBe(200)
    const body = result.kind === 'answer' ? new TextDecoder().decode(result.body as Uint8Array) : ''
    expect(JSON.parse(body)).toEqual({ path: '/p/locations', body: 'abc' })
    expect(await call({ origin: 'https://cpo.example' })).toBe(OTHER)
    expect(await call({ path: '/nobody/locations' })).toMatchObject({ kind: 'failed', why: 'unreachable' })
  })

  test('is refused with the token of another platform, as where that named a URL of this host', async () => {
    const { call, asked } = stage()
    expect(statusOf(await call({ headers: ['Authorization', 'Token of another'] }))).toBe(401)
    expect(statusOf(await call({ headers: [] }))).toBe(401)
    expect(asked()).toBe(0)
  })

  test('takes no body that is too long, whole or streamed', async () => {
    const { call, asked } = stage()
    expect(statusOf(await call({ body: new Uint8Array(300_000) }))).toBe(413)
    let given = 0
    async function* endless() {
      for (;;) {
        given++
        yield new Uint8Array(100_000)
      }
    }
    expect(statusOf(await call({ body: endless() }))).toBe(413)
    expect(given).toBe(3)
    expect(asked()).toBe(0)
  })

  test('is answered 429 beyond so many a second', async () => {
    const { call } = stage()
    const results = await Promise.all(Array.from({ length: 51 }, () => call()))
    expect(results.map(statusOf).filter((status) => status === 429)).toHaveLength(1)
  })

  test('ends when its caller goes away, and in its time where the partner is too slow', async () => {
    let abort = () => {}
    const { call, timers } = stage('slow')
    const gone = call({ onAbortable: (end) => (abort = end) })
    abort()
    expect(statusOf(await gone)).toBe('aborted')
    const late = call({ timeoutMs: 1_000 })
    timers.find(({ delayMs }) => delayMs === 1_000)?.run()
    expect(statusOf(await late)).toBe('timeout')
    expect(await stage().call({ mayLeave: () => false })).toMatchObject({ why: 'aborted' })
  })

  test('waits for a slow partner, which has done what it was asked by then', async () => {
    const { call, timers, asked } = stage('slow')
    const answer = call()
    await expect.poll(() => timers.some(({ delayMs }) => delayMs === SLOW_MS)).toBe(true)
    expect(asked()).toBe(1)
    timers.find(({ delayMs }) => delayMs === SLOW_MS)?.run()
    expect(statusOf(await answer)).toBe(200)
  })

  test.each([
    ['429', 429, 0],
    ['5xx', 502, 0],
    ['lost-answers', 'broken-answer', 1],
    ['malformed', 200, 1],
    ['tiny-pages', 200, 1],
  ] as const)('of a partner that is told to: %s', async (how, status, done) => {
    const { call, asked } = stage(how)
    const result = await call()
    expect(statusOf(result)).toBe(status)
    expect(asked()).toBe(done)
    if (how !== 'malformed' || result.kind !== 'answer') return
    expect(() => JSON.parse(new TextDecoder().decode(result.body as Uint8Array))).toThrow(SyntaxError)
  })
})
