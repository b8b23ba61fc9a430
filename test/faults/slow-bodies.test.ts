import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Partner } from '../support/partner.ts'
import { CPO, EMSP, eventually, type Joined, metric, type Pair, startPair } from './pair.ts'

const MB = 1024 * 1024
const PLACES = 8

let pair: Pair
let other: Joined
const undo: (() => void)[] = []
beforeAll(async () => {
  pair = await startPair({
    MAX_DIRECT_PER_PLATFORM: String(PLACES),
    STREAM_LEAST_BYTES_PER_SECOND: '100000',
    // Also the time over which a speed is taken, and in which all uploads of a test begin.
    STREAM_IDLE_MS: '2500',
  })
  other = await pair.hub.join({ name: 'other', parties: [{ country_code: 'BE', party_id: 'OTH', role: 'CPO' }] })
})
afterEach(() => {
  for (const each of undo.splice(0)) each()
})
afterAll(() => pair.hub.close())

const putBy = (partner: Partner, id: string) =>
  partner.call('locations', 'RECEIVER', { method: 'PUT', path: `/XX/YYY/${id}`, to: EMSP, body: { id } })

/** A large upload of the CPO's of which the test holds every piece; the first is larger than the buffer. */
function beginUpload(): ClientRequest {
  const going = request(`${pair.cpo.hubEndpoints.get('locations/RECEIVER')}/NL/CPO/1`, {
    method: 'PUT',
    headers: {
      Authorization: `Token ${Buffer.from(pair.cpo.tokenAtHub() as string).toString('base64')}`,
      'OCPI-to-country-code': EMSP.country_code,
      'OCPI-to-party-id': EMSP.party_id,
      'Content-Type': 'application/json',
      'Content-Length': String(4 * MB),
    },
  })
  going.on('error', () => {})
  going.write(`{"data":"${'x'.repeat(100_000)}`)
  return going
}

/** Writes a byte often enough that nothing ever stands still. Returns how to stop. */
function trickle(into: { readonly write: (text: string) => unknown }): () => void {
  const timer = setInterval(() => into.write('x'), 40)
  const stop = () => clearInterval(timer)
  undo.push(stop)
  return stop
}

/** The eMSP takes what comes, and never answers before it is complete. */
function takeUploads(): { readonly coming: () => number } {
  let coming = 0
  undo.push(
    pair.emsp.onRaw((incoming) => {
      if (incoming.headers['content-length'] !== String(4 * MB)) return false
      coming += 1
      incoming.on('error', () => {}).resume()
      return true
    }),
  )
  return { coming: () => coming }
}

describe('slow uploads', () => {
  test('of one caller leave places at the receiver to everybody else', async () => {
    const { coming } = takeUploads()
    const uploads = Array.from({ length: PLACES * 3 }, beginUpload)
    const refused: number[] = []
    for (const going of uploads)
      going.on('response', (incoming) => {
        refused.push(incoming.statusCode ?? 0)
        incoming.resume()
      })
    await eventually(
      () => coming() + refused.length,
      (count) => count === uploads.length,
    )
    expect(coming()).toBe((PLACES * 3) / 4)
    expect(await putBy(other, 'LOC1')).toMatchObject({ status: 200, statusCode: 1000 })
    const byItself = await putBy(pair.cpo, 'LOC2')
    expect(byItself).toMatchObject({ status: 200, statusCode: 4000 })
    expect(byItself.header('retry-after')).toBe('1')
    expect(await metric(pair.hub, 'ocpi_hub_bounds_met_total', 'bound="receiver-places"')).toBeGreaterThan(0)
    for (const going of uploads) going.destroy()
    await eventually(
      () => putBy(pair.cpo, 'LOC3'),
      ({ statusCode }) => statusCode === 1000,
    )
  })

  test('that trickle on without end get 408, and the place is free again', async () => {
    takeUploads()
    const going = beginUpload()
    trickle(going)
    const [incoming] = (await once(going, 'response')) as [IncomingMessage]
    const chunks = await incoming.toArray()
    expect(incoming.statusCode).toBe(408)
    expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ status_code: 2000 })
    expect(await metric(pair.hub, 'ocpi_hub_bounds_met_total', 'bound="slow-body"')).toBeGreaterThan(0)
    expect(await putBy(pair.cpo, 'LOC1')).toMatchObject({ statusCode: 1000 })
    going.destroy()
  })

  test("that come quickly and are taken slowly are the receiver's: 4002", async () => {
    const reading: IncomingMessage[] = []
    undo.push(
      pair.emsp.onRaw((incoming) => {
        if (incoming.headers['content-length'] !== String(4 * MB)) return false
        incoming.on('error', () => {})
        reading.push(incoming)
        const timer = setInterval(() => incoming.read(1024), 40)
        incoming.once('close', () => clearInterval(timer))
        return true
      }),
    )
    const going = beginUpload()
    going.end('x'.repeat(4 * MB - 100_009))
    const [incoming] = (await once(going, 'response')) as [IncomingMessage]
    expect(JSON.parse(Buffer.concat(await incoming.toArray()).toString())).toMatchObject({ status_code: 4002 })
    expect(reading).toHaveLength(1)
  })
})

describe('a large answer', () => {
  test('that trickles on without end is ended, and never looks complete', async () => {
    undo.push(
      pair.cpo.on('locations', 'SENDER', (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.write(`{"status_code":1000,"data":"${'x'.repeat(100_000)}`)
        const stop = trickle(response)
        response.on('close', stop)
        return 'handled'
      }),
    )
    await expect(pair.ask()).rejects.toThrow()
    for (const each of undo.splice(0)) each()
    expect(await pair.ask()).toMatchObject({ status: 200, statusCode: 1000 })
  })

  test('that its caller takes a little of now and then: the connection ends, and the receiver has its place again', async () => {
    const closed = Promise.withResolvers<void>()
    undo.push(
      pair.cpo.on('locations', 'SENDER', (_request, response) => {
        response.on('close', () => closed.resolve())
        response.writeHead(200, { 'Content-Type': 'application/json' })
        response.end(`{"status_code":1000,"data":"${'x'.repeat(24 * MB)}"}`)
        return 'handled'
      }),
    )
    const going = request(pair.emsp.hubEndpoints.get('locations/SENDER') as string, {
      headers: {
        Authorization: `Token ${Buffer.from(pair.emsp.tokenAtHub() as string).toString('base64')}`,
        'OCPI-to-country-code': CPO.country_code,
        'OCPI-to-party-id': CPO.party_id,
      },
    })
    going.on('error', () => {}).end()
    const [incoming] = (await once(going, 'response')) as [IncomingMessage]
    incoming.on('error', () => {})
    const timer = setInterval(() => incoming.read(256), 40)
    undo.push(() => clearInterval(timer))
    await closed.promise
    going.destroy()
  })
})
