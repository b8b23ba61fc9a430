import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { hasBrowser, launch, signIn, visitorOf } from './browser.ts'

describe.runIf(hasBrowser)('in a browser', () => {
  let hub: TestHub
  let browser: Browser

  beforeAll(async () => {
    hub = await startTestHub({ HUB_NAME: 'Nordic Roaming' })
    browser = await launch()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hub?.close()
  })

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
