import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestHub } from '../support/hub.ts'
import { hasBrowser, launch, signIn, visitorOf } from './browser.ts'
import { startBusyHub } from './busy-hub.ts'

describe.runIf(hasBrowser)('platforms in a browser', () => {
  let hub: TestHub
  let browser: Browser
  let page: string

  beforeAll(async () => {
    hub = await startBusyHub()
    browser = await launch()
    const { body } = await hub.admin('GET', '/platforms?q=Rheinstrom')
    page = `/admin/platforms/${body[0].id}`
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hub?.close()
  })

  it('are narrowed without a reload, and by an address that others can open', async () => {
    const visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, hub.adminToken)
    await visitor.visit('/admin/platforms')
    await visitor.page.getByLabel('Name, party or ID').fill('tulip')
    await visitor.page.keyboard.press('Enter')
    await visitor.page.getByRole('link', { name: 'Rheinstrom' }).waitFor({ state: 'detached' })
    await visitor.page.waitForURL(/q=tulip/)
    expect(await visitor.page.getByRole('link', { name: 'Tulip Mobility' }).count()).toBe(1)
    await visitor.close()
  })

  it('are paused and suspended with the keyboard alone, and without scripts', async () => {
    const visitor = await visitorOf(browser, hub.url, { hasScripts: false })
    await signIn(visitor, hub.adminToken)
    const at = visitor.page
    await visitor.visit(page)
    await at.getByRole('button', { name: 'Pause the queue' }).press('Enter')
    await at.getByText('Its queue is paused').waitFor()
    await at.getByRole('button', { name: 'Resume the queue' }).press('Enter')
    await at.getByText('Its queue goes on').waitFor()
    await at.getByText('More', { exact: true }).press('Enter')
    expect(await at.getByRole('link', { name: 'Remove…' }).isVisible()).toBe(true)
    await at.getByRole('link', { name: 'Suspend…' }).press('Enter')
    await at.getByLabel('Reason').fill('maintenance')
    await at.keyboard.press('Enter')
    await at.getByText('Suspended. Nothing is routed').waitFor()
    await at.getByRole('link', { name: 'Resume…' }).press('Enter')
    await at.getByRole('button', { name: 'Resume' }).press('Enter')
    await at.getByText('Resumed.', { exact: true }).waitFor()
    await visitor.close()
  })
})
