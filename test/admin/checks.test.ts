import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cpo, createCpo } from '../../src/demo/partners/cpo.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import { until } from '../support/until.ts'

const CPO = { country_code: 'NL', party_id: 'CPA' }

let hub: TestHub
let cpo: Cpo
let id: string

beforeAll(async () => {
  hub = await startTestHub({ CONNECTION_CHECK: 'required', CONNECTION_CHECK_CALLS_PER_SECOND: '100' })
  cpo = createCpo({ name: 'Polder Charging', party: CPO, country: 'NL', observe: () => {}, stationDelayMs: 0 })
  await cpo.platform.listen()
})
afterAll(async () => {
  await cpo.platform.close()
  await hub.close()
})

const path = (end = '') => `/platforms/${id}/checks${end}`

async function report(run: number, platform = id) {
  return (await hub.admin('GET', `/platforms/${platform}/checks/${run}`)).body
}

async function ended(run: number, platform = id) {
  await until(async () => (await report(run, platform)).ended_at !== null, `check ${run} to end`)
  return report(run, platform)
}

type Found = { readonly name: string; readonly outcome: string; readonly messages: readonly string[] }

function failed({ probes }: { readonly probes: readonly Found[] }): string[] {
  return [...new Set(probes.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name))]
}

/** The oldest last. Moments are whole milliseconds. */
function areOneAtATime(messages: readonly { readonly at: string; readonly duration_ms: number }[]): boolean {
  return messages.every(({ at }, i) => {
    const before = messages[i + 1]
    return before === undefined || Date.parse(at) >= Date.parse(before.at) + Math.floor(before.duration_ms)
  })
}

describe('A newcomer where the connection check is required', () => {
  const right: { currency?: string | undefined } = {}

  test('stays PLANNED while its check finds faults, which have advice and exchanges that show them, each made one at a time', async () => {
    const [tariff] = cpo.tariffs as unknown as { currency?: string }[]
    if (!tariff) throw new Error('The simulated CPO has no tariff')
    right.currency = tariff.currency
    delete tariff.currency
    const made = await hub.createPlatform({ name: 'Polder Charging', parties: [{ ...CPO, role: 'CPO' }] })
    id = made.id
    await cpo.platform.register({ versionsUrl: hub.versionsUrl, token: made.token })
    expect((await hub.admin('GET', `/platforms/${id}`)).body).toMatchObject({ status: 'PLANNED', awaits_check: true })

    const first = await ended(1)
    expect(first).toMatchObject({
      state: 'ended',
      asked_by: 'handshake',
      compared_with: null,
      platform_name: 'Polder Charging',
    })
    expect(failed(first)).toEqual(['schema'])
    const fault = first.probes.find(({ outcome }: Found) => outcome === 'fail')
    expect(fault).toMatchObject({ party: 'NL-CPA', module: 'tariffs', advice: expect.any(String), waived: false })
    const [request] = fault.messages
    await until(async () => (await hub.admin('GET', `/messages?request_id=${request}`)).body.length > 0, 'its exchange')
    const its = `/messages?correlation_id=${first.correlation_id}&limit=100`
    await until(async () => (await hub.admin('GET', its)).body.length > 20, 'the others')
    const { body: messages } = await hub.admin('GET', its)
    expect(messages.every(({ kind }: { kind: string }) => kind === 'check')).toBe(true)
    expect(areOneAtATime(messages)).toBe(true)

    expect((await hub.admin('GET', `/platforms/${id}`)).body.status).toBe('PLANNED')
    expect((await hub.admin('GET', '/attention')).body).toContainEqual(
      expect.objectContaining({ kind: 'check-failed', platform_id: id, why: expect.stringContaining('1 fault') }),
    )
    const { steps, check } = (await hub.admin('GET', `/onboarding?platform=${id}`)).body[0]
    expect(steps.check).toMatchObject({ state: 'failed', why: '1 fault to mend' })
    expect(steps.live).toMatchObject({ state: 'under-way', why: expect.stringContaining('connection check') })
    expect(check).toMatchObject({ run: 1, faults: 1 })
  })

  test('is not released past it', async () => {
    expect(await hub.admin('POST', `/platforms/${id}/release`)).toMatchObject({
      status: 409,
      body: { type: 'urn:ocpi-hub:problem:awaits-check' },
    })
    expect((await hub.admin('PATCH', `/platforms/${id}`, { hold: false, name: 'Polder' })).body.status).toBe('PLANNED')
  })

  test('has a mail with what is to be mended', async () => {
    const answer = await fetch(`${hub.url}/admin/api${path('/1/mail')}`, {
      headers: { Authorization: `Bearer ${hub.adminToken}` },
    })
    expect(answer.headers.get('Content-Type')).toContain('text/plain')
    const text = await answer.text()
    expect(text).toContain('(schema, NL')
    expect(text).not.toContain('limit-1')
  })

  test('goes live with the check that finds none, which says what is better', async () => {
    const [tariff] = cpo.tariffs as unknown as { currency?: string | undefined }[]
    Object.assign(tariff ?? {}, right)
    const asked = await hub.admin('POST', path(), { reason: 'they say it is mended' })
    expect(asked).toMatchObject({ status: 202, body: { run: 2, asked_by: 'admin:owner', state: 'waiting' } })
    expect(await hub.admin('POST', path(), {})).toMatchObject({
      status: 409,
      body: { type: 'urn:ocpi-hub:problem:check-under-way', check: 2 },
    })
    const second = await ended(2)
    expect(failed(second)).toEqual([])
    expect(second.compared_with).toMatchObject({
      run: 1,
      worse: [],
      better: [{ name: 'schema', was: 'fail', is: 'pass' }],
    })
    expect((await hub.admin('GET', `/platforms/${id}`)).body).toMatchObject({
      status: 'CONNECTED',
      awaits_check: false,
      status_cause: 'passed its connection check',
    })
    expect((await hub.admin('GET', `/onboarding?platform=${id}`)).body[0].steps.check.state).toBe('done')
    expect((await hub.admin('GET', path())).body.map(({ run }: { run: number }) => run)).toEqual([2, 1])
  })
})

