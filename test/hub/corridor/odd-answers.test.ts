// Rules: Answers, of those that are no envelope [transport_and_format: Response format; status_codes].
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Log } from '../../../src/runtime/shared/log-rules.ts'
import { eventually, metric } from '../../faults/pair.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type CallOptions, type Partner, routedModules } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'
import type { Handler, Reply } from '../../support/partner-server.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const BUFFER_BYTES = 65_536
const HTML = '<html><body>no</body></html>'

/** What the hub's log was told: an alarm is one line a minute for each platform. */
const lines: string[] = []
const noteLine = (fields: object | string) => void lines.push(JSON.stringify(fields))
const log: Log = { debug: noteLine, info: noteLine, warn: noteLine, error: noteLine }

let hub: TestHub
let cpo: Partner & { platformId: string }
let emsp: Partner & { platformId: string }
const undos: (() => void)[] = []

beforeAll(async () => {
  hub = await startTestHub({ BUFFER_BYTES: String(BUFFER_BYTES), INBOUND_REQUESTS_PER_SECOND: '0' }, { log })
  cpo = await hub.join({ name: 'cpo', parties: [CPO], modules: routedModules([CPO]) })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
})
afterAll(() => hub.close())
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})

function answering(reply: Reply | Handler): void {
  undos.push(cpo.on('locations', 'SENDER', typeof reply === 'function' ? reply : () => ({ isBare: true, ...reply })))
}

function listLocations(options: CallOptions = {}): Promise<CallAnswer> {
  return emsp.call('locations', 'SENDER', { to: CPO, ...options })
}

/** The one row of the message log with this correlation ID. */
// oxlint-disable-next-line typescript/no-explicit-any -- a row of the admin API, on which tests assert
async function logged(correlationId: string): Promise<any> {
  const [message] = await eventually(
    async () => (await hub.admin('GET', `/messages?correlation_id=${encodeURIComponent(correlationId)}`)).body,
    (found) => found.length === 1,
  )
  return (await hub.admin('GET', `/messages/${message.id}`)).body
}

/** Alarms of the one kind so far; there is no such series before the first. */
async function alarms(): Promise<number> {
  return (await metric(hub, 'ocpi_hub_alarms_total', 'kind="receiver-rejects-our-token"')) || 0
}

describe('a success without a body', () => {
  test.each([
    [200, 200],
    [201, 201],
    [202, 202],
    [204, 200],
    [205, 200],
  ])('HTTP %i: the caller gets HTTP %i and an envelope of success', async (status, seen) => {
    for (const body of status === 204 || status === 205 ? [''] : ['', ' \r\n']) {
      answering({ status, body, headers: ['Content-Type', 'text/html'] })
      const answer = await listLocations({ correlationId: `empty-${status}-${body.length}` })
      expect([answer.status, answer.statusCode]).toEqual([seen, 1000])
      expect(answer.envelope).toEqual({
        status_code: 1000,
        status_message: `The receiver answered HTTP ${status} without a body`,
        timestamp: expect.stringMatching(/Z$/),
      })
      expect(answer.header('content-type')).toBe('application/json')
    }
  })

  test('compressed, with nothing in it, or nothing at all', async () => {
    for (const body of [gzipSync(''), Buffer.alloc(0)]) {
      answering({ body, headers: ['Content-Encoding', 'gzip'] })
      const answer = await listLocations()
      expect([answer.status, answer.statusCode, answer.header('content-encoding')]).toEqual([200, 1000, undefined])
    }
  })

  test('to a posted CDR: its Location leads through the hub', async () => {
    undos.push(
      emsp.on('cdrs', 'RECEIVER', ({ method }) =>
        method === 'GET'
          ? { data: { id: 'CDR1' } }
          : { status: 201, isBare: true, body: '', headers: ['Location', emsp.endpointUrl('cdrs', 'RECEIVER') + '/1'] },
      ),
    )
    const answer = await cpo.call('cdrs', 'RECEIVER', { method: 'POST', to: EMSP, body: { id: 'CDR1' } })
    expect([answer.status, answer.statusCode]).toEqual([201, 1000])
    const location = answer.header('location') as string
    expect(location).toMatch(new RegExp(`^${hub.url}/ocpi/via/`))
    expect((await cpo.callUrl(location)).data).toEqual({ id: 'CDR1' })
  })

  test("stands in the message log with the receiver's status, and nothing as its body", async () => {
    answering({ status: 204, body: '', headers: ['X-Said-By', 'cpo'] })
    await listLocations({ correlationId: 'logged-204' })
    const row = await logged('logged-204')
    expect(row).toMatchObject({ http_status: 200, receiver_status: 204, ocpi_status: 1000, response_bytes: 0 })
    expect(row.response.body).toBeNull()
    expect(row.response.headers).toContainEqual({ name: 'X-Said-By', value: 'cpo' })
  })
})

