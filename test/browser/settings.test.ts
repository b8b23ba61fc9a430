import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { hasBrowser, launch, signIn, visitorOf } from './browser.ts'

describe.runIf(hasBrowser)('in a browser', () => {
  let hub: TestHub
  let browser: Browser
  let pages: Record<string, string>

  beforeAll(async () => {
    hub = await startTestHub({ HUB_NAME: 'Nordic Roaming' })
    browser = await launch()
    const { body: platform } = await hub.admin('POST', '/platforms', {
      name: 'Northern Power',
      parties: [{ country_code: 'NO', party_id: 'NPW', role: 'CPO' }],
      reason: 'Their contract begins on Monday',
    })
    await hub.admin('PATCH', `/platforms/${platform.id}`, {
      hold: true,
      name: 'Northern Power and Light',
      delivery: { requests_per_second: 20, concurrency: 4, max_age_seconds: 3600 },
      reason: 'Asked for by mail, ticket 4711: they are not ready yet, and want to be heard by nobody until then',
    })
    const { body: person } = await hub.admin('POST', '/admins', {
      name: 'Operator of the night',
      email: 'night@hub.example',
      role: 'operator',
      password: 'correct horse battery',
    })
    await hub.admin('POST', '/admins', { name: 'Reader', role: 'read-only', may_see_bodies: true })
    const { body: key } = await hub.admin('POST', '/keys', { name: 'nightly export', role: 'read-only' })
    await hub.admin('PATCH', `/admins/${person.id}`, { role: 'owner', reason: 'On call this week' })
    pages = {
      audit: '/admin/audit',
      people: '/admin/settings/people',
      invite: '/admin/settings/people/new',
      person: `/admin/settings/people/${person.id}`,
      'person-remove': `/admin/settings/people/${person.id}/remove`,
      keys: '/admin/settings/keys',
      key: `/admin/settings/keys/${key.id}`,
      'sign-in-settings': '/admin/settings/sign-in',
      api: '/admin/api',
    }
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hub?.close()
  })

  it.each([
    [360, 'light'],
    [1280, 'light'],
    [1280, 'dark'],
    [1920, 'light'],
  ] as const)(
    'audit trail, settings and API of %i pixels, %s, have no barrier and nothing to complain of',
    async (width, colorScheme) => {
      const visitor = await visitorOf(browser, hub.url, { width, colorScheme })
      await signIn(visitor, hub.adminToken)
      for (const [name, path] of Object.entries(pages)) {
        expect(await visitor.visit(path), name).toBe(200)
        await visitor.picture(`${name}-${width}-${colorScheme}`)
        expect(await visitor.barriers(), name).toEqual([])
        expect(await visitor.page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width)
      }
      expect(visitor.complaints).toEqual([])
      await visitor.close()
    },
    120_000,
  )

  it('a link to a call of the API opens what is folded there', async () => {
    const visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, hub.adminToken)
    await visitor.visit('/admin/api')
    const { page } = visitor
    expect(await page.locator('#op-addKey').isVisible()).toBe(false)
    await page.locator('a[href="#op-addKey"]').focus()
    await page.keyboard.press('Enter')
    await page.locator('#op-addKey').waitFor()
    await visitor.picture('api-open')
    expect(await visitor.barriers()).toEqual([])
    expect(visitor.complaints).toEqual([])
    await visitor.close()
  })

  it('a person is invited by keyboard alone, and the password is there to be copied', async () => {
    const visitor = await visitorOf(browser, hub.url, { hasScripts: false })
    await signIn(visitor, hub.adminToken)
    const { page } = visitor
    await visitor.visit('/admin/settings/people/new')
    await page.getByLabel('Name', { exact: true }).focus()
    await page.keyboard.type('By keyboard')
    for (let presses = 0; presses < 6; presses++) await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Invite')
    await page.keyboard.press('Enter')
    const secret = page.getByLabel('Password')
    await secret.waitFor()
    expect((await secret.inputValue()).length).toBeGreaterThan(20)
    await visitor.picture('invited')
    await visitor.close()
  })
})
