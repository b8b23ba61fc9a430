// Bringing a partner on board in the console: what each page answers, without scripts, with a partner over real HTTP.

import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { html } from '../../support/misbehave.ts'
import { type Partner, startPartner } from '../../support/partner.ts'
import { until } from '../../support/until.ts'
import { createPlainBrowser, type Page, type PlainBrowser } from './plain-browser.ts'

let hub: TestHub
let browser: PlainBrowser
const partners: Partner[] = []
let names = 0

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '0', ROUTING_POLICY: 'agreements', HUB_NAME: 'Nordic Hub' })
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
})
afterAll(async () => {
  await Promise.all(partners.map((partner) => partner.close()))
  await hub.close()
})

/** A party that nobody else here has. */
function newParty(role: 'CPO' | 'EMSP' = 'CPO') {
  const party_id = (++names).toString(36).toUpperCase().padStart(3, 'Q')
  return { country_code: 'NL', party_id, role } as const
}

async function newPartner(party = newParty()): Promise<Partner> {
  const partner = await startPartner({ name: 'newcomer', parties: [party] })
  partners.push(partner)
  return partner
}

/** A browser of somebody who may only look. */
async function looker(): Promise<PlainBrowser> {
  const { body } = await hub.admin('POST', '/keys', { name: `looker ${++names}`, role: 'read-only' })
  const own = createPlainBrowser(hub.url)
  await own.signIn(body.key)
  return own
}

/** Calls the versions as a partner does, with a token in Base64. */
async function callWith(token: string): Promise<void> {
  const Authorization = `Token ${Buffer.from(token).toString('base64')}`
  const { body } = await request(hub.versionsUrl, { headers: { Authorization } })
  await body.dump()
}

/** A page once it shows something. */
async function pageWith(path: string, text: string | RegExp): Promise<Page> {
  let page: Page | undefined
  await until(async () => {
    page = await browser.get(path)
    return typeof text === 'string' ? page.text.includes(text) : text.test(page.text)
  }, `Expected ${text} at ${path}`)
  return page as Page
}

const words = ({ text }: Page) =>
  text
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')

describe('the way of a newcomer, in clicks', () => {
  test('from the overview to CONNECTED: three clicks and one paste', async () => {
    const party = newParty()
    const overview = await browser.get('/admin')
    expect(overview.text).toContain('href="/admin/onboarding/new"')
    const form = await browser.get('/admin/onboarding/new')
    const { country_code, party_id } = party
    const typed = { name: 'Baltic Grid', 'country-0': country_code, 'party-0': party_id, 'role-0': 'CPO' }
    const invitation = await browser.submit(form, '/admin/onboarding/new', typed)
    expect(invitation.status).toBe(200)
    const token = /before [^)]+\): (\S{43})\s/.exec(invitation.text)?.[1] ?? ''
    expect(words(invitation)).toContain('This is shown once.')
    expect(words(invitation)).toContain(`your roles NL-${party_id} CPO`)
    expect(invitation.text).toContain(hub.versionsUrl)
    const [, sent = ''] = /href="(\/admin\/onboarding\/[0-9a-f-]{36})">I have sent it/.exec(invitation.text) ?? []
    const mail = /href="(mailto:[^"]+)"/.exec(invitation.text)?.[1] ?? ''
    expect(decodeURIComponent(mail)).toContain('comes by another way')
    expect(decodeURIComponent(mail)).not.toContain(token)
    const [, fingerprint = ''] =
      /Fingerprint of the token: <span class="mono">([0-9a-f]{8})</.exec(invitation.text) ?? []

    expect(words(await browser.get(sent))).toContain('Nothing yet.')
    // The first call fails: somebody put Base64 over Base64.
    await callWith(Buffer.from(token).toString('base64'))
    const failed = await pageWith(sent, 'failed at step 1 of 5')
    expect(words(failed)).toContain('The token was encoded in Base64 more than once.')
    expect(failed.text).toContain('Copy this as a mail')
    expect(failed.text).toContain('1, versions are read: failed')
    // And one with a token that nobody knows stands there too, with both fingerprints.
    await callWith('of-another-system')
    const strange = await pageWith(sent, 'perhaps they')
    expect(words(strange)).toContain(`The one made for this platform is ${fingerprint}`)

    const partner = await newPartner(party)
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    const done = await pageWith(sent, 'registered')
    expect(words(done)).toMatch(/POST \/ocpi\/2\.2\.1\/credentials 200 · 1000/)
    expect(words(done)).toContain(`hub → NL-${party_id}`)
    expect(words(done)).toContain(`NL-${party_id} is CONNECTED: the others were told.`)
    expect(done.text).not.toContain('perhaps they')
    expect(done.text).not.toContain(token)
  })

  test('why a handshake failed is one click from the list, and what to write them', async () => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'Failing', parties: [...partner.parties] })
    partner.onRequest(html(502))
    await partner.tryRegister({ versionsUrl: hub.versionsUrl, token })
    const list = await pageWith('/admin/onboarding', 'The answer of the partner is no OCPI answer')
    expect(list.text).toContain(`href="/admin/onboarding/${id}"`)
    const page = await browser.get(`/admin/onboarding/${id}`)
    expect(words(page)).toContain('failed at step 4 of 5')
    const mail = decodeURIComponent(/href="(mailto:[^"]+)"/.exec(page.text)?.[1] ?? '')
    expect(mail).toContain('you -> hub  POST /ocpi/2.2.1/credentials')
    expect(mail).toContain('It needs `data`, `status_code` and `timestamp`')
    expect(mail).not.toContain(token)
  })
})

