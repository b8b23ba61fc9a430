import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCpo } from '../../src/demo/partners/cpo.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { html } from '../support/misbehave.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import { hasBrowser, launch, signIn, visitorOf } from './browser.ts'

const SIMULATED = { country_code: 'NL', party_id: 'CPA' }
const PARTY = { country_code: 'EE', party_id: 'BGR', role: 'CPO' } as const

describe.runIf(hasBrowser)('bringing a partner on board, in a browser', () => {
  let hub: TestHub
  let browser: Browser
  let partner: Partner

  beforeAll(async () => {
    hub = await startTestHub({ ROUTING_POLICY: 'agreements' })
    browser = await launch()
    partner = await startPartner({ name: 'Baltic Grid', parties: [PARTY] })
  }, 120_000)
  afterAll(async () => {
    await partner?.close()
    await browser?.close()
    await hub?.close()
  })

  it('three clicks and one paste, then the handshake shows itself, until it is done', async () => {
    const visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, hub.adminToken)
    const { page } = visitor
    await page.getByRole('link', { name: 'Add a platform' }).first().click()
    await page.getByLabel('Name of the platform').fill('Baltic Grid')
    await page.getByLabel('Country').first().fill(PARTY.country_code)
    await page.getByLabel('Party ID').first().fill(PARTY.party_id)
    await page.getByRole('button', { name: 'Make the invitation' }).click()
    const text = await page.getByLabel('The invitation').inputValue()
    const token = /: (\S{43})$/m.exec(text)?.[1] ?? ''
    expect(await visitor.barriers()).toEqual([])
    await visitor.picture('onboarding-invitation')
    // A reload goes on, instead of adding a second one.
    const [id] = /[0-9a-f-]{36}/.exec(page.url()) ?? []
    expect(id).toBeDefined()
    await page.getByRole('link', { name: 'I have sent it' }).click()
    await page.getByText('listening').waitFor()

    const back = partner.onRequest(html(502))
    await partner.tryRegister({ versionsUrl: hub.versionsUrl, token })
    back()
    await page.getByText('The answer of the partner is no OCPI answer.', { exact: true }).waitFor()
    const mail = page.getByText('Copy this as a mail')
    await mail.click()
    await fetch(hub.versionsUrl, { headers: { Authorization: 'Token b2YtYW5vdGhlcg==' } })
    await page.getByText('with a token that nobody knows').waitFor()
    // What was opened stays open, however often the part is sent.
    expect(await page.getByLabel('A mail about this attempt').isVisible()).toBe(true)
    expect(await visitor.barriers()).toEqual([])

    await partner.register({ versionsUrl: hub.versionsUrl, token })
    await page.getByText('EE-BGR is CONNECTED').waitFor()
    await visitor.picture('onboarding-done')
    expect(visitor.complaints).toEqual([])
    await visitor.close()
  })

  it('a faulty partner sees its check fail, mends it, passes and goes live', async () => {
    const strict = await startTestHub({ CONNECTION_CHECK: 'required', CONNECTION_CHECK_CALLS_PER_SECOND: '100' })
    const cpo = createCpo({ name: 'Polder', party: SIMULATED, country: 'NL', observe: () => {}, stationDelayMs: 0 })
    await cpo.platform.listen()
    const [tariff] = cpo.tariffs as unknown as { currency?: string }[]
    if (tariff) delete tariff.currency
    const { id, token } = await strict.createPlatform({ name: 'Polder', parties: [{ ...SIMULATED, role: 'CPO' }] })
    const visitor = await visitorOf(browser, strict.url)
    const { page } = visitor
    await signIn(visitor, strict.adminToken)
    await visitor.visit(`/admin/onboarding/${id}`)
    await page.getByText('listening').waitFor()
    await cpo.platform.register({ versionsUrl: strict.versionsUrl, token })
    await page.getByText('1 to mend', { exact: true }).waitFor()
    await page.getByText('It goes live once nothing is left to mend').waitFor()
    expect(await visitor.barriers()).toEqual([])
    await visitor.picture('onboarding-check')

    await page.getByRole('link', { name: 'Check 1' }).click()
    await page.getByRole('heading', { name: 'To mend', exact: true }).waitFor()
    expect(await page.getByLabel('What is to be mended, as a mail').inputValue()).toContain('currency')
    expect(await visitor.barriers()).toEqual([])
    await visitor.picture('check-failed')
    if (tariff) tariff.currency = 'EUR'
    await visitor.visit(`/admin/onboarding/${id}`)
    await page.getByText('1 to mend', { exact: true }).waitFor()

    // They mend it, and run it again from their own page; the administrator's goes on by itself.
    const { body: made } = await strict.admin('POST', `/platforms/${id}/partner-links`, {})
    const partners = await visitorOf(browser, strict.url)
    await partners.visit(new URL(made.link).pathname)
    await partners.page.getByRole('button', { name: 'Open' }).click()
    await partners.page.getByRole('link', { name: 'see what it found, and run it again' }).click()
    await partners.page.getByText('[0].currency is missing').waitFor()
    expect(await partners.barriers()).toEqual([])
    await partners.page.getByRole('button', { name: 'Run the check again' }).click()
    await page.getByText('NL-CPA is CONNECTED').waitFor()
    await partners.visit('/partner')
    await partners.page.getByText('CONNECTED', { exact: true }).first().waitFor()
    expect([...visitor.complaints, ...partners.complaints]).toEqual([])
    await partners.close()

    await page.getByRole('link', { name: 'Check 2' }).click()
    await page.getByText(/^Since check 1$/).waitFor()
    await visitor.picture('check-passed')
    await visitor.close()
    await cpo.platform.close()
    await strict.close()
  }, 120_000)

  it('the page of who is signed out meanwhile goes to the sign-in', async () => {
    const { id } = await hub.createPlatform({ name: 'Left alone' })
    const { body: key } = await hub.admin('POST', '/keys', { name: 'short', role: 'read-only' })
    const visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, key.key)
    await visitor.visit(`/admin/onboarding/${id}`)
    await visitor.page.getByText('listening').waitFor()
    await hub.admin('DELETE', `/keys/${key.id}`)
    await visitor.page.waitForURL('**/admin/sign-in**', { timeout: 40_000 })
    await visitor.close()
  }, 120_000)
})
