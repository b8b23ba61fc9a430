// What an administrator who types reads of messages, queues, rules and events, and does about them.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { until } from '../support/until.ts'
import { createCli, settled } from './run-cli.ts'

const CPO = { country_code: 'NL', party_id: 'CPO' }
const EMSP = { country_code: 'DE', party_id: 'EMS' }
const HUB = { country_code: 'NL', party_id: 'HUB' }

let hub: TestHub
let cli: ReturnType<typeof createCli>
let cpo: Awaited<ReturnType<TestHub['join']>>
let emsp: Awaited<ReturnType<TestHub['join']>>
let folder: string

const words = (line: string) => line.split(' ')
const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'))
  hub = await startTestHub()
  cli = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken })
  cpo = await hub.join({ name: 'Polder', parties: [{ ...CPO, role: 'CPO' }] })
  emsp = await hub.join({ name: 'Tulip', parties: [{ ...EMSP, role: 'EMSP' }] })
})
afterAll(async () => {
  await hub.close()
  await rm(folder, { recursive: true })
})

/** A location that is pushed by the CPO; resolves once the log has what came of it. */
async function push(id: string, to: typeof EMSP, rows: number): Promise<string> {
  const correlationId = `push-${id}`
  const body = { ...CPO, id }
  await cpo.call('locations', 'RECEIVER', { method: 'PUT', path: `/NL/CPO/${id}`, to, body, correlationId })
  await until(
    async () => (await hub.admin('GET', `/messages?correlation_id=${correlationId}`)).body.length >= rows,
    'Expected the messages in the log',
  )
  return correlationId
}

describe('messages', () => {
  test('are found by correlation ID, object, party and outcome', async () => {
    const found = 'NL-CPO → DE-EMS  locations  PUT  NL/CPO/LOC1  TOOK  200 1000  ID'
    await push('LOC1', EMSP, 1)
    for (const filter of [
      '--correlation push-LOC1',
      '--object LOC1',
      '--party NL-CPO --module locations --outcome ok',
    ]) {
      const { out } = await cli(words(`messages list ${filter} --limit 1`))
      expect(settled(out).replace(/\w+-\w+$/m, 'ID'), filter).toContain(`MOMENT  ${found}\n`)
    }
    expect((await cli(words('messages list --failed'))).out).toMatch(/^No message since /)
  })

  test('are shown with what both sides sent, and with their story; a terminal obeys nothing of it', async () => {
    const off = emsp.on('locations', 'RECEIVER', () => ({
      status: 400,
      statusCode: 2001,
      statusMessage: 'No \u009b31m',
    }))
    await push('LOC2', EMSP, 1)
    off()
    const [{ id }] = JSON.parse((await cli(words('messages list --object LOC2 --json'))).out)
    const { out } = await cli(['messages', 'show', id])
    const text = settled(out)
    expect(text).toContain('way  NL-CPO → DE-EMS\n')
    expect(text).toContain('request  PUT /ocpi/2.2.1/receiver/locations/NL/CPO/LOC2\n')
    expect(text).toMatch(/^outcome {2}400 2001/m)
    expect(text).toContain('Request\n')
    expect(text).toContain('{"country_code":"NL","party_id":"CPO","id":"LOC2"}')
    expect(out).toContain('No 31m')
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect((await cli(['messages', 'story', id])).out).toContain('NL/CPO/LOC2')
  })

  test('pass by in tail as they are written, each once, and as JSON in lines', async () => {
    const stop = new AbortController()
    let seen = ''
    const tail = cli(words('messages tail --party NL-CPO'), { signal: stop.signal, onOut: (text) => (seen += text) })
    const asJson = cli(words('messages tail --party NL-CPO --module locations --count 2 --json'))
    for (let i = 0; !seen.includes('LOC3'); i++) await push(`LOC3-${i}`, EMSP, 1)
    await push('LOC4', EMSP, 1)
    await until(() => seen.includes('LOC4'), 'Expected the tail to show the message')
    stop.abort()
    expect((await tail).code).toBe(0)
    expect(seen).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}NL-CPO → DE-EMS +locations +PUT +NL\/CPO\/LOC4 +\d+ ms +200 1000$/m)
    expect(seen).not.toContain('LOC1')
    expect(seen.split('LOC4')).toHaveLength(2)
    const rows = (await asJson).out.trim().split('\n')
    expect(rows.map((row) => JSON.parse(row).module)).toEqual(['locations', 'locations'])
  })

  test('that were not delivered are sent again', async () => {
    const off = emsp.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage: 'No' }))
    const correlationId = await push('LOC5', HUB, 2)
    off()
    const [{ id }] = JSON.parse(
      (await cli(words(`messages list --correlation ${correlationId} --kind delivery --json`))).out,
    )
    const { code, out } = await cli(['messages', 'replay', id, '--reason', 'the partner lost it'])
    expect(out).toMatch(/^waits as push +\d+\nfor +\S{36}\ncorrelation ID +\S+\nbody from +push-log\n$/)
    expect(code).toBe(0)
    const direct = JSON.parse((await cli(words('messages list --object LOC1 --json'))).out)[0].id
    expect((await cli(['messages', 'replay', direct])).code).toBe(7)
  })
})

