// docs/partners.md tells this run: what it says of the pages is what stands there.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCpo } from '../../src/demo/partners/cpo.ts'
import { createPlainBrowser } from '../admin/console/plain-browser.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'

const PARTY = { country_code: 'NL', party_id: 'CPA' }
/** A link takes 60 pages at once, then two a second. */
const LOOK_EVERY_MS = 250

let hub: TestHub
const cpo = createCpo({ name: 'Polder', party: PARTY, country: 'NL', observe: () => {}, stationDelayMs: 0 })

beforeAll(async () => {
  hub = await startTestHub({ CONNECTION_CHECK: 'required', CONNECTION_CHECK_CALLS_PER_SECOND: '100' })
  await cpo.platform.listen()
})
afterAll(async () => {
  await cpo.platform.close()
  await hub.close()
})

/** The text of the invitation, as an administrator copies it. */
async function invitation(): Promise<string> {
  const administrator = createPlainBrowser(hub.url)
  await administrator.signIn(hub.adminToken)
  const page = '/admin/onboarding/new'
  const fields = { name: 'Polder', 'country-0': 'NL', 'party-0': 'CPA', 'role-0': 'CPO' }
  const { text } = await administrator.submit(await administrator.get(page), page, fields)
  return /<textarea[^>]*>([^<]*)</.exec(text)?.[1] ?? ''
}

it('a newcomer comes from the invitation to CONNECTED with nothing but its text and the page of its link', async () => {
  const text = await invitation()
  const found = (pattern: RegExp) => pattern.exec(text)?.[1] ?? ''
  const versionsUrl = found(/Versions: (\S+)/)
  const token = found(/: ([\w-]{43})$/m)
  const link = new URL(found(/Follow it live: (\S+)/)).pathname
  const browser = createPlainBrowser(hub.url)
  const read = async (path: string) => (await browser.get(path)).text
  async function shows(path: string, what: string): Promise<void> {
    const deadline = Date.now() + 20_000
    for (let page = ''; !page.includes(what); page = await read(path)) {
      if (Date.now() > deadline) throw new Error(`Expected ${path} to show "${what}"`)
      await sleep(LOOK_EVERY_MS)
    }
  }

  expect((await browser.post(link, {})).leadsTo).toBe('/partner')
  await shows('/partner', 'Register with the token from your invitation')
  const base64 = (value: string) => Buffer.from(value).toString('base64')
  const twice = await fetch(versionsUrl, { headers: { Authorization: `Token ${base64(base64(token))}` } })
  expect(twice.status).toBe(401)
  await shows('/partner', 'The token was encoded in Base64 more than once.')

  const [tariff] = cpo.tariffs as unknown as [{ currency?: string }]
  delete tariff.currency
  await cpo.platform.register({ versionsUrl, token })
  await shows('/partner', 'Waits for a connection check without faults')
  await shows('/partner/check', '[0].currency is missing')
  await shows('/partner/check', 'Run the check again')
  expect(await read('/partner')).toContain('PLANNED')

  tariff.currency = 'EUR'
  expect((await browser.post('/partner/check', {})).status).toBe(303)
  await shows('/partner', 'CONNECTED')
  expect(await read('/partner/check')).toContain('Since the check before')
}, 60_000)
