import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestHub } from '../support/hub.ts'
import { hasBrowser, launch, signIn, visitorOf } from './browser.ts'
import { startBusyHub } from './busy-hub.ts'

const FIRST_TIME = `(() => {
  const first = document.querySelector('time[data-as=time]')
  return [first.dateTime, first.textContent]
})()`

describe.runIf(hasBrowser)('in a browser', () => {
  let hub: TestHub
  let browser: Browser

  beforeAll(async () => {
    hub = await startBusyHub()
    browser = await launch()
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
    'the overview of %i pixels, %s, has no barrier and nothing to complain of',
    async (width, colorScheme) => {
      const visitor = await visitorOf(browser, hub.url, { width, colorScheme })
      await signIn(visitor, hub.adminToken)
      await visitor.picture(`overview-${width}-${colorScheme}`)
      expect(await visitor.barriers()).toEqual([])
      expect(visitor.complaints).toEqual([])
      expect(await visitor.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      await visitor.close()
    },
  )

  it('the sign-in page has no barrier, and says what is wrong', async () => {
    const visitor = await visitorOf(browser, hub.url)
    await visitor.visit('/admin/sign-in')
    await visitor.picture('sign-in')
    await visitor.page.getByLabel('Name').fill('ada')
    await visitor.page.getByLabel('Password').fill('wrong')
    await visitor.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await visitor.page.getByRole('alert').waitFor()
    await visitor.picture('sign-in-refused')
    expect(await visitor.barriers()).toEqual([])
    await visitor.close()
  })

  it('times are the viewer’s, `/` goes to the search, and the search to the only hit or a page of hits', async () => {
    const visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, hub.adminToken)
    const { page } = visitor
    // Both at once: the page goes on by itself.
    const [datetime, text] = (await page.evaluate(FIRST_TIME)) as [string, string]
    expect(text).toContain(new Date(datetime).toLocaleTimeString('en-GB', { timeZone: 'Europe/Amsterdam' }))
    await page.keyboard.press('/')
    await page.keyboard.type('e')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/admin/find?q=e')
    await visitor.picture('find')
    expect(await visitor.barriers()).toEqual([])
    expect(await page.locator('.hits li').count()).toBeGreaterThan(1)
    expect(visitor.complaints).toEqual([])
    await visitor.close()
  })

  it('what needs attention comes and goes as it happens, without a reload', async () => {
    const visitor = await visitorOf(browser, hub.url)
    const following = visitor.page.waitForResponse('**/admin/live')
    await signIn(visitor, hub.adminToken)
    await following
    const { page } = visitor
    await page.getByText('Live', { exact: true }).waitFor()
    await page.evaluate('globalThis.isSame = true')
    const { body: platforms } = await hub.admin('GET', '/platforms?q=Rheinstrom')
    await hub.admin('POST', `/queues/${platforms[0].id}/pause`)
    const concern = page.locator('.todo li', { hasText: 'Rheinstrom' }).filter({ hasText: 'paused' })
    await concern.waitFor()
    await hub.admin('POST', `/queues/${platforms[0].id}/resume`)
    await concern.waitFor({ state: 'detached' })
    expect(await page.evaluate('globalThis.isSame')).toBe(true)
    expect(visitor.complaints).toEqual([])
    await visitor.close()
  })

  it('without scripts one signs in, reads and searches all the same', async () => {
    const visitor = await visitorOf(browser, hub.url, { hasScripts: false })
    await signIn(visitor, hub.adminToken)
    await visitor.page.getByRole('link', { name: '7d' }).click()
    await visitor.page.waitForURL('**/admin?window=7d')
    await visitor.page.getByLabel('Find').fill('nothing has this')
    await visitor.page.getByLabel('Find').press('Enter')
    await visitor.page.getByText('Nothing has this name or ID').waitFor()
    await visitor.picture('find-nothing')
    await visitor.close()
  })
})
