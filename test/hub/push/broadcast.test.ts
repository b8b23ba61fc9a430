import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { openRig, type Rig } from './rig.ts'

let database: TestDatabase
let rig: Rig
let emsp: Receiver
let other: Receiver

beforeEach(async () => {
  database = await createTestDatabase()
  rig = openRig(database.url)
  emsp = await startReceiver()
  other = await startReceiver()
  await rig.put(
    { id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: other.origin },
    { id: 'emsp', party: 'NL*MSP', roles: ['EMSP'], origin: emsp.origin },
  )
  await rig.start()
})

afterEach(async () => {
  await rig.close()
  await Promise.all([emsp.close(), other.close()])
  await database.drop()
})

describe('Broadcast push [transport_and_format: Broadcast Push]', () => {
  test('reaches the other side with the bytes, path and query as pushed, from the hub, under the same correlation ID', async () => {
    await rig.push('cpo', { path: '/NL/CPO/LOC%201', query: '?a=%2f', body: { id: 'LOC 1', n: 1 } })
    await emsp.waitFor(() => emsp.received.length === 1, 'one delivery')
    const [request] = emsp.received
    expect(request?.target).toBe('/ocpi/locations/NL/CPO/LOC%201?a=%2f')
    expect(request?.body).toBe('{"id":"LOC 1","n":1}')
    expect(request?.headers).toMatchObject({
      authorization: 'Token emsp',
      'ocpi-from-country-code': 'NL',
      'ocpi-from-party-id': 'HUB',
      'ocpi-to-country-code': 'NL',
      'ocpi-to-party-id': 'MSP',
    })
    await emsp.waitFor(() => rig.exchanges.length === 1, 'one exchange')
    expect(rig.exchanges[0]).toMatchObject({
      kind: 'delivery',
      correlationId: request?.headers['x-correlation-id'],
      forwardedRequestId: request?.headers['x-request-id'],
      ocpiStatus: 1000,
      requestBody: null,
    })
    expect(other.received).toEqual([])
  })

  test('of tokens goes from the eMSP to the CPO', async () => {
    await rig.push('emsp', { module: 'tokens', path: '/NL/MSP/T1', query: '?type=RFID' })
    await other.waitFor(() => other.received.length === 1, 'one delivery')
    expect(emsp.received).toEqual([])
  })

  test('keeps order within a location and lets its PUT replace what waits', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    emsp.answer = async () => {
      await held
      return {}
    }
    await rig.push('cpo', { path: '/NL/CPO/L1', body: { v: 1 } })
    await emsp.waitFor(() => emsp.received.length === 1, 'the first')
    await rig.push('cpo', { method: 'PATCH', path: '/NL/CPO/L1/E1', body: { v: 2 } })
    await rig.push('cpo', { method: 'PUT', path: '/NL/CPO/L1/E1', body: { v: 3 } })
    await rig.push('cpo', { method: 'PATCH', path: '/nl/cpo/l1/e1', body: { v: 4 } })
    await rig.push('cpo', { method: 'PATCH', path: '/NL/CPO/L1/E2', body: { v: 5 } })
    await rig.push('cpo', { path: '/NL/CPO/L2', body: { v: 6 } })
    await emsp.waitFor(() => emsp.received.length === 2, 'another location does not wait')
    release()
    await emsp.waitFor(() => emsp.received.length === 5, 'all but the replaced one')
    expect(emsp.received.map((request) => (JSON.parse(request.body) as { v: number }).v)).toEqual([1, 6, 3, 4, 5])
    expect(rig.engine.states().find((state) => state.platformId === 'emsp')).toMatchObject({ collapsed: 1 })
  })

  test('goes on after a restart where it was', async () => {
    await rig.engine.admin.setPaused('emsp', true)
    await rig.push('cpo', { path: '/NL/CPO/L1' })
    await rig.push('cpo', { path: '/NL/CPO/L2' })
    await rig.close()
    rig = openRig(database.url)
    await rig.put(
      { id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: other.origin },
      { id: 'emsp', party: 'NL*MSP', roles: ['EMSP'], origin: emsp.origin },
    )
    await rig.start()
    await rig.push('cpo', { path: '/NL/CPO/L3' })
    expect(emsp.received).toEqual([])
    await rig.engine.admin.setPaused('emsp', false)
    await emsp.waitFor(() => emsp.received.length === 3, 'all three')
    expect(emsp.received.map((request) => request.target.slice(-2)).sort()).toEqual(['L1', 'L2', 'L3'])
  })
})
