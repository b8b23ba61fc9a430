import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestHub } from '../support/hub.ts'
import { html } from '../support/misbehave.ts'
import { startPartner } from '../support/partner.ts'
import { until } from '../support/until.ts'
import { hasBrowser, launch, PICTURES, signIn, visitorOf } from './browser.ts'
import { startBusyHub } from './busy-hub.ts'

// The pictures of the README. `npm run screenshots` puts them into `docs/images`.

const MOST_BYTES = 150_000

describe.runIf(hasBrowser)('a picture of the console for who has not seen it', () => {
  let hub: TestHub
  let browser: Browser
  let paths: Readonly<Record<string, string>>

  beforeAll(async () => {
    hub = await startBusyHub()
    paths = { overview: '/admin', exchange: await refusedExchange(hub), onboarding: await newcomer(hub) }
    browser = await launch()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hub?.close()
  })

  it.each(['overview', 'exchange', 'onboarding'])('%s', async (name) => {
    const visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, hub.adminToken)
    expect(await visitor.visit(paths[name] ?? '')).toBe(200)
    await visitor.page.evaluate('document.fonts.ready')
    await visitor.picture(name, 'window')
    expect(visitor.complaints).toEqual([])
    expect((await stat(join(PICTURES, `${name}.png`))).size).toBeLessThan(MOST_BYTES)
    await visitor.close()
  })
})

/** An eMSP's request that a rule forbids: the page has who asked, why not, and what mends it. */
async function refusedExchange(hub: TestHub): Promise<string> {
  const party = { country_code: 'FR', party_id: 'EMC', role: 'EMSP' } as const
  const emsp = await hub.join({ name: 'Loire Mobilité', parties: [party] })
  const cpo = { country_code: 'DE', party_id: 'CPB' }
  await hub.admin('POST', '/agreements', {
    a: cpo,
    b: { country_code: 'FR', party_id: 'EMC' },
    effect: 'deny',
    reason: 'the contract begins in January',
  })
  await emsp.call('locations', 'SENDER', { to: cpo, correlationId: 'ask-for-locations' })
  let id = ''
  await until(async () => {
    id = (await hub.admin('GET', '/messages?correlation_id=ask-for-locations')).body[0]?.id ?? ''
    return id !== ''
  }, 'Expected the exchange in the message log')
  return `/admin/messages/${id}`
}

/** A partner whose first call failed: the page has what it did, and what helps. */
async function newcomer(hub: TestHub): Promise<string> {
  const party = { country_code: 'FI', party_id: 'AUR', role: 'CPO' } as const
  const { id, token } = await hub.createPlatform({ name: 'Aurora Power', parties: [party] })
  const partner = await startPartner({ name: 'Aurora Power', parties: [party] })
  partner.onRequest(html(502))
  await partner.tryRegister({ versionsUrl: hub.versionsUrl, token })
  await partner.close()
  return `/admin/onboarding/${id}`
}
