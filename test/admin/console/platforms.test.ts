import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import type { Partner } from '../../support/partner.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const CPO = { country_code: 'NL', party_id: 'CPA', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMB', role: 'EMSP' } as const
const EMSP_2 = { country_code: 'DE', party_id: 'EM2', role: 'EMSP' } as const
const XSS = '<img src=x onerror=alert(1)> "quoted"'

let hub: TestHub
let browser: PlainBrowser
let reader: PlainBrowser
let cpo: Partner & { platformId: string }
let page: string

beforeAll(async () => {
  hub = await startTestHub({ ANNOUNCED_ROLES_ONLY: 'true', FAILED_LOGINS_PER_MINUTE: '1000' })
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  const { body: key } = await hub.admin('POST', '/keys', { name: 'a reader', role: 'read-only' })
  reader = createPlainBrowser(hub.url)
  await reader.signIn(key.key)
})
afterAll(() => hub.close())

/** The texts of the first cells of a table's rows. */
function names(text: string): string[] {
  return [...text.matchAll(/<a href="\/admin\/platforms\/[^"/]+" title="([^"]*)"/g)].map(([, name = '']) => name)
}

describe('the list of platforms', () => {
  it('says that there is none, and leads to the way in', async () => {
    const { status, text } = await browser.get('/admin/platforms')
    expect(status).toBe(200)
    expect(text).toContain('No platform yet')
    expect(text).toContain('href="/admin/onboarding/new"')
    expect((await reader.get('/admin/platforms')).text).not.toContain('/admin/onboarding/new')
  })

  it('shows of each who it is, how it stands and how it fares', async () => {
    cpo = await hub.join({ name: 'Rheinstrom', parties: [CPO] }, { parties: [CPO] })
    page = `/admin/platforms/${cpo.platformId}`
    await hub.createPlatform({ name: XSS, parties: [EMSP] })
    const { text } = await browser.get('/admin/platforms')
    expect(names(text)).toHaveLength(2)
    expect(text).toContain('NL-CPA <span class="dim">CPO</span>')
    expect(text).toContain('CONNECTED')
    expect(text).toContain('PLANNED')
    expect(text).not.toContain('<img')
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })

  it.each([
    ['q=rhein', 1],
    ['q=nl-cp', 1],
    ['q=e', 2],
    ['status=PLANNED', 1],
    ['role=EMSP', 1],
    ['party=NL-CPA&role=EMSP', 0],
    ['q=nobody', 0],
    ['status=MADEUP&role=&sort=weight', 2],
  ])('finds by %s', async (query, n) => {
    const { status, text } = await browser.get(`/admin/platforms?${query}`)
    expect(status).toBe(200)
    expect(names(text)).toHaveLength(n)
    if (n === 0) expect(text).toContain('Nothing matches')
  })

  it('keeps what was typed, and says at the field what cannot be looked for', async () => {
    const { status, text } = await browser.get('/admin/platforms?party=%22%3E%3Cscript%3E&q=rhein')
    expect(status).toBe(400)
    expect(text).toContain('value="rhein"')
    expect(text).toContain('Expected a party such as NL-ABC')
    expect(text).not.toContain('"><script>')
  })

  it('goes on in pages of a hundred, in the order that was chosen', { timeout: 60_000 }, async () => {
    for (let n = 0; n < 100; n++) await hub.createPlatform({ name: `fleet ${String(n).padStart(3, '0')}` })
    const first = await browser.get('/admin/platforms?q=fleet&sort=name')
    expect(names(first.text)).toHaveLength(100)
    expect(names(first.text)[0]).toBe('fleet 000')
    expect(first.text).not.toContain('rel="next"')
    await hub.createPlatform({ name: 'fleet 100' })
    const again = await browser.get('/admin/platforms?q=fleet&sort=name')
    const [, next = ''] = /href="([^"]+)" rel="next"/.exec(again.text) ?? []
    const second = await browser.get(next.replaceAll('&amp;', '&'))
    expect(names(second.text)).toEqual(['fleet 100'])
    expect(second.text).toContain('rel="first"')
  })
})