describe('queues', () => {
  test('are listed, paused with a reason and resumed', async () => {
    expect((await cli(words('queues pause DE-EMS --reason maintenance'))).out).toMatch(
      /^PLATFORM +WAITING +IN FLIGHT +OLDEST +A MINUTE +DELIVERED +COLLAPSED +MISSED +WITHHELD +PAUSED BY\nTulip .*▲ administrator\n$/,
    )
    expect((await cli(words('queues list --state paused'))).out).toMatch(/Tulip .*▲ administrator\n1 queue\n$/)
    expect((await cli(words('queues resume DE-EMS'))).out).not.toContain('▲')
    expect((await cli(words('queues show Polder'))).out).toContain('Polder')
    expect((await cli(words('queues list'))).out).toContain('2 queues\n')
  })

  test('are skipped when somebody is sure; what was missed is listed and sent again', async () => {
    expect((await cli(words('queues skip Polder'))).code).toBe(2)
    await cli(words('queues pause Tulip'))
    await push('LOC6', HUB, 1)
    expect((await cli(words('queues skip Tulip --yes'))).code).toBe(0)
    await cli(words('queues resume Tulip'))
    await until(async () => (await cli(words('queues missed Tulip'))).out.includes('LOC6'), 'Expected a missed object')
    cpo.on('locations', 'SENDER', () => ({ data: { ...CPO, id: 'LOC6' } }))
    expect((await cli(words('queues resend Tulip --limit 1'))).out).toMatch(/locations +\/NL\/CPO\/LOC6 +queued/)
    expect((await cli(words('queues missed Tulip'))).out).not.toContain('LOC6')
  })
})

describe('agreements', () => {
  test('are denied and allowed, and why says what follows of which module', async () => {
    expect((await cli(words('why NL-CPO DE-EMS --module tokens'))).out).toMatch(/^yes {2}tokens {2}.+\n$/)
    const { out } = await cli(words('agreements deny NL-CPO DE-EMS --modules cdrs,tokens --reason ticket'))
    expect(out.replace(/\S{36}/, 'ID')).toMatch(/^A +B +EFFECT .*\nNL-CPO +DE-EMS +deny +cdrs tokens +ID\n$/)
    const why = (await cli(words('why NL-CPO DE-EMS'))).out
    expect(why).toMatch(/^no +tokens {2,}Rule \S{36} denies tokens/m)
    expect(why).toMatch(/^yes +locations /m)
    expect(why).toContain('\n     → ocpi-hub agreements allow NL-CPO DE-EMS\n')
    expect(settled((await cli(words('agreements matrix'))).out)).toBe(lines('policy: open  DE-EMS', 'NL-CPO  ◐ some'))
    expect((await cli(words('agreements allow NL-CPO DE-EMS'))).code).toBe(0)
    expect((await cli(words('agreements matrix --cpo NL'))).out).toContain('● all')
    expect((await cli(words('agreements list --party NL-CPO'))).out).toContain('2 rules\n')
  })

  test('are ended when somebody is sure', async () => {
    const [{ id }] = JSON.parse((await cli(words('agreements list --json'))).out)
    expect((await cli(['agreements', 'remove', id])).err).toMatch(/^The rule that allows NL-CPO and DE-EMS ends now\./)
    expect((await cli(['agreements', 'remove', id, '--yes'])).out).toBe('The rule is ended\n')
    expect((await cli(words('agreements list --include-over'))).out).toContain('allow, not in force')
  })

  test('come from a file, first tried, and go into one', async () => {
    const path = join(folder, 'rules.csv')
    const head = 'a_country_code,a_party_id,b_country_code,b_party_id,effect,modules,valid_from,valid_until'
    await writeFile(path, `${head}\nNL,CPO,FR,EMS,deny,,,\nNL,CPO,NL,CPO,deny,,,\n`)
    const tried = await cli(['agreements', 'import', path, '--dry-run'])
    expect(tried).toEqual({
      code: 2,
      out: lines(
        'line 2  added',
        'line 3  refused  Expected two parties, got NL-CPO twice',
        '1 rule would be added, 0 left out, 1 refused: with any of them the whole file is',
      ),
      err: '',
    })
    expect((await cli(['agreements', 'import', '-'], { stdin: `${head}\nNL,CPO,FR,EMS,deny,,,\n` })).out).toBe(
      '1 rule added, 0 left out\n',
    )
    expect((await cli(['agreements', 'import', join(folder, 'nosuch')])).code).toBe(2)
    await cli(['agreements', 'export', '--output', path])
    expect(await readFile(path, 'utf8')).toContain(',NL,CPO,FR,EMS,deny,')
  })
})

