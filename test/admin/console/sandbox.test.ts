// Sandbox partners in the console: attached, tried and told to misbehave, without scripts.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createPlainBrowser, type Page, type PlainBrowser } from './plain-browser.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const NAME = '<img src=x onerror=alert(1)> & Sons'

let hub: TestHub
let browser: PlainBrowser
let cpo: Awaited<ReturnType<TestHub['join']>>
let way: string
let overview: string

const words = ({ text }: Page) =>
  text
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')

beforeAll(async () => {
  hub = await startTestHub({ ROUTING_POLICY: 'agreements' })
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  overview = words(await browser.get('/admin'))
  cpo = await hub.join({ name: NAME, parties: [CPO] }, { parties: [CPO] })
  way = `/admin/onboarding/${cpo.platformId}`
})
afterAll(() => hub.close())

test('An overview without a platform says that one can try the hub by oneself', () => {
  expect(overview).toContain('or attach sandbox partners , and try the hub by yourself')
})

describe('The step Try it of a newcomer', () => {
  test('gives it a sandbox partner of the other side by one click', async () => {
    const page = await browser.get(way)
    expect(words(page)).toContain('Try it optional')
    const tried = await browser.follow(await browser.submit(page, `${way}/sandbox`, {}))
    expect(words(tried)).toContain('They see it now, and nobody else does.')
    expect(words(tried)).toContain('Sandbox eMSP 1 XS-SE1')
    expect(words(tried)).toContain('No exchange between them')
    for (const verb of ['Pull locations', 'Give a token', 'Start a session', 'Stop the session', 'Get the CDRs'])
      expect(tried.text).toContain(`>${verb}</button>`)
  })

  test('has it act by a click, each call a row that leads to its exchange', async () => {
    const page = await browser.get(way)
    const done = await browser.follow(await browser.submit(page, `${way}/sandbox/try`, { what: 'locations' }))
    expect(words(done)).toContain('It went well.')
    const [, exchange = ''] = /href="(\/admin\/messages\/[^"?]+)"/.exec(done.text) ?? []
    const shown = words(await browser.get(exchange))
    expect(shown).toContain('XS-SE1')
    expect(shown).toContain('NL-CPO')
  })

  test('says what was in vain, and why', async () => {
    const page = await browser.get(way)
    const none = await browser.follow(await browser.submit(page, `${way}/sandbox/try`, { what: 'stop-session' }))
    expect(words(none)).toContain('There is no session for that yet')
    const refuses = cpo.on('tokens', 'RECEIVER', () => ({ status: 400, statusCode: 2001 }))
    const ill = await browser.follow(await browser.submit(page, `${way}/sandbox/try`, { what: 'token' }))
    expect(words(ill)).toContain('It did not go well')
    refuses()
  })
})

describe('The page of sandbox partners', () => {
  test('says who sees each, whatever that is called, and has it misbehave', async () => {
    const page = await browser.get('/admin/sandbox')
    expect(page.text).not.toContain('<img')
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; Sons')
    const [, action = ''] = /action="(\/admin\/sandbox\/[^"]+\/behaviour)"/.exec(page.text) ?? []
    const changed = await browser.follow(await browser.submit(page, action, { misbehaviour: '429' }))
    expect(words(changed)).toContain('It behaves so from now on.')
    expect((await hub.admin('GET', '/sandbox')).body[0].misbehaviour).toBe('429')
    expect(words(await browser.get(way))).toContain('XS-SE1 429')
  })

  test('attaches one and takes one away, after saying what follows', async () => {
    const page = await browser.get('/admin/sandbox')
    const attached = await browser.follow(await browser.submit(page, '/admin/sandbox', { role: 'CPO' }))
    expect(words(attached)).toContain('Sandbox CPO 1 XS-SC1 nobody')
    const { body } = await hub.admin('GET', '/sandbox')
    const id = body.find(({ role }: { role: string }) => role === 'CPO').id
    const asked = await browser.get(`/admin/sandbox/${id}/remove`)
    expect(words(asked)).toContain('Nobody tries the hub with it.')
    const gone = await browser.follow(await browser.submit(asked, `/admin/sandbox/${id}/remove`, { reason: 'over' }))
    expect(words(gone)).toContain('Removed')
    expect((await browser.get(`/admin/sandbox/${id}/remove`)).status).toBe(404)
  })

  test('and the platform that a partner is show no button to whoever may only look', async () => {
    const { body } = await hub.admin('POST', '/keys', { name: 'looker', role: 'read-only' })
    const looker = createPlainBrowser(hub.url)
    await looker.signIn(body.key)
    const [{ id }] = (await hub.admin('GET', '/sandbox')).body
    for (const path of ['/admin/sandbox', way]) {
      const page = await looker.get(path)
      expect(page.text.match(/method="post" action="(?!\/admin\/sign-out)[^"]+"/g)).toBeNull()
    }
    const platform = await looker.get(`/admin/platforms/${id}`)
    expect(words(platform)).toContain('The hub plays it itself.')
    expect((await looker.get(`/admin/sandbox/${id}/remove`)).status).toBe(403)
  })

  test('ends a trial: the newcomer sees nobody any more', async () => {
    const page = await browser.get(way)
    const over = await browser.follow(await browser.submit(page, `${way}/sandbox/end`, {}))
    expect(words(over)).toContain('They see no sandbox partner any more.')
    expect((await hub.admin('GET', `/platforms/${cpo.platformId}/sandbox`)).body).toEqual([])
  })
})
