import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { answerWith, type Receiver, startReceiver } from '../../support/receiver.ts'
import { createPlainBrowser, type Page, type PlainBrowser } from './plain-browser.ts'

const WEBHOOKS = '/admin/settings/notifications'
const EVIL = `"'><zz>`

let hub: TestHub
let browser: PlainBrowser
let receiver: Receiver
let platformId: string

beforeAll(async () => {
  ;[hub, receiver] = await Promise.all([startTestHub(), startReceiver()])
  platformId = (await hub.createPlatform({ name: 'ACME' })).id
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
})
afterAll(async () => {
  await receiver.close()
  await hub.close()
})

const secretIn = ({ text }: Page) => /<input id="secret"[^>]*value="([^"]+)"/.exec(text)?.[1] ?? ''
const webhooks = async () => (await hub.admin('GET', '/webhooks')).body
const ticked = ({ text }: Page) => [...text.matchAll(/name="kinds" value="([^"]+)" checked/g)].map(([, kind]) => kind)

async function add(fields: Record<string, string>): Promise<Page> {
  return browser.submit(await browser.get(`${WEBHOOKS}/new`), `${WEBHOOKS}/new`, { url: `${receiver.url}/`, ...fields })
}

describe('who is told of what happens', () => {
  it('is nobody at first, and the page says what one would be told of', async () => {
    const { text } = await browser.get(WEBHOOKS)
    expect(text).toContain('Nobody is told')
    expect(text).toContain(`href="${WEBHOOKS}/new"`)
  })

  it('is added with what most want to know, for one platform by its name, and the secret is shown once', async () => {
    const form = await browser.get(`${WEBHOOKS}/new`)
    expect(ticked(form)).toContain('platform.status')
    expect(ticked(form)).not.toContain('platform.seen')
    const page = await add({ name: `on call ${EVIL}`, platform: 'acme', reason: 'first day' })
    expect([page.status, secretIn(page)]).toEqual([200, expect.stringMatching(/^whsec_/)])
    const [{ id, platform_id }] = await webhooks()
    expect(platform_id).toBe(platformId)
    for (const path of [WEBHOOKS, `${WEBHOOKS}/${id}`]) {
      const { text } = await browser.get(path)
      expect(text).toContain('on call')
      expect(text).not.toMatch(/whsec_|<zz>/)
    }
    expect((await browser.get('/admin/audit?what=webhook')).text).toContain(`href="${WEBHOOKS}/${id}"`)
  })

  it('is not added where the hub may not call it, nothing is chosen, or no platform is called so: what was typed stays', async () => {
    for (const [fields, status, says] of [
      [{ url: `${hub.url}/x` }, 422, 'leads back to the hub'],
      [{ platform: 'nobody' }, 400, 'No platform is called so'],
      [{ url: 'nonsense' }, 400, 'Expected a URL'],
    ] as const) {
      const page = await add({ name: 'another', ...fields })
      expect(page.status).toBe(status)
      expect(page.text).toContain(says)
      expect(page.text).toContain('value="another"')
    }
    const none = await browser.post(`${WEBHOOKS}/new`, { name: 'another', url: receiver.url })
    expect([none.status, ticked(none)]).toEqual([400, []])
  })

  it('is tried by a button, and shows what was answered without what a page would obey', async () => {
    const [{ id }] = await webhooks()
    receiver.answer = answerWith(500, {}, '<zz>broken')
    const test = async () => browser.follow(await browser.post(`${WEBHOOKS}/${id}/test`, {}))
    const refused = await test()
    expect(refused.text).toContain('The test was not taken')
    expect(refused.text).toContain('HTTP 500')
    expect(refused.text).toContain('&lt;zz&gt;broken')
    receiver.answer = answerWith(200)
    expect((await test()).text).toContain('The test was taken')
  })

  it('is told of other things, turned off and on, given another secret, and removed', async () => {
    const [{ id, kinds }] = await webhooks()
    const page = await browser.get(`${WEBHOOKS}/${id}`)
    expect(new Set(ticked(page))).toEqual(new Set(kinds))
    const changed = await browser.post(`${WEBHOOKS}/${id}`, { name: 'renamed', url: receiver.url, kinds: 'alarm' })
    expect((await browser.follow(changed)).text).toContain('Changed.')
    expect((await webhooks())[0]).toMatchObject({ name: 'renamed', kinds: ['alarm'], platform_id: null })
    for (const [verb, on] of [
      ['off', false],
      ['on', true],
    ] as const) {
      await browser.post(`${WEBHOOKS}/${id}/${verb}`, {})
      expect((await webhooks())[0].on).toBe(on)
    }
    const rotation = await browser.get(`${WEBHOOKS}/${id}/rotate`)
    expect(rotation.text).toContain('For 24 hours')
    expect(secretIn(await browser.submit(rotation, `${WEBHOOKS}/${id}/rotate`))).toMatch(/^whsec_/)
    const removal = await browser.get(`${WEBHOOKS}/${id}/remove`)
    const removed = await browser.submit(removal, `${WEBHOOKS}/${id}/remove`, { reason: 'no longer' })
    expect((await browser.follow(removed)).text).toContain('Nobody is told')
    expect((await browser.get(`${WEBHOOKS}/${id}`)).status).toBe(404)
  })

  it('is the business of owners alone', async () => {
    const { body: key } = await hub.admin('POST', '/keys', { name: 'operator', role: 'operator', expires_at: null })
    const operator = createPlainBrowser(hub.url)
    await operator.signIn(key.key)
    expect((await operator.get(WEBHOOKS)).status).toBe(403)
    expect((await operator.get('/admin')).text).not.toContain(WEBHOOKS)
  })
})