describe('a new platform', () => {
  test('that cannot be is refused at the form, with what was typed', async () => {
    const form = await browser.get('/admin/onboarding/new')
    const typed = { name: 'Mistyped', 'country-1': 'N', 'party-1': 'ABC', 'role-1': 'EMSP' }
    const answer = await browser.submit(form, '/admin/onboarding/new', typed)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('value="Mistyped"')
    expect(answer.text).toMatch(/id="f-country-1-fault">Expected two letters/)
    expect(answer.text).toMatch(/name="role-1">.*<option value="EMSP" selected>/s)
    const { country_code, party_id, role } = newParty()
    await hub.createPlatform({ name: 'holder', parties: [{ country_code, party_id, role }] })
    const taken = { name: 'Second', 'country-0': country_code, 'party-0': party_id, 'role-0': 'CPO' }
    const second = await browser.submit(form, '/admin/onboarding/new', taken)
    expect(second.status).toBe(409)
    expect(words(second)).toContain(`NL-${party_id} as CPO belongs to holder`)
  })

  test('is connected to from the hub’s side where they sent a token', async () => {
    const party = newParty()
    const partner = await newPartner(party)
    const form = await browser.get('/admin/onboarding/new?way=connect')
    const theirs = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken(), encoding: 'base64' }
    const typed = { name: 'Theirs', 'country-0': 'NL', 'party-0': party.party_id, 'role-0': 'CPO', ...theirs }
    const answer = await browser.submit(form, '/admin/onboarding/new', typed)
    expect(answer.leadsTo).toMatch(/^\/admin\/onboarding\/[0-9a-f-]{36}\?done=connected$/)
    const page = await browser.follow(answer)
    expect(words(page)).toContain('Connected: the credentials are exchanged.')
    expect(words(page)).toContain('begun by owner')
    expect(page.text).not.toContain(theirs.token)
  })

  test('that does not answer is tried again from where it failed, with its URL as it was typed', async () => {
    const versions_url = `http://127.0.0.1:${await freePort()}/versions`
    const form = await browser.get('/admin/onboarding/new?way=connect')
    const typed = { name: 'Silent', versions_url, token: 'their-secret-token', encoding: 'raw' }
    const answer = await browser.submit(form, '/admin/onboarding/new', typed)
    expect(answer.status).toBe(502)
    // Workers are not told why a connection fails.
    expect(words(answer)).toMatch(/Nothing listens at the URL\.|Network connection lost\./)
    expect(answer.text).toContain(`value="${versions_url}"`)
    expect(answer.text).toContain('<option value="raw" selected>')
    expect(answer.text).not.toContain('their-secret-token')
    const [action = ''] = /\/admin\/onboarding\/[0-9a-f-]{36}\/connect/.exec(answer.text) ?? []
    // Where a reload goes: it adds no second platform.
    expect(answer.text).toContain(`data-here="${action}"`)
    const again = await browser.submit(answer, action, { token: 'their secret' })
    expect(again.status).toBe(400)
    expect(again.text).toMatch(/id="f-token-fault">Expected 1 to 255 printable characters/)
  })
})

