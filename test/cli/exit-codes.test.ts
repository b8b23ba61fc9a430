// What a script learns from the exit code, and what stands on stderr beside it.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { createCli } from './run-cli.ts'

let hub: TestHub
let cli: ReturnType<typeof createCli>
const servers: ReturnType<typeof createServer>[] = []

const words = (line: string) => line.split(' ')

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '100' })
  cli = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken })
  await hub.join({ name: 'Polder', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
})
afterAll(() => hub.close())
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

/** The address of a server that answers so, and is no hub. */
async function startOther(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('0: done, and nothing on stderr', async () => {
  expect(await cli(words('whoami'))).toMatchObject({ code: 0, err: '' })
})

test('1: what answers is no hub', async () => {
  const url = await startOther((_, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('<p>'),
  )
  expect(await cli(['whoami', '--url', url])).toEqual({
    code: 1,
    out: '',
    err: `${url} answers, and not as a hub does: what it sends is no JSON\n`,
  })
})

test('1: a redirect is told, and the key does not follow it', async () => {
  const asked: unknown[] = []
  const other = await startOther((request, response) => {
    asked.push(request.headers.authorization)
    response.end('{}')
  })
  const url = await startOther((_, response) => response.writeHead(302, { Location: `${other}/admin` }).end())
  const { code, err } = await cli(['whoami', '--url', url])
  expect({ code, err, asked }).toEqual({
    code: 1,
    err: `${url} answers, and not as a hub does: HTTP 302, and leads to ${other}/admin\n`,
    asked: [],
  })
})

test.each([
  ['nosuch', "unknown command 'nosuch'"],
  ['platforms list --nosuch', "unknown option '--nosuch'"],
  ['platforms show', "missing required argument 'platform'"],
  [
    'platforms list --status gone',
    "option '--status <status>' argument 'gone' is invalid. Allowed choices are connected,",
  ],
  [
    'agreements allow NL DE-EMS',
    "command-argument value 'NL' is invalid for argument 'a'. Expected a party such as NL-ABC.",
  ],
  ['messages list --since soon', 'Expected a moment such as 2026-11-22T06:00:00Z, or 2h for two hours ago.'],
  ['platforms list --limit 0', 'Expected a whole number from 1 on.'],
  ['whoami --url ftp://hub.example', 'ftp://hub.example: expected the address of a hub such as https://hub.example'],
])('2: %s is called wrongly', async (line, said) => {
  const { code, out, err } = await cli(words(line))
  expect(err).toContain(said)
  expect({ code, out }).toEqual({ code: 2, out: '' })
})

test('2: the hub says which field is wrong', async () => {
  expect(await cli(['platforms', 'create', 'Bad', '--party', 'NL-CPX:NOBODY'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^The input is not as described: .*\n {2}#\/parties\/0\/role: /),
  })
})

test('2: no hub is named', async () => {
  const { code, err } = await createCli({ HOME: '/nonexistent' })(['whoami'])
  expect(err).toMatch(/^Which hub\? Name it by --url or OCPI_HUB_URL/)
  expect(code).toBe(2)
})

test.each([
  'platforms show Nobody',
  'platforms show 0b4b6f0e-6f0e-4c1e-9a55-0d3f1f6c2a11',
  'messages show nosuch',
  'handshakes show 0b4b6f0e-6f0e-4c1e-9a55-0d3f1f6c2a11',
  'queues show 0b4b6f0e-6f0e-4c1e-9a55-0d3f1f6c2a11',
  'admins set Nobody --role owner',
])('3: %s finds nothing', async (line) => {
  expect(await cli(words(line))).toMatchObject({ code: 3, out: '', err: expect.stringMatching(/^.+\n$/) })
})

test('4: the partner cannot be reached, and each call that was tried is told', async () => {
  const { id } = await hub.createPlatform({ name: 'Away' })
  const address = `http://127.0.0.1:${await freePort()}/versions`
  const typed = { stdin: 'their-registration-token\n' }
  const { code, out, err } = await cli(['connect', id, '--versions-url', address, '--token-stdin'], typed)
  expect(err).toMatch(
    new RegExp(
      `^1 +→ +GET +${address} +no answer +\\d+ ms .*\nunreachable at step 1\n.+\nAdvice: .+\nThe partner cannot be reached: `,
    ),
  )
  expect({ code, out }).toEqual({ code: 4, out: '' })
})

test('4: the partner gives no sign of life', async () => {
  const partner = await hub.join({ name: 'Silent', parties: [{ country_code: 'NL', party_id: 'SIL', role: 'CPO' }] })
  await partner.close()
  expect(await cli(words('platforms ping Silent'))).toMatchObject({
    code: 4,
    out: expect.stringContaining('does not answer'),
    err: '',
  })
})

test.each([
  ['a key that is none', 'nosuch', 'whoami'],
  ['no key', '', 'platforms list'],
])('5: %s', async (_, key, line) => {
  expect(await createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: key })(words(line))).toMatchObject({
    code: 5,
    out: '',
    err: expect.stringMatching(/^Unauthorized: .+\n$/),
  })
})

test('5: not for this role', async () => {
  const { body } = await hub.admin('POST', '/keys', { name: 'reader', role: 'read-only' })
  const reader = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: body.key })
  expect(await reader(words('platforms list'))).toMatchObject({ code: 0 })
  expect(await reader(words('platforms suspend Polder'))).toEqual({
    code: 5,
    out: '',
    err: 'Forbidden: This is for the role operator, and you are read-only\n',
  })
})

test('6: nobody listens there', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const { code, err } = await cli(['platforms', 'list', '--url', url])
  expect(err).toMatch(new RegExp(`^The hub at ${url} cannot be reached: connect ECONNREFUSED .*\n$`))
  expect(code).toBe(6)
})

test('6: it does not answer in time', async () => {
  const url = await startOther(() => undefined)
  expect(await cli(['platforms', 'list', '--url', url, '--timeout', '1'])).toEqual({
    code: 6,
    out: '',
    err: `The hub at ${url} cannot be reached: no answer in time\n`,
  })
})

test('6: a proxy says that the hub is away', async () => {
  const url = await startOther((_, response) => response.writeHead(502).end('<html>'))
  expect(await cli(['platforms', 'list', '--url', url])).toMatchObject({ code: 6 })
  expect(await cli(['health', '--url', url])).toMatchObject({ code: 6, out: expect.stringContaining('lives  no') })
})

test('7: something is there already', async () => {
  const { code, err } = await cli(['platforms', 'create', 'Other', '--party', 'NL-CPO:CPO'])
  expect(err).toMatch(/^The party belongs to another: NL-CPO as CPO belongs to Polder/)
  expect(code).toBe(7)
})

test('with --json stderr has the problem of the hub as it came', async () => {
  const { code, out, err } = await cli(words('messages show nosuch --json'))
  expect(JSON.parse(err)).toMatchObject({
    type: 'urn:ocpi-hub:problem:unknown-message',
    status: 404,
    instance: expect.any(String),
  })
  expect({ code, out }).toEqual({ code: 3, out: '' })
})

test('with --json what the command line itself finds wrong is a problem too', async () => {
  const { err } = await cli(words('platforms show Nobody --json'))
  expect(JSON.parse(err)).toEqual({
    type: 'about:blank',
    title: 'The command ended',
    detail: 'Nobody: no platform has this name, party or id',
  })
})