describe('the page of a platform', () => {
  it('says how it stands and why, and what it is made of', async () => {
    const { status, text } = await browser.get(page)
    expect(status).toBe(200)
    expect(text).toContain('<h1>Rheinstrom')
    for (const part of [
      'Status, last 7 days',
      'Traffic',
      'Last exchanges',
      'Interfaces',
      'Parties',
      'Last check',
      'Queue',
      'Agreements',
      'Connection',
      'What it sees of others',
    ])
      expect(text, part).toContain(`<h2>${part}`)
    expect(text).toContain('connected for')
    expect(text).toContain('NL-CPA')
    expect(text).toContain('No rule names its parties')
    expect(text).toContain('DE-EMB')
    expect(text).toContain(`href="${cpo.versionsUrl}" rel="noreferrer noopener"`)
    expect(text).toContain('>Run connection check</button>')
  })

  it('shows its latest exchanges from its side', async () => {
    await cpo.call('locations', 'RECEIVER', { method: 'GET', path: '/NL/CPA/NO', to: null }).catch(() => undefined)
    await expect.poll(async () => (await browser.get(page)).text).toContain('↗ sent')
  })

  it('knows nothing of what is not there', async () => {
    expect((await browser.get(`/admin/platforms/${crypto.randomUUID()}`)).status).toBe(404)
    expect((await browser.get('/admin/platforms/nothing')).status).toBe(404)
  })

  it('shows one who may only look no button that would do nothing', async () => {
    const { text } = await reader.get(page)
    expect(text).toContain('Rheinstrom')
    for (const verb of [
      'Run connection check',
      'Is it alive?',
      'Rotate',
      'Suspend',
      'Pause',
      'More</summary>',
      'Change →',
      'Mend →',
    ])
      expect(text, verb).not.toContain(verb)
    for (const key of ['suspend', 'rotate', 'remove', 'settings', 'interfaces'])
      expect((await reader.get(`${page}/${key}`)).status, key).toBe(403)
    expect((await reader.get(`/admin/queues/${cpo.platformId}/pause`)).status).toBe(403)
    const { status, text: refused } = await reader.post(`${page}/suspend`, { reason: 'because' })
    expect(status).toBe(403)
    expect(refused).toContain('This is for the role operator')
  })

  it('lists its changes of status, with who brought them about, and what it sees of others', async () => {
    const history = await browser.get(`${page}/history`)
    expect(history.text).toContain('CONNECTED')
    expect(history.text).toContain('the partner')
    expect(history.text).toContain(`href="/admin/audit?platform=${cpo.platformId}"`)
    const others = await browser.get(`${page}/others`)
    expect(others.text).toContain('DE-EMB')
    expect(others.text).not.toContain('NL-CPA')
    expect((await browser.get(`/admin/platforms/${crypto.randomUUID()}/history`)).status).toBe(404)
  })
})