describe('A partner with faults of its own', () => {
  test('goes live when the last fault is waived', async () => {
    const party = { country_code: 'DE', party_id: 'EMB', role: 'EMSP' } as const
    const partner = await startPartner({ name: 'faulty', parties: [party] })
    const made = await hub.createPlatform({ name: 'faulty', parties: [party] })
    await partner.register({ versionsUrl: hub.versionsUrl, token: made.token })
    const found = await ended(1, made.id)
    const faults = failed(found)
    expect(faults.length).toBeGreaterThan(0)
    const waivers = `/platforms/${made.id}/checks/waivers`
    expect(await hub.admin('PUT', `${waivers}/${faults[0]}`, {})).toMatchObject({ status: 400 })
    expect((await hub.admin('PUT', `${waivers}/nothing`, { reason: 'known' })).status).toBe(404)
    const statusOf = async () => (await hub.admin('GET', `/platforms/${made.id}`)).body.status
    for (const probe of faults) {
      expect(await statusOf()).toBe('PLANNED')
      expect((await hub.admin('PUT', `${waivers}/${probe}`, { reason: 'known' })).status).toBe(200)
    }
    expect(await statusOf()).toBe('CONNECTED')
    expect((await hub.admin('GET', waivers)).body).toHaveLength(faults.length)
    expect((await report(1, made.id)).probes.every(({ outcome, waived }: never) => outcome !== 'fail' || waived)).toBe(
      true,
    )
    expect((await hub.admin('DELETE', `${waivers}/${faults[0]}?reason=mended`)).body).toHaveLength(faults.length - 1)
    expect(await statusOf()).toBe('CONNECTED')

    const inVain = partner.onRequest(() => ({ status: 500, body: 'An error' }))
    expect((await hub.admin('POST', `/platforms/${made.id}/checks`, {})).status).toBe(202)
    expect(failed(await ended(2, made.id))).toContain('versions-answer')
    inVain()
    await partner.close()
    expect((await hub.admin('POST', `/platforms/${made.id}/checks`, {})).status).toBe(202)
    expect(failed(await ended(3, made.id))).toContain('versions-answer')
    expect(await statusOf(), 'a check is no still-alive check').toBe('CONNECTED')
  })
})

