import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { hasBrowser, launch, signIn, visitorOf } from './browser.ts'

const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const CARD = { country_code: 'DE', party_id: 'EMS', uid: 'CARD-1', type: 'RFID', contract_id: 'DE-EMS-C1', valid: true }

describe.runIf(hasBrowser)('the sandbox, in a browser', () => {
  let hub: TestHub
  let browser: Browser
  let emsp: Awaited<ReturnType<TestHub['join']>>

  beforeAll(async () => {
    hub = await startTestHub({ ROUTING_POLICY: 'agreements' })
    browser = await launch()
    emsp = await hub.join({ name: 'Alpendrive', parties: [EMSP] }, { parties: [EMSP], hold: true })
    emsp.on('tokens', 'SENDER', ({ method }) => ({ data: method === 'GET' ? [CARD] : { allowed: 'ALLOWED' } }))
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hub?.close()
  })

  it('a newcomer that is not live yet is authorised, charged and billed, each call a row that opens its exchange', async () => {
    const visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, hub.adminToken)
    const { page } = visitor
    await visitor.visit(`/admin/onboarding/${emsp.platformId}`)
    await page.getByRole('button', { name: 'Let them try the hub' }).click()
    await page.getByText('They see it now, and nobody else does.').waitFor()
    for (const [verb, request] of [
      ['Authorise a token', 'authorize'],
      ['Begin a session', 'PATCH'],
      ['End the session', 'PUT'],
      ['Send the CDR', 'POST cdrs'],
    ] as const) {
      await page.getByRole('button', { name: verb }).click()
      await page.getByText('It went well.').waitFor()
      await page.getByRole('row').filter({ hasText: request }).first().waitFor()
    }
    expect(await visitor.barriers()).toEqual([])
    await visitor.picture('sandbox-tried')
    await page.getByRole('row').filter({ hasText: 'POST cdrs' }).getByRole('link').first().click()
    await page.getByRole('heading', { level: 1 }).filter({ hasText: 'cdrs' }).waitFor()
    const posted = emsp.requests.find(({ module, method }) => module === 'cdrs' && method === 'POST')
    expect(JSON.parse(posted?.body.toString() ?? '{}')).toMatchObject({ party_id: 'SC1', total_energy: 7.5 })
    expect(visitor.complaints).toEqual([])
    await visitor.close()
  })
})