test('events are listed with the names of platforms, and followed as they happen', async () => {
  expect((await cli(words('events list --kinds platform.status'))).out).toMatch(
    /^AT +KIND +PLATFORM\n\S+ \S+ +platform\.status +Tulip +from PLANNED, to CONNECTED, .*by partner$/m,
  )
  const tail = cli(words('events tail --kinds platform.status --platform Polder --count 2'))
  const asJson = cli(words('events tail --kinds platform.status --platform Polder --count 1 --json'))
  let isOver = false
  void Promise.all([tail, asJson]).then(() => (isOver = true))
  for (let i = 0; !isOver; i++) {
    await cli(words(`platforms ${i % 2 === 0 ? 'suspend' : 'resume'} Polder`))
  }
  expect((await tail).out).toMatch(/^\S+ \S+ +platform\.status +Polder +from .*\n.*\n$/)
  expect(JSON.parse((await asJson).out)).toMatchObject({ kind: 'platform.status', platform_id: cpo.platformId })
  await hub.admin('POST', `/platforms/${cpo.platformId}/resume`)
})

test('handshakes and refused calls say who, what and what helps', async () => {
  expect((await cli(words('handshakes list --platform Tulip'))).out).toMatch(/Tulip +partner +5 +registered/)
  const [{ id }] = JSON.parse((await cli(words('handshakes list --json'))).out)
  expect((await cli(['handshakes', 'show', id])).out).toMatch(
    /^1 +← +GET +\/ocpi\/versions +200 1000 +\d+ ms\n[^]*\nregistered\n/,
  )
  await fetch(hub.versionsUrl, { headers: { Authorization: 'Bearer nosuch' } })
  await until(
    async () => (await cli(words('refused-calls'))).out.includes('/ocpi/versions'),
    'Expected the refused call',
  )
  expect((await cli(words('refused-calls --since 1h'))).out).toMatch(
    /127\.0\.0\.1 +GET +\/ocpi\/versions +401 +[0-9a-f]{8} +\S/,
  )
})

test('audit is listed and exported as CSV, part after part under one line of heads', async () => {
  expect((await cli(words('audit list --who owner --what queue.pause'))).out).toMatch(
    /owner +queue\.pause +Tulip +maintenance/,
  )
  const path = join(folder, 'audit.csv')
  await cli(['audit', 'export', '--output', path])
  const rows = (await readFile(path, 'utf8')).trim().split('\n')
  expect(rows.filter((row) => row.startsWith('number,at,'))).toHaveLength(1)
  expect(rows.length).toBeGreaterThan(10)
})

test('traffic is a table of sums', async () => {
  await until(async () => (await cli(words('traffic'))).out !== 'No traffic\n', 'Expected counts')
  expect((await cli(words('traffic --since 2h --module locations'))).out).toMatch(
    /^FROM +MODULE +OUTCOME +EXCHANGES +MEAN +MEDIAN +95 %\n\S+ \S+ +locations +(ok|refused) +\d+ +[\d.]+ ms/,
  )
})
