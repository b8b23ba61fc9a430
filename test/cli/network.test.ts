// What an administrator who types reads of the network as a whole, of one queue, and of one broadcast.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { answerWith, startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'
import { createCli, settled } from './run-cli.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const BALTIC = { name: 'Baltic Grid', parties: [{ country_code: 'SE', party_id: 'BGR', role: 'CPO' }] } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }

let hub: TestHub
let cli: ReturnType<typeof createCli>
let cpo: Awaited<ReturnType<TestHub['join']>>
let emsp: Awaited<ReturnType<TestHub['join']>>

const words = (line: string) => line.split(' ')
const said = async (line: string) => settled((await cli(words(line))).out)

beforeAll(async () => {
  hub = await startTestHub({ CONNECTION_CHECK_CALLS_PER_SECOND: '100' })
  cli = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken })
  cpo = await hub.join({ name: 'Polder', parties: [CPO] })
  emsp = await hub.join({ name: 'Tulip', parties: [EMSP] })
  await hub.createPlatform({ name: BALTIC.name, parties: [...BALTIC.parties] })
})
afterAll(() => hub.close())

describe('a connection check', () => {
  test('is asked for and waited for, says what is to be mended, and ends with 4', async () => {
    expect((await cli(words('checks show Polder'))).code).toBe(3)
    expect((await cli(words('checks list Polder'))).out).toBe('Never checked\n')
    const { code, out } = await cli(words('check Polder --skip-wrong-token'))
    expect(code).toBe(4)
    expect(out).toMatch(/^Polder, check 1: \d+ of \d+ passed, \d+ to mend/)
    expect(out).toMatch(/OUTCOME +PROBE +WHERE +WHAT +ADVICE\n■ fail /)
    const shown = JSON.parse((await cli(words('checks show Polder 1 --json'))).out)
    expect(shown).toMatchObject({ run: 1, skip_wrong_token: true, state: 'ended' })
    expect((await cli(words('checks list Polder'))).out).toMatch(/admin:owner +ended +\d+ of/)
    const faults = shown.probes.filter(({ outcome }: { outcome: string }) => outcome === 'fail')
    const names = new Set<string>(faults.map(({ name }: { name: string }) => name))
    expect((await cli(words('checks waive Polder speed'))).code).toBe(2)
    for (const name of names) await cli(words(`checks waive Polder ${name} --reason known`))
    const [first = ''] = names
    expect((await cli(words('checks waivers Polder'))).out).toContain(`${first}  `)
    expect((await cli(words(`checks unwaive Polder ${first}`))).out).not.toContain(`${first}  `)
    await cli(words(`checks waive Polder ${first} --reason known`))
    const mail = await cli(words('check Polder --mail'))
    expect(mail.code).toBe(0)
    expect(mail.out).toContain('Connection check 2 of Polder')
  })
})

describe('the network', () => {
  test('is counted', async () => {
    const out = await said('overview')
    for (const line of ['platforms  3', 'connected  2', 'planned  1', 'newcomers  3', 'waiting  0 pushes'])
      expect(out.split('\n')).toContain(line)
    expect(out).not.toContain('offline')
    expect(JSON.parse((await cli(words('overview --json'))).out)).toMatchObject({ platforms: { total: 3 } })
  })

  test('says what needs somebody, why and since when', async () => {
    expect(await said('attention')).toBe('Nothing needs you\n')
    await hub.admin('POST', `/queues/${emsp.platformId}/pause`)
    const isTold = async () => (await said('attention')) !== 'Nothing needs you\n'
    await until(isTold, 'Expected the paused queue')
    expect(await said('attention')).toBe(
      'WHAT  PLATFORM  SINCE  WHY\n▲ queue-paused  Tulip  AGE  Its queue is paused by an administrator; 0 pushes wait\n',
    )
    const [concern] = JSON.parse((await cli(words('attention --limit 1 --json'))).out)
    expect(concern).toMatchObject({ kind: 'queue-paused', platform_id: emsp.platformId })
  })

  test('has newcomers, each with the step that it is at and what is missing', async () => {
    expect(await said('onboarding list')).toMatch(
      /^PLATFORM  PARTIES  STEP .*\nBaltic Grid  SE-BGR  handshake  ○ open  0  \d+ d\nTulip .*\nPolder .*\n3 platforms\n$/,
    )
    const { out } = await cli(['onboarding', 'show', 'Baltic Grid'])
    expect(settled(out)).toMatch(
      /^platform  Baltic Grid\nstatus  ○ PLANNED\nparties  SE-BGR\ntoken ends in  \d+ d\nSTEP  STATE  SINCE  WHY\n/,
    )
    expect(settled(out).split('\n').slice(-7)).toEqual([
      'named  ✓ done  AGE',
      'invited  ✓ done  AGE',
      'handshake  ○ open',
      'check  – not-needed  Nobody has asked for a check',
      'agreements  – not-needed  All may talk unless a rule denies it',
      'live  ○ open',
      '',
    ])
    const asJson = await cli(words('onboarding show Tulip --json'))
    expect(JSON.parse(asJson.out)).toMatchObject({ platform_id: emsp.platformId })
    expect((await cli(words('onboarding show nosuch'))).code).toBe(3)
  })

  test('is seen by each platform in its own way', async () => {
    expect(await said('platforms client-info Polder')).toBe(
      'PARTY  ROLE  STATUS  SINCE\nDE-EMS  EMSP  ● CONNECTED  MOMENT\nSE-BGR  CPO  ○ PLANNED  MOMENT\n2 roles\n',
    )
  })
})

