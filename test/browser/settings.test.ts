import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { answerWith, startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'
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

  it('somebody is told of what happens: a test that is refused, one that is taken, an event that is taken at last', async () => {
    const receiver = await startReceiver()
    const { id } = await hub.createPlatform({ name: 'Nordlade' })
    const visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, hub.adminToken)
    const { page } = visitor
    await visitor.visit('/admin/settings/notifications/new')
    await page.getByLabel('Name', { exact: true }).fill(`on call at ${receiver.url}`)
    await page.getByLabel('Address').fill(`${receiver.url}/alerts`)
    await page.getByRole('button', { name: 'Add' }).click()
    expect(await page.getByLabel('Secret').inputValue()).toMatch(/^whsec_/)
    await page.getByRole('link', { name: 'I have copied it' }).click()

    receiver.answer = answerWith(503, {}, 'come later')
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('The test was not taken').waitFor()
    receiver.answer = answerWith(204)
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('The test was taken.').waitFor()

    receiver.received.length = 0
    receiver.answer = answerWith(503, {}, 'come later')
    await hub.admin('POST', `/platforms/${id}/suspend`)
    // Its queue tells soon behind it that it has paused.
    const attempts = () => receiver.received.filter(({ text }) => text.includes('"platform.status"')).length
    const row = page.getByRole('row', { name: 'platform.status' })
    /** What the row says, as soon as it says all of it: an attempt is told to the page after its receiver saw it. */
    const says = (...words: string[]) =>
      until(
        async () => {
          await page.reload()
          const text = (await row.allTextContents()).join()
          return words.every((word) => text.includes(word))
        },
        `Expected a row with ${words.join(' and ')}`,
        // The second pause between attempts is half a minute.
        45_000,
      )
    await says('waits', 'come later')
    receiver.answer = answerWith(204)
    await visitor.picture('webhook')
    expect(await visitor.barriers()).toEqual([])
    await says('taken')
    expect(await row.textContent()).toContain(`${attempts()} attempts`)
    expect(visitor.complaints).toEqual([])
    await Promise.all([visitor.close(), receiver.close()])
  })
})
