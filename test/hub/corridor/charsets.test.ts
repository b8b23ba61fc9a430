// Rules: Answers and Routing, one rule for every size. What the hub judges by its bytes as UTF-8 no reader is to take for something else.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CPO, EMSP, type Pair, routedTo, SHORT, startPair } from '../../faults/pair.ts'

const FOREIGN = [
  'utf-7',
  '"UTF-7"',
  'utf-16',
  'UTF-16LE',
  'utf-32',
  'ibm037',
  'cp500',
  'iso-2022-jp',
  'shift_jis',
  'gbk',
]
const LIKE_UTF_8 = ['utf-8', 'UTF8', '"utf-8"', 'us-ascii', 'iso-8859-1', 'windows-1252']
const BUFFER_BYTES = Number(SHORT.BUFFER_BYTES)

let pair: Pair
beforeAll(async () => {
  pair = await startPair({ INBOUND_REQUESTS_PER_SECOND: '0' })
})
afterAll(() => pair.hub.close())

const typed = (charset: string) => ['Content-Type', `application/json; charset=${charset}`]
const filled = (bytes: number) => ({ id: 'LOC1', country_code: 'NL', party_id: 'CPO', name: 'x'.repeat(bytes) })

describe.each([
  ['within the buffer size', 10],
  ['beyond it', 4 * BUFFER_BYTES],
])('A body %s', (_, bytes) => {
  test.each(FOREIGN)('that says it is in %s is refused: 400 and no call', async (charset) => {
    const before = routedTo(pair.emsp)
    const answer = await pair.put(filled(bytes), { headers: typed(charset) })
    expect([answer.status, answer.statusCode]).toEqual([400, 2001])
    expect(answer.envelope?.status_message).toContain(charset.replaceAll('"', ''))
    expect(routedTo(pair.emsp)).toBe(before)
  })

  test.each(LIKE_UTF_8)('that says it is in %s goes on as it came', async (charset) => {
    expect(await pair.put(filled(bytes), { headers: typed(charset) })).toMatchObject({ status: 200, statusCode: 1000 })
    expect(pair.emsp.requests.at(-1)?.header('content-type')).toBe(`application/json; charset=${charset}`)
  })

  /** What the caller gets of an answer that says it is in this set. */
  async function answered(charset: string) {
    const undo = pair.cpo.on('locations', 'SENDER', () => ({
      isBare: true,
      headers: typed(charset),
      body: JSON.stringify({ status_code: 1000, timestamp: '2026-01-01T00:00:00Z', data: [filled(bytes)] }),
    }))
    const { status, statusCode } = await pair.ask()
    undo()
    return { status, statusCode }
  }

  test.each(FOREIGN)('of an answer that says it is in %s is no envelope: 4000', async (charset) => {
    expect(await answered(charset)).toEqual({ status: 200, statusCode: 4000 })
  })

  test.each(LIKE_UTF_8)('of an answer that says it is in %s is one', async (charset) => {
    expect(await answered(charset)).toEqual({ status: 200, statusCode: 1000 })
  })
})

test.each([
  ['a push for all', 'locations', '/NL/CPO/LOC1', 'PUT', { country_code: 'NL', party_id: 'HUB' }],
  ['a push without a receiver', 'locations', '/NL/CPO/LOC1', 'PUT', null],
  ['a CDR without a receiver', 'cdrs', '', 'POST', null],
])('%s in utf-7 is refused as well', async (_, module, path, method, to) => {
  const answer = await pair.cpo.call(module, 'RECEIVER', {
    ...{ method, path, to, from: CPO, body: filled(10), headers: typed('utf-7') },
  })
  expect([answer.status, answer.statusCode]).toEqual([400, 2001])
})

test('so are a command and credentials, and another charset beside utf-8', async () => {
  const command = {
    method: 'POST',
    path: '/START_SESSION',
    to: CPO,
    body: { location_id: '1' },
    headers: typed('utf-7'),
  }
  expect(await pair.emsp.call('commands', 'RECEIVER', command)).toMatchObject({ status: 400, statusCode: 2001 })
  const { cpo } = pair
  const url = cpo.hubEndpoints.get('credentials/RECEIVER') as string
  const body = { token: cpo.tokenForHub(), url: cpo.versionsUrl, roles: [{ ...CPO, role: 'CPO' }] }
  const put = { method: 'PUT', body, headers: typed('utf-16') }
  expect(await cpo.callUrl(url, put)).toMatchObject({ status: 400, statusCode: 2001 })
  const both = { headers: ['Content-Type', 'a/b;charset=utf8;charset=utf-7'] }
  expect(await pair.put(filled(10), both)).toMatchObject({ status: 400, statusCode: 2001 })
  expect(await pair.put(filled(10), { headers: ['Content-Type', 'a/b;charset=utf7'] })).toMatchObject({ status: 400 })
})

test('a list of a source that says it is in utf-16 fails the page of GET All', async () => {
  const undo = pair.cpo.on('locations', 'SENDER', () => ({ data: [filled(10)], headers: typed('utf-16') }))
  const answer = await pair.emsp.call('locations', 'SENDER', { from: EMSP })
  undo()
  expect(answer.statusCode).toBeGreaterThanOrEqual(4000)
})