describe('the invitation', () => {
  test('is shown again without its token; a new token replaces it', async () => {
    const { id, token } = await hub.createPlatform({ name: 'Invited' })
    const shown = await browser.get(`/admin/onboarding/${id}/invitation`)
    expect(words(shown)).toContain('comes by another way')
    expect(shown.text).not.toContain(token)
    const asked = await browser.get(`/admin/onboarding/${id}/token`)
    expect(words(asked)).toContain('The registration token before it dies at once.')
    const made = await browser.submit(asked, `/admin/onboarding/${id}/token`, { reason: 'they lost it' })
    const [, other] = /before [^)]+\): (\S{43})\s/.exec(made.text) ?? []
    expect(other).not.toBe(token)
    const { body: audit } = await hub.admin('GET', `/audit?platform=${id}`)
    expect(JSON.stringify(audit)).toContain('they lost it')
    expect((await browser.get('/admin/onboarding/0b0c6a5e-6d3d-4d5c-9d37-6f2f4b6f8a11/token')).status).toBe(404)
  })
})

describe('after the handshake', () => {
  test('a platform that is held waits for its release, which goes to the audit trail', async () => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'Held', hold: true })
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    const path = `/admin/platforms/${id}/release`
    const page = await pageWith(`/admin/onboarding/${id}`, path)
    expect(words(page)).toContain('others see it as PLANNED until it is released')
    const released = await browser.submit(await browser.get(path), path, { reason: 'checked' })
    expect(released.leadsTo).toBe(`/admin/platforms/${id}?done=released`)
    expect((await hub.admin('GET', `/platforms/${id}`)).body.status).toBe('CONNECTED')
  })

  test('rules let it talk with many at once: chosen, previewed, allowed', async () => {
    const emsps = [newParty('EMSP'), newParty('EMSP'), newParty('EMSP')]
    await hub.createPlatform({ name: 'eMSPs', parties: emsps })
    const cpo = newParty()
    const { id } = await hub.createPlatform({ name: 'Fresh', parties: [cpo] })
    const path = `/admin/onboarding/${id}/agreements`
    const form = await browser.get(path)
    for (const { party_id } of emsps) expect(form.text).toContain(`value="NL-${party_id}"`)
    const nobody = await browser.submit(form, path)
    expect([nobody.status, words(nobody).includes('Nobody is chosen')]).toEqual([400, true])
    const chosen = { with: `NL-${emsps[0]?.party_id}`, module: 'locations', from: '2030-12-01', until: '2030-11-01' }
    const wrong = await browser.submit(form, path, chosen)
    expect(wrong.status).toBe(400)
    expect(words(wrong)).toContain('Expected a moment after valid_from')
    expect(wrong.text).toContain('value="2030-12-01"')
    const preview = await browser.submit(form, path, { ...chosen, until: '' })
    expect(words(preview)).toContain('1 pair open on 1 Dec 2030 00:00 UTC')
    expect(words(preview)).toContain('Only locations.')
    expect((await hub.admin('GET', `/agreements?party=NL-${cpo.party_id}`)).body).toEqual([])
    const allowed = await browser.submit(preview, path, { reason: 'contract 7' })
    expect(allowed.leadsTo).toBe(`/admin/onboarding/${id}?done=allowed`)
    const { body: rules } = await hub.admin('GET', `/agreements?party=NL-${cpo.party_id}`)
    expect(rules).toMatchObject([{ effect: 'allow', modules: ['locations'], valid_from: '2030-12-01T00:00:00.000Z' }])

    const all = await browser.submit(form, path, { all: 'on' })
    await browser.submit(all, path)
    await browser.post(path, { as: `NL-${cpo.party_id} cpo`, all: 'on', from: '', until: '', sure: 'yes' })
    for (const { party_id } of emsps) {
      const pair = `/agreements/decision?a=NL-${cpo.party_id}&b=NL-${party_id}`
      expect((await hub.admin('GET', pair)).body.allowed).toBe(true)
    }
    expect(words(await browser.get(path))).toContain(`✓ NL-${emsps[1]?.party_id} already`)
    expect(words(await browser.get(`/admin/onboarding/${id}`))).toContain('A rule lets it talk.')
  })

  test('where all may talk there is nothing to do', async () => {
    const open = await startTestHub({ ROUTING_POLICY: 'open' })
    try {
      const other = createPlainBrowser(open.url)
      await other.signIn(open.adminToken)
      expect(words(await other.get('/admin/onboarding'))).toContain('Nobody is under way.')
      expect(words(await other.get('/admin/onboarding'))).toContain('No call was refused.')
      const { id } = await open.createPlatform({ name: 'Free', parties: [newParty()] })
      expect(words(await other.get(`/admin/onboarding/${id}`))).toContain('All may talk: nothing to do.')
      expect(words(await other.get(`/admin/onboarding/${id}/agreements`))).toContain('All may talk: nothing to do.')
    } finally {
      await open.close()
    }
  })
})

