import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { until } from '../../support/until.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const HOSTILE = '<img src=x onerror=alert(1)>'

type Joined = Awaited<ReturnType<TestHub['join']>>

let hub: TestHub
let browser: PlainBrowser
let reader: PlainBrowser
let cpo: Joined
let emsp: Joined
let isRefusing = false

beforeAll(async () => {
  hub = await startTestHub()
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  const { body: key } = await hub.admin('POST', '/keys', { name: 'reader', role: 'read-only' })
  reader = createPlainBrowser(hub.url)
  await reader.signIn(key.key)
})
afterAll(() => hub.close())

/** A broadcast of the CPO, which the eMSP refuses or takes. */
async function push(id: string): Promise<void> {
  const body = { country_code: 'NL', party_id: 'CPO', id, name: 'as it was' }
  const path = `/NL/CPO/${id}`
  expect((await cpo.call('locations', 'RECEIVER', { method: 'PUT', path, to: HUB, body })).statusCode).toBe(1000)
}

async function queue(): Promise<{ waiting: number; paused: boolean; failed: number }> {
  return (await hub.admin('GET', `/queues/${emsp.platformId}`)).body
}

describe('the list of queues', () => {
  it('is empty before anybody connected', async () => {
    const { status, text } = await browser.get('/admin/queues')
    expect(status).toBe(200)
    expect(text).toContain('No queue yet')
  })

  it('has a queue for each platform, and pauses and resumes it by one click', async () => {
    cpo = await hub.join({ name: 'cpo', parties: [CPO] })
    emsp = await hub.join({ name: `emsp ${HOSTILE}`, parties: [EMSP] })
    emsp.on('locations', 'RECEIVER', () =>
      isRefusing ? { status: 400, statusCode: 2001, statusMessage: `No ${HOSTILE}` } : {},
    )
    cpo.on('locations', 'SENDER', ({ path }) =>
      path.endsWith('/LOC1')
        ? { data: { country_code: 'NL', party_id: 'CPO', id: 'LOC1', name: 'as it is now' } }
        : { status: 404, statusCode: 2003, statusMessage: 'Unknown location' },
    )
    const page = await browser.get('/admin/queues')
    expect(page.text).toContain('emsp &lt;img')
    expect(page.text).not.toContain(HOSTILE)
    const paused = await browser.submit(page, `/admin/queues/${emsp.platformId}/pause`)
    expect([paused.status, paused.leadsTo]).toEqual([303, '/admin/queues?done=pause'])
    const { text } = await browser.follow(paused)
    expect(text).toContain('Paused. Nothing more is sent to it')
    expect(text, 'the side bar tells of it').toMatch(/href="\/admin\/queues".*title="1 paused"/)
    expect(await queue()).toMatchObject({ paused: true })
  })

  it('shows those that wait first, and only those that are asked for', async () => {
    await push('LOC1')
    await push('LOC2')
    await until(async () => (await queue()).waiting === 2, 'two to wait')
    await until(async () => /emsp.*>cpo</s.test((await browser.get('/admin/queues')).text), 'what waits to be first')
    const waiting = await browser.get('/admin/queues?state=waiting&sort=oldest')
    expect(waiting.text).toContain('emsp')
    expect(waiting.text).not.toContain('>cpo<')
    expect(waiting.text).toContain('value="oldest" selected')
    expect((await browser.get('/admin/queues?state=lagging')).text).toContain('Everything is delivered')
    expect((await browser.get('/admin/queues?state=paused')).text).toContain('paused by an administrator')
    expect((await browser.get('/admin/queues?state=nonsense&sort=nonsense')).status).toBe(200)
  })

  it('is sent anew, live', async () => {
    const Cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const stream = await fetch(`${hub.url}/admin/queues/live?sort=waiting&state=paused`, { headers: { Cookie } })
    expect(stream.headers.get('Content-Type')).toContain('text/event-stream')
    const parts = (stream.body as ReadableStream<Uint8Array>).getReader()
    const first = new TextDecoder().decode((await parts.read()).value)
    await parts.cancel()
    expect(first).toMatch(/^data: /)
    expect(first).toContain('paused by an administrator')
  })
})