describe('actions', () => {
  async function done(key: string, fields: Record<string, string> = {}) {
    const form = await browser.get(`${page}/${key}`)
    expect(form.status).toBe(200)
    expect(form.text.match(/<ul class="consequences">.*?<\/ul>/s)?.[0].match(/<li>/g)).toHaveLength(3)
    return browser.submit(form, `${page}/${key}`, fields)
  }
  const shown = async (answer: { leadsTo: string }) => (await browser.get(answer.leadsTo)).text
  const status = async () => (await hub.admin('GET', `/platforms/${cpo.platformId}`)).body.status
  const reasons = async () =>
    (await hub.admin('GET', `/audit?platform=${cpo.platformId}`)).body.map(
      ({ action, reason }: { action: string; reason: string | null }) => `${action} ${reason}`,
    )

  it('checks at once whether it is alive', async () => {
    const answer = await browser.submit(await browser.get(page), `${page}/check`)
    expect(answer.status).toBe(303)
    expect(await shown(answer)).toContain('It answered: it is alive.')
  })

  it('rotates its tokens', async () => {
    const before = cpo.tokenForHub()
    const answer = await done('rotate', { reason: 'once a year' })
    expect([answer.status, answer.leadsTo]).toEqual([303, `${page}?done=rotated`])
    expect(await shown(answer)).toContain('New tokens are exchanged')
    expect(cpo.tokenForHub()).not.toBe(before)
    expect(await reasons()).toContain('platform.rotate once a year')
    expect((await browser.get(page)).text).toContain('an older one still opens the hub')
    expect(await shown(await done('end-older-tokens'))).toContain('Its older tokens are dead')
  })

  it('pauses and resumes its queue, at once or with a reason', async () => {
    const queue = `/admin/queues/${cpo.platformId}`
    const paused = await browser.submit(await browser.get(page), `${queue}/pause`)
    expect(await shown(paused)).toContain('paused by an administrator')
    const asked = await browser.get(`${queue}/resume?from=platform`)
    const resumed = await browser.submit(asked, `${queue}/resume`, { reason: 'ticket 4711' })
    expect(await shown(resumed)).toContain('Its queue goes on')
    expect((await hub.admin('GET', `/queues/${cpo.platformId}`)).body.pause_cause).not.toBe('administrator')
    expect(await reasons()).toContain('queue.resume ticket 4711')
  })

  it('suspends it with a reason, and resumes it', async () => {
    const answer = await done('suspend', { reason: 'asked for by mail, ticket 4711' })
    expect(await shown(answer)).toContain('Suspended. Nothing is routed')
    expect(await status()).toBe('SUSPENDED')
    expect(await reasons()).toContain('platform.suspend asked for by mail, ticket 4711')
    expect((await browser.get(page)).text).toContain(`<a class="btn main" href="${page}/resume">`)
    await done('resume')
    expect(await status()).toBe('CONNECTED')
  })

  it('says at the form what the API refuses, with what was typed', async () => {
    const form = await browser.get(`${page}/suspend`)
    const long = await browser.submit(form, `${page}/suspend`, { reason: `because ${'x'.repeat(500)}` })
    expect(long.status).toBe(400)
    expect(long.text).toContain('because xxx')
    expect(long.text).toContain('role="alert"')
    expect(await status()).toBe('CONNECTED')
    const again = await browser.post(`${page}/resume`, { reason: 'once <more>' })
    expect(again.status).toBe(409)
    expect(again.text).toContain('The platform is CONNECTED')
    expect(again.text).toContain('value="once &lt;more&gt;"')
  })

  it('makes a new invitation token, and shows it this once', async () => {
    const path = `/admin/onboarding/${cpo.platformId}/token`
    expect((await browser.get(page)).text).toContain(`href="${path}"`)
    const answer = await browser.submit(await browser.get(path), path, { reason: 'it lost its token' })
    expect(answer.status).toBe(200)
    const [, token = ''] = /Token \(use once[^)]*\): (\S+)/.exec(answer.text) ?? []
    expect(token.length).toBeGreaterThan(20)
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    const { text } = await browser.get(page)
    expect(text).not.toContain(token)
    expect(text).toContain('open until')
    expect((await cpo.tryRegister({ versionsUrl: hub.versionsUrl, token })).statusCode).toBe(1000)
  })

  it('disconnects it, which tells it, and removes it', async () => {
    const answer = await done('disconnect')
    expect(await shown(answer)).toContain('Disconnected: its tokens are dead')
    expect(await status()).toBe('SUSPENDED')
    expect(cpo.tokenAtHub()).toBeNull()
    const { text } = await browser.get(page)
    expect(text).toContain('none any more')
    expect(text).not.toContain(`${page}/disconnect`)
    expect((await browser.get(`${page}/resume`)).text).toContain('It has no tokens')
    const removed = await done('remove', { reason: 'the contract ended' })
    expect(removed.leadsTo).toBe('/admin/platforms?done=removed')
    expect(await shown(removed)).toContain('Removed, with its tokens')
    expect((await browser.get(page)).status).toBe(404)
    expect((await browser.get(`${page}/history`)).text).toContain('A platform that was removed')
  })
})

describe('a platform that is held', () => {
  it('is released from its page', async () => {
    const held = await hub.join({ name: 'Held', parties: [EMSP_2] }, { parties: [EMSP_2], hold: true })
    const at = `/admin/platforms/${held.platformId}`
    expect((await browser.get(at)).text).toContain(`<a class="btn main" href="${at}/release">`)
    const answer = await browser.submit(await browser.get(`${at}/release`), `${at}/release`)
    expect((await browser.get(answer.leadsTo)).text).toContain('Released.')
    expect((await hub.admin('GET', `/platforms/${held.platformId}`)).body.status).toBe('CONNECTED')
  })
})