describe('who may only look', () => {
  test('sees the way without buttons, and is refused what they would do', async () => {
    const own = await looker()
    const { id } = await hub.createPlatform({ name: 'Looked at', parties: [newParty()] })
    const page = await own.get(`/admin/onboarding/${id}`)
    expect(page.status).toBe(200)
    expect(page.text).not.toMatch(/New token|Connect from our side|With whom may they talk\?/)
    expect((await own.get('/admin/onboarding')).text).not.toContain('Add a platform')
    for (const path of ['new', `${id}/token`, `${id}/connect`, `${id}/agreements`]) {
      const fields = { name: 'x', versions_url: 'https://x.example', token: 'x', with: 'NL-ABC', encoding: 'base64' }
      expect((await own.post(`/admin/onboarding/${path}`, fields)).status, path).toBe(403)
    }
  })
})

describe('what strangers and partners write', () => {
  test('is text on every page', async () => {
    const name = `<img src=x onerror=alert(1)>" ${++names}`
    const { id } = await hub.createPlatform({ name, parties: [newParty()] })
    await request(`${hub.url}/ocpi/%3Cscript%3Ealert(1)%3C/script%3E/"><b>x`, {
      headers: { Authorization: 'Token <b>bold</b>', 'User-Agent': '<i>x</i>' },
    }).then(({ body }) => body.dump())
    await pageWith('/admin/onboarding', 'nobody knows')
    const tails = ['', `/${id}`, `/${id}/invitation`, `/${id}/token`, `/${id}/connect`, `/${id}/agreements`]
    for (const tail of tails) {
      const { text, status } = await browser.get(`/admin/onboarding${tail}`)
      expect(status, tail).toBe(200)
      expect(text, tail).not.toMatch(/<img|<script>alert|<b>x|<i>x/)
    }
    expect((await browser.get('/admin/onboarding/nothing')).status).toBe(404)
  })
})