describe('queues', () => {
  test('are listed by what waits, and by how they stand', async () => {
    await until(async () => (await said('queues list --state paused')).includes('Tulip'), 'Expected the pause')
    await cli(words('queues resume Tulip'))
    expect(await said('queues list --sort oldest')).toMatch(/^PLATFORM  WAITING .*\n(.*\n){2}2 queues\n$/)
    expect(await said('queues list --state lagging')).toBe('No queue is behind\n')
    expect((await cli(words('queues list --state gone'))).code).toBe(2)
  })

  test('show what failed lately and what was missed of each module; a broadcast shows who has it', async () => {
    const off = emsp.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage: 'No room' }))
    const body = { country_code: 'NL', party_id: 'CPO', id: 'LOC1' }
    await cpo.call('locations', 'RECEIVER', { method: 'PUT', path: '/NL/CPO/LOC1', to: HUB, body })
    // In the log, and no longer among what waits.
    const isSettled = async () => /^(?!.*WAITS SINCE).*No room/s.test(await said('queues show Tulip'))
    await until(isSettled, 'Expected the failure in the log')
    off()
    expect(await said('queues show Tulip')).toMatch(
      /^PLATFORM .*\nTulip .*\n\nFAILED AT  MODULE  PATH  WHY  MESSAGE\nMOMENT  locations  PUT  \S*LOC1  400 2001  .*No room  \S+\n/,
    )
    await until(async () => (await said('queues show Tulip')).includes('MISSED  OBJECTS'), 'Expected the missed object')
    expect(await said('queues show Tulip')).toMatch(/\n\nMISSED  OBJECTS  THE LAST AT\nlocations  1  MOMENT\n$/)
    const [broadcast] = JSON.parse((await cli(words('messages list --kind broadcast --json'))).out)
    expect(await said(`messages deliveries ${broadcast.id}`)).toMatch(
      /^PLATFORM  FOR  STATE  AT  ATTEMPTS  WHY  LAST MESSAGE\nTulip  failed  MOMENT  1  \S+  \S+\n1 receiver\n$/,
    )
    expect((await cli(words('messages deliveries nosuch'))).code).not.toBe(0)
  })
})

describe('webhooks', () => {
  test('are added with a secret that is shown once, tried, and removed; a test that is not taken is told by the exit code', async () => {
    const receiver = await startReceiver()
    const added = await cli([
      'webhooks',
      'add',
      'on call',
      `${receiver.url}/x`,
      '--kinds',
      'alarm',
      '--platform',
      'Tulip',
    ])
    expect(settled(added.out)).toMatch(/^webhook  on call\nsecret  whsec_\S+\ntold of  alarm\n/)
    expect(settled((await cli(['webhooks', 'test', 'ON CALL'])).out)).toMatch(
      /^KIND  HAPPENED  STATE  ATTEMPTS  CAME OF IT .*\nwebhook\.test  AGE  delivered  1  HTTP 200\n$/,
    )
    receiver.answer = answerWith(500, {}, 'broken \u001b[2J')
    const refused = await cli(['webhooks', 'test', 'on call'])
    expect([refused.code, settled(refused.out)]).toEqual([
      4,
      expect.stringMatching(/refused  1  HTTP 500  broken \[2J\n$/),
    ])
    expect(await said('webhooks list')).toMatch(/^NAME .*\non call  ● on  http:\/\/\S+\/x  0  0  0  alarm  \S+\n$/)
    expect(settled((await cli(['webhooks', 'deliveries', 'on call'])).out).split('\n')).toHaveLength(4)
    await cli(['webhooks', 'set', 'on call', '--on', 'off', '--all-platforms'])
    expect((await hub.admin('GET', '/webhooks')).body).toMatchObject([
      { on: false, platform_id: null, kinds: ['alarm'] },
    ])
    expect((await cli(['webhooks', 'rotate-secret', 'on call'])).out).toContain('whsec_')
    expect((await cli(['webhooks', 'remove', 'on call', '--yes'])).out).toBe('on call is removed\n')
    expect(await said('webhooks list')).toBe('None\n')
    expect((await cli(['webhooks', 'test', 'on call'])).code).toBe(3)
    await receiver.close()
  })
})