describe('A command that a check sends, by consent', () => {
  const COMMANDS = ['commands', 'RECEIVER'] as const
  const party = { country_code: 'FR', party_id: 'CPB', role: 'CPO' } as const
  const accepted = { data: { result: 'ACCEPTED', timeout: 1 } }
  const post = (by: Partner, url: string, body: unknown = { result: 'REJECTED' }) =>
    by.callUrl(url, { method: 'POST', body })
  let partner: Partner
  let platform: string

  async function commandResult(answer: (responseUrl: string) => void): Promise<Found> {
    const undo = partner.on(...COMMANDS, (request) => {
      const { response_url } = request.json() as { response_url: string }
      answer(response_url)
      return accepted
    })
    const asked = await hub.admin('POST', `/platforms/${platform}/checks`, { consent: true })
    expect(asked.status).toBe(202)
    const { probes } = await ended(asked.body.run, platform)
    undo()
    return probes.find(({ name }: Found) => name === 'command-result')
  }

  beforeAll(async () => {
    partner = await startPartner({ name: 'commanded', parties: [party] })
    const made = await hub.createPlatform({ name: 'commanded', parties: [party] })
    platform = made.id
    await partner.register({ versionsUrl: hub.versionsUrl, token: made.token })
    await ended(1, platform)
  })
  afterAll(() => partner.close())

  test('is answered with a result, by the platform that was sent it and nobody else, also before it is released', async () => {
    const other = await hub.join({ name: 'other', parties: [{ country_code: 'BE', party_id: 'OTH', role: 'EMSP' }] })
    let answers: Promise<(number | null)[]> = Promise.resolve([])
    const found = await commandResult((url) => {
      answers = (async () => {
        const refused = [
          await post(other, url, { result: 'ACCEPTED' }),
          await partner.callUrl(url, { method: 'POST', body: { result: 'ACCEPTED' }, authorization: 'Token bm9ib2R5' }),
          await partner.callUrl(url),
          await post(partner, url, { state: 'ACCEPTED' }),
          await post(partner, url, { result: 'ACCEPTED', message: 'x'.repeat(20_000) }),
          await post(partner, `${url.slice(0, -3)}AAA`),
        ]
        const taken = [await post(partner, `${url}/`), await post(partner, url, { result: 'ACCEPTED' })]
        return [...refused.map(({ status }) => status), ...taken.map(({ statusCode }) => statusCode)]
      })()
    })
    expect((await hub.admin('GET', `/platforms/${platform}`)).body.status).toBe('PLANNED')
    expect(await answers).toEqual([404, 401, 405, 200, 413, 404, 1000, 1000])
    expect(found).toMatchObject({ outcome: 'pass', detail: expect.stringContaining('REJECTED') })
  })

  test('has failed when no result comes within its timeout, and one that comes late changes nothing', async () => {
    let url = ''
    const found = await commandResult((responseUrl) => {
      url = responseUrl
    })
    expect(found).toMatchObject({ outcome: 'fail', detail: expect.stringContaining('no result came within 1 s') })
    const before = await report(3, platform)
    expect(await post(partner, url)).toMatchObject({ status: 200, statusCode: 1000 })
    expect(await report(3, platform)).toEqual(before)
  })
})

test('there is nothing to check before the handshake, while suspended, or of nobody', async () => {
  const { id: planned } = await hub.createPlatform({ name: 'planned' })
  expect(await hub.admin('POST', `/platforms/${planned}/checks`, {})).toMatchObject({ status: 409 })
  expect(await hub.admin('GET', `/platforms/${planned}/checks`)).toMatchObject({ status: 200, body: [] })
  const nobody = '6f2b2c64-6f0c-4f3e-9d3c-0c6d2f6f1a01'
  for (const [method, end, body] of [
    ['POST', '', {}],
    ['GET', '', undefined],
    ['GET', '/1', undefined],
    ['GET', '/1/mail', undefined],
    ['GET', '/waivers', undefined],
    ['PUT', '/waivers/speed', { reason: 'known' }],
    ['DELETE', '/waivers/speed', undefined],
  ] as const) {
    expect((await hub.admin(method, `/platforms/${nobody}/checks${end}`, body)).status, `${method} ${end}`).toBe(404)
  }
  await hub.admin('POST', `/platforms/${id}/suspend`)
  expect(await hub.admin('POST', path(), {})).toMatchObject({
    status: 409,
    body: { type: expect.stringContaining('wrong-status') },
  })
})