describe('the live part', () => {
  /** Follows a live part as htmx does. */
  async function follow(path: string, cookies: PlainBrowser['cookies']) {
    const Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const { statusCode, headers, body } = await request(hub.url + path, {
      headers: { Cookie, Accept: 'text/html, text/event-stream', 'HX-Request': 'true' },
    })
    const parts: string[] = []
    let isOver = false
    let rest = ''
    body.setEncoding('utf8')
    body.on('error', () => {})
    body.on('close', () => (isOver = true))
    body.on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) if (block.startsWith('data:')) parts.push(block.replaceAll(/^data: /gm, ''))
    })
    return { statusCode, headers, parts, isOver: () => isOver, close: () => body.destroy() }
  }

  test('is whole at once, and again with each call of the partner', async () => {
    const partner = await newPartner()
    const { id, token } = await hub.createPlatform({ name: 'Watched', parties: [...partner.parties] })
    const page = await browser.get(`/admin/onboarding/${id}`)
    expect(page.text).toContain(`hx-sse:connect="/admin/onboarding/${id}/live"`)
    expect(page.text).not.toContain('listening')
    const live = await follow(`/admin/onboarding/${id}/live`, browser.cookies)
    expect(live.headers['content-type']).toBe('text/event-stream')
    await until(() => live.parts.length === 1)
    expect(live.parts[0]).toContain('listening')
    await callWith(Buffer.from(token).toString('base64'))
    await until(() => live.parts.at(-1)?.includes('more than once') === true)
    // Of others it says nothing: what comes next is of its own handshake.
    const before = live.parts.length
    await hub.join({ name: 'another', parties: [newParty()] })
    await partner.register({ versionsUrl: hub.versionsUrl, token })
    await until(() => live.parts.at(-1)?.includes('is CONNECTED') === true)
    for (const part of live.parts.slice(before)) expect(part).toContain('200 · 1000')
    live.close()
  })

  test('is for who may look, gone with its platform, and held for nobody who asks for its head', async () => {
    const { id } = await hub.createPlatform({ name: 'Gone soon' })
    const stranger = await follow(`/admin/onboarding/${id}/live`, new Map())
    expect([stranger.statusCode, stranger.headers['hx-redirect']]).toEqual([
      401,
      expect.stringContaining('/admin/sign-in'),
    ])
    const path = `${hub.url}/admin/onboarding/${id}/live`
    const Cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    // More of them than one may follow at once: each would hold one.
    for (let i = 0; i < 20; i++) expect((await fetch(path, { method: 'HEAD', headers: { Cookie } })).status).toBe(200)
    for (let i = 0; i < 20; i++) {
      const live = await follow(`/admin/onboarding/${id}/live`, browser.cookies)
      expect(live.statusCode).toBe(200)
      live.close()
      await until(live.isOver)
    }
    await hub.admin('DELETE', `/platforms/${id}`)
    expect((await browser.get(`/admin/onboarding/${id}/live`, { 'HX-Request': 'true' })).status).toBe(404)
  })

  test('is refused beyond as many as one may follow, and there again once one is closed', async () => {
    const own = await looker()
    const { id } = await hub.createPlatform({ name: 'Crowd' })
    const open = await Promise.all(
      Array.from({ length: 16 }, () => follow(`/admin/onboarding/${id}/live`, own.cookies)),
    )
    expect(open.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 16 }, () => 200))
    const path = `/admin/onboarding/${id}/live`
    const more = await follow(path, own.cookies)
    expect([more.statusCode, more.headers['retry-after']]).toEqual([429, '10'])
    for (const live of open) live.close()
    // Workers hear of it when they write next: a sign of life every quarter of a minute.
    const again = async () => {
      const live = await follow(path, own.cookies)
      live.close()
      return live.statusCode === 200
    }
    await until(again, 'Expected room for another', 25_000)
  })
})