describe('a success with data and no status_code', () => {
  test.each(['{"data":[{"id":"1.10"}]}', '\ufeff{ "data" : null, "x": 1.0 }', '{"x":{"status_code":1},"data":{}}'])(
    'goes on byte for byte, without an OCPI status in the log: %s',
    async (body) => {
      answering({ body, headers: ['Content-Type', 'application/json', 'X-Total-Count', '1'] })
      const correlationId = `bare-${body.length}`
      const answer = await listLocations({ correlationId })
      expect([answer.status, answer.bytes.toString(), answer.header('x-total-count')]).toEqual([200, body, '1'])
      expect(await logged(correlationId)).toMatchObject({ ocpi_status: null, receiver_status: null, failure: null })
    },
  )

  test('compressed goes on as it came', async () => {
    const body = gzipSync('{"data":[]}')
    answering({ body, headers: ['Content-Encoding', 'gzip'] })
    expect((await listLocations({ headers: ['Accept-Encoding', 'gzip'] })).bytes.equals(body)).toBe(true)
  })

  test.each([
    [500, '{"data":[]}', 200, 4000],
    [400, '{"data":[]}', 400, 2000],
    [200, '{"data":[],"status_code":200}', 200, 4000],
    [200, '{"Data":[]}', 200, 4000],
    [200, '[{"data":1}]', 200, 4000],
  ])('but not HTTP %i with %s: HTTP %i, %i', async (status, body, seen, code) => {
    answering({ status, body })
    const answer = await listLocations()
    expect([answer.status, answer.statusCode]).toEqual([seen, code])
  })
})