describe('the page of a queue', () => {
  it('has the heads of its lanes, and a page before what is done to it', async () => {
    const { text } = await browser.get(`/admin/queues/${emsp.platformId}`)
    for (const part of [
      'PUT /NL/CPO/LOC1',
      'not tried yet',
      'Nothing was missed',
      `/admin/platforms/${emsp.platformId}`,
    ])
      expect(text).toContain(part)
    const page = await browser.get(`/admin/queues/${emsp.platformId}/resume`)
    expect(page.text).toContain('2 pushes are sent to it')
    isRefusing = true
    const resumed = await browser.submit(page, `/admin/queues/${emsp.platformId}/resume`, { reason: 'they are back' })
    expect(resumed.leadsTo).toBe(`/admin/queues/${emsp.platformId}?done=resume`)
    const { body: audit } = await hub.admin('GET', '/audit?what=queue.resume')
    expect(audit).toMatchObject([{ reason: 'they are back' }])
  })

  it('shows what failed, with what the platform said, and what it missed of each module', async () => {
    await until(async () => (await queue()).failed === 2, 'both to be refused')
    isRefusing = false
    const page = async () => (await browser.get(`/admin/queues/${emsp.platformId}`)).text
    await until(async () => (await page()).includes('400 · 2001'), 'the refusals in the message log')
    const text = await page()
    expect(text).toContain('>2001 No')
    expect(text).not.toContain(HOSTILE)
    expect(text).toMatch(/<span class="tag">locations<\/span><\/td><td class="num">2</)
  })

  it('refuses a reason that is too long, and keeps it', async () => {
    const page = await browser.get(`/admin/queues/${emsp.platformId}/pause`)
    const reason = 'x'.repeat(501)
    const refused = await browser.submit(page, `/admin/queues/${emsp.platformId}/pause`, { reason })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain(`value="${reason}"`)
    expect(await queue()).toMatchObject({ paused: false })
  })

  it('is nowhere for a platform without a queue', async () => {
    const { id } = await hub.createPlatform({ name: 'later' })
    for (const path of [id, 'nothing', `${id}/missed`, `${id}/pause`])
      expect((await browser.get(`/admin/queues/${path}`)).status, path).toBe(404)
  })
})

describe('what was missed', () => {
  it('is listed with why, and got from its owners as it is now', async () => {
    const list = await browser.get(`/admin/queues/${emsp.platformId}/missed`)
    expect(list.text).toContain('PUT /NL/CPO/LOC1')
    expect(list.text).toContain('the platform refused it')
    const page = await browser.get(`/admin/queues/${emsp.platformId}/missed/resend`)
    expect(page.text).toContain('20 seconds at most')
    const fields = { limit: '20', reason: 'they lost a day' }
    const { status, text } = await browser.submit(page, `/admin/queues/${emsp.platformId}/missed/resend`, fields)
    expect(status).toBe(200)
    expect(text).toContain('1 of 2 objects are on their way')
    expect(text).toMatch(/LOC2.*its owner has it no more/s)
    await emsp.waitForRequest(({ method, body }) => method === 'PUT' && body.toString().includes('as it is now'))
    const rest = await browser.get(`/admin/queues/${emsp.platformId}/missed`)
    expect(rest.text).not.toContain('LOC1')
  })

  it('goes on from where the last call ended', async () => {
    isRefusing = true
    await push('LOC3')
    await until(async () => (await queue()).failed >= 3, 'one more to be refused')
    isRefusing = false
    const page = await browser.get(`/admin/queues/${emsp.platformId}/missed/resend`)
    const action = `/admin/queues/${emsp.platformId}/missed/resend`
    const first = await browser.submit(page, action, { limit: '1' })
    expect(first.text).toContain('Go on with the rest')
    const second = await browser.submit(first, action)
    expect(second.text).toContain('LOC2')
    expect(second.text).not.toContain('Go on with the rest')
    const wrong = await browser.submit(page, action, { limit: '1000' })
    expect(wrong.status).toBe(400)
  })

  it('is what a queue comes to whose pushes are dropped', async () => {
    await hub.admin('POST', `/queues/${emsp.platformId}/pause`)
    await push('LOC4')
    await until(async () => (await queue()).waiting === 1, 'one to wait')
    const page = await browser.get(`/admin/queues/${emsp.platformId}/skip`)
    expect(page.text).toContain('1 push by now')
    expect(page.text).toContain('btn danger')
    await browser.submit(page, `/admin/queues/${emsp.platformId}/skip`)
    const path = `/admin/queues/${emsp.platformId}/missed`
    await until(async () => (await browser.get(path)).text.includes('dropped by an administrator'), 'it to be listed')
  })
})

it('who may only read sees no button, and none would work', async () => {
  const page = await reader.get(`/admin/queues/${emsp.platformId}`)
  for (const act of ['Pause…', 'Resume…', 'Drop what', 'Re-send missed…']) expect(page.text).not.toContain(act)
  expect((await reader.get('/admin/queues')).text).not.toContain('>Pause<')
  expect((await reader.get(`/admin/queues/${emsp.platformId}/missed`)).text).not.toContain('Re-send')
  const refused = await reader.post(`/admin/queues/${emsp.platformId}/pause`, {})
  expect(refused.status).toBe(403)
})