describe('an error without an envelope', () => {
  const BODIES = ['', '[]', '{"detail":"no"}', '{"status_code":404}', '{"status_code":1000', 'no']

  test.each([400, 402, 404, 405, 406, 408, 409, 410, 413, 415, 418, 422, 428, 431, 451])(
    'HTTP %i keeps its status and comes with 2000 and what was said',
    async (status) => {
      for (const body of BODIES) {
        answering({ status, body, headers: ['Content-Type', 'text/html', 'Location', '/x'] })
        const answer = await listLocations()
        expect([answer.status, answer.statusCode]).toEqual([status, 2000])
        expect(answer.envelope?.status_message).toBe(`The receiver answered HTTP ${status}${body && `: ${body}`}`)
        expect(answer.header('ocpi-from-party-id')).toBe('CPO')
        expect(answer.header('location')).toBeUndefined()
      }
    },
  )

  test.each([
    [404, 404, 2000],
    [405, 405, 2000],
    [413, 413, 2000],
    [429, 429, 2000],
    [200, 200, 4000],
    [201, 200, 4000],
    [301, 200, 4000],
    [304, 200, 4000],
    [400, 200, 4000],
    [422, 200, 4000],
    [500, 200, 4000],
    [503, 200, 4000],
  ])(
    'HTTP %i with a page of HTML is a gateway: HTTP %i with %i, and nothing of the page',
    async (status, seen, code) => {
      for (const body of [HTML, `\n  <!doctype html>${HTML}`]) {
        answering({ status, body: status === 304 ? '' : body, headers: ['Content-Type', 'application/json'] })
        const answer = await listLocations()
        expect([answer.status, answer.statusCode]).toEqual([seen, code])
        expect(answer.envelope?.status_message).toContain(`The receiver answered HTTP ${status}`)
        expect(answer.bytes.toString()).not.toMatch(/[<>]/)
      }
    },
  )

  test("HTTP 5xx and 3xx are nobody's word, whatever is said: 4000", async () => {
    for (const status of [300, 303, 500, 501, 502, 503, 504, 599]) {
      for (const body of BODIES) {
        answering({ status, body })
        const answer = await listLocations()
        expect([answer.status, answer.statusCode]).toEqual([200, 4000])
      }
    }
  })

  test('what was said is cut to 200 characters, without control characters and tags', async () => {
    answering({ status: 422, body: `field\r\n\tid\u0000\u202e is <b onload=x>missing</b> ${'é'.repeat(500)}` })
    const message = (await listLocations()).envelope?.status_message as string
    expect(message).toBe(`The receiver answered HTTP 422: field id is missing ${'é'.repeat(180)}`)
    expect(message.length).toBeLessThanOrEqual(255)
  })

  test('what was said in ISO-8859-1 is read as such', async () => {
    answering({ status: 400, body: Buffer.from('Ladepunkt ungültig', 'latin1') })
    expect((await listLocations()).envelope?.status_message).toBe('The receiver answered HTTP 400: Ladepunkt ungültig')
  })

  test('what was said compressed is read', async () => {
    answering({ status: 422, body: gzipSync('{"detail":"no"}'), headers: ['Content-Encoding', 'gzip'] })
    expect((await listLocations()).envelope?.status_message).toBe('The receiver answered HTTP 422: {"detail":"no"}')
  })

  test.each([
    [422, '{"detail":[{"loc":["body","id"],"msg":"field required"}]}', 422, 2000],
    [502, HTML, 200, 4000],
    [404, 'gone', 404, 2000],
  ])("HTTP %i: the message log has the receiver's status, headers and body", async (status, body, seen, code) => {
    answering({ status, body, headers: ['X-Said-By', 'gateway'] })
    const correlationId = `logged-${status}`
    await listLocations({ correlationId })
    const row = await logged(correlationId)
    expect(row).toMatchObject({ http_status: seen, receiver_status: status, ocpi_status: code })
    expect(row).toMatchObject({ response_bytes: body.length, response: { body, body_is_cut: false } })
    expect(row.response.headers).toContainEqual({ name: 'X-Said-By', value: 'gateway' })
  })

  test('beyond the buffer the message log has the beginning', async () => {
    answering({ status: 422, body: `no: ${'x'.repeat(3 * BUFFER_BYTES)}` })
    const answer = await listLocations({ correlationId: 'logged-large' })
    expect(answer.envelope?.status_message).toMatch(/^The receiver answered HTTP 422: no: x+$/)
    const row = await logged('logged-large')
    expect(row).toMatchObject({ http_status: 422, receiver_status: 422 })
    expect(row.response.body).toMatch(/^no: x{1000}/)
  })

  test('an answer that goes on as it came has no receiver status of its own', async () => {
    await listLocations({ correlationId: 'logged-usual' })
    expect(await logged('logged-usual')).toMatchObject({ http_status: 200, receiver_status: null })
  })

  test('429 keeps Retry-After, a date as the seconds that it means by the clock of its receiver', async () => {
    const dates = ['Date', 'Thu, 01 Jan 2026 05:00:00 GMT', 'Retry-After', 'Thu, 01 Jan 2026 05:00:30 GMT']
    for (const [headers, wait] of [
      [['Retry-After', '17'], '17'],
      [dates, '30'],
      [[], undefined],
    ] as const) {
      answering({ status: 429, body: 'slow down', headers })
      const answer = await listLocations()
      expect([answer.status, answer.statusCode, answer.header('retry-after')]).toEqual([429, 2000, wait])
      expect(answer.envelope?.status_message).toBe('The receiver answered HTTP 429: slow down')
    }
  })

  test('a date in Retry-After means as many seconds with an envelope too, whatever its status', async () => {
    const dates = ['Date', 'Thu, 01 Jan 2026 05:00:00 GMT', 'Retry-After', 'Thu, 01 Jan 2026 05:00:30 GMT']
    for (const status of [429, 503]) {
      answering({ status, body: '{"status_code":3000}', headers: dates })
      const answer = await listLocations()
      expect([answer.status, answer.statusCode, answer.header('retry-after')]).toEqual([status, 3000, '30'])
    }
  })
})

describe("a receiver that refuses the hub's token", () => {
  test.each([
    ['401 with an envelope', 401, '{"status_code":2001,"status_message":"Token expired"}', ': 2001 Token expired'],
    ['401 with a text', 401, 'Go away', ': Go away'],
    ['401 with nothing', 401, '', ''],
    ['401 with a page of HTML', 401, HTML, ''],
    ['403 with a text', 403, 'IP not allowed', ': IP not allowed'],
    ['403 with a page of HTML', 403, HTML, ''],
    ['403 with nothing', 403, '', ''],
  ])('%s: 200 with 4003 and an alarm, both with what it said', async (_, status, body, said) => {
    answering({ status, body, headers: ['WWW-Authenticate', 'Token'] })
    const before = await alarms()
    const answer = await listLocations()
    expect([answer.status, answer.statusCode]).toEqual([200, 4003])
    expect(answer.envelope?.status_message).toBe(`The receiver refuses the hub's token, HTTP ${status}${said}`)
    expect(answer.header('www-authenticate')).toBeUndefined()
    expect(await alarms()).toBe(before + 1)
  })

  test('the alarm tells administrators what it said', async () => {
    const other = { country_code: 'BE', party_id: 'REF', role: 'CPO' } as const
    const refusing = await hub.join({ name: 'refusing', parties: [other], modules: routedModules([other]) })
    refusing.on('locations', 'SENDER', () => ({ status: 401, statusCode: 2001, statusMessage: 'Token expired' }))
    await listLocations({ to: other })
    const told = lines.filter(
      (line) => line.includes(refusing.platformId) && line.includes('receiver-rejects-our-token'),
    )
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('GET got HTTP 401: 2001 Token expired')
  })

  test.each([
    [401, 'x'],
    [401, '{'],
    [403, 'x'],
  ])('%i beyond the buffer, of %s: 4003 and an alarm', async (status, first) => {
    answering({ status, body: first + 'y'.repeat(3 * BUFFER_BYTES) })
    const before = await alarms()
    const answer = await listLocations()
    expect([answer.status, answer.statusCode]).toEqual([200, 4003])
    expect(await alarms()).toBe(before + 1)
  })

  test('403 with an envelope is what the receiver says of the request: it comes back as it was, without an alarm', async () => {
    const body = '{"status_code":2001,"status_message":"Not your session"}'
    const before = await alarms()
    answering({ status: 403, body })
    const answer = await listLocations()
    expect([answer.status, answer.bytes.toString()]).toEqual([403, body])
    answering({ status: 403, body: `{"status_code":2001,"status_message":"${'x'.repeat(3 * BUFFER_BYTES)}"}` })
    expect((await listLocations()).status).toBe(403)
    expect(await alarms()).toBe(before)
  })

  test("its words are told without the hub's token, however it is spelt in them", async () => {
    const token = cpo.tokenForHub() as string
    const encoded = Buffer.from(token).toString('base64')
    for (const status of [401, 422]) {
      answering({ status, body: `${'-'.repeat(180)} unknown token ${token} (${encoded})` })
      const correlationId = `masked-${status}`
      const answer = await listLocations({ correlationId })
      const row = JSON.stringify(await logged(correlationId))
      for (const text of [answer.bytes.toString(), row, lines.join('\n')]) {
        // Not even the part of it that was cut.
        expect(text).not.toContain(token.slice(0, 5))
        expect(text).not.toContain(encoded.slice(0, 6))
      }
      expect(row).toContain('unknown token ***')
    }
  })
})

test('an answer that is no HTTP or breaks off is told as that', async () => {
  answering((_, response) => {
    response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ')
    return 'handled'
  })
  const answer = await listLocations()
  expect([answer.status, answer.statusCode]).toEqual([200, 4000])
  expect(answer.envelope?.status_message).toBe(
    "The receiver's answer broke off, or is no HTTP: Response body length does not match content-length header",
  )
})
