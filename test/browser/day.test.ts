// The day of an administrator, from sign-in to the audit trail, as somebody does it with a browser.

import type { Server } from 'node:http'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { CLIENT, startIdentityProvider } from '../support/identity-provider.ts'
import { type Partner, startPartner } from '../support/partner.ts'
import { until } from '../support/until.ts'
import { hasBrowser, launch, signIn, type Visitor, visitorOf } from './browser.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO = { country_code: 'EE', party_id: 'BGR', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMB', role: 'EMSP' } as const
const PASSWORD = 'correct horse battery'

describe.runIf(hasBrowser)('an administrator in a browser', () => {
  let hub: TestHub
  let provider: Server
  let browser: Browser
  let cpo: Partner
  let emsp: Partner
  let visitor: Visitor
  let isRefusing = false

  beforeAll(async () => {
    const port = await freePort()
    hub = await startTestHub({
      ROUTING_POLICY: 'agreements',
      OIDC_ISSUER: `http://127.0.0.1:${port}`,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_ROLE_CLAIM: 'groups',
      OIDC_ROLES: 'noc=operator',
    })
    provider = await startIdentityProvider(port, hub.url, { bob: { preferred_username: 'Bob', groups: ['noc'] } })
    await hub.admin('POST', '/admins', { name: 'Ada', role: 'operator', password: PASSWORD })
    cpo = await startPartner({ name: 'Baltic Grid', parties: [CPO] })
    emsp = await startPartner({ name: 'Alpendrive', parties: [EMSP] })
    cpo.on('locations', 'SENDER', ({ path }) => ({ data: locationOf(path.split('/').at(-1) ?? '') }))
    emsp.on('locations', 'RECEIVER', () =>
      isRefusing ? { status: 400, statusCode: 2001, statusMessage: 'Not now' } : {},
    )
    browser = await launch()
    visitor = await visitorOf(browser, hub.url)
    await signIn(visitor, hub.adminToken)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await Promise.all([cpo?.close(), emsp?.close(), hub?.close()])
    provider?.closeAllConnections()
    provider?.close()
  })

  /** A change of a location that the CPO sends to all. */
  async function push(id: string): Promise<void> {
    const path = `/EE/BGR/${id}`
    const answer = await cpo.call('locations', 'RECEIVER', { method: 'PUT', path, to: HUB, body: locationOf(id) })
    expect(answer.statusCode).toBe(1000)
  }

  /** Until the message log has so much: it is written a moment after. */
  async function logged(query: string, count = 1): Promise<void> {
    await until(async () => (await hub.admin('GET', `/messages?${query}`)).body.length >= count, `Expected ${query}`)
  }

  /** Until the eMSP is sent a location that it was not sent before. */
  async function arrival(...ids: string[]): Promise<void> {
    await Promise.all(ids.map((id) => emsp.waitForRequest(({ path }) => path.endsWith(id), 15_000)))
    emsp.requests.length = 0
  }

  /** Opens the newest of the exchanges listed whose row says so. */
  async function openFirst(says: string): Promise<void> {
    await visitor.page.getByRole('row', { name: says }).first().getByRole('link').first().click()
    await visitor.page.waitForURL(/\/admin\/messages\/./)
  }

  it('signs in by name and password', async () => {
    const ada = await visitorOf(browser, hub.url)
    await ada.visit('/admin/queues')
    await ada.page.getByLabel('Name').fill('Ada')
    await ada.page.getByLabel('Password').fill(PASSWORD)
    await ada.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    // To the page that was asked for.
    await ada.page.waitForURL('**/admin/queues')
    expect(await ada.page.textContent('.who')).toContain('Ada')
    await ada.page.getByRole('button', { name: 'Sign out' }).click()
    await ada.page.getByText('You are signed out.').waitFor()
    expect(ada.complaints).toEqual([])
    await ada.close()
  })

  it('signs in with the account of the organisation', async () => {
    const bob = await visitorOf(browser, hub.url)
    await bob.visit('/admin')
    await bob.page.getByRole('link', { name: /your organisation/ }).click()
    await bob.page.locator('input[name=login]').fill('bob')
    await bob.page.locator('input[name=password]').fill('any')
    await bob.page.locator('button[type=submit]').click()
    await bob.page.getByRole('button', { name: 'Continue' }).click()
    await bob.page.waitForURL(`${hub.url}/admin`)
    expect(await bob.page.textContent('.who')).toContain('Bob')
    await bob.close()
  })

  it('invites a partner, sees its call with a wrong token fail, and then how it connects', async () => {
    const { page } = visitor
    await page.getByRole('link', { name: 'Add a platform' }).first().click()
    await page.getByLabel('Name of the platform').fill('Baltic Grid')
    await page.getByLabel('Country').first().fill(CPO.country_code)
    await page.getByLabel('Party ID').first().fill(CPO.party_id)
    await page.getByRole('button', { name: 'Make the invitation' }).click()
    const text = await page.getByLabel('The invitation').inputValue()
    const token = /: (\S{43})$/m.exec(text)?.[1] ?? ''
    await page.getByRole('link', { name: 'I have sent it' }).click()
    await page.getByText('listening').waitFor()
    await page.evaluate('globalThis.isSame = true')
    await cpo.tryRegister({ versionsUrl: hub.versionsUrl, token: `${token}x` })
    await page.getByText('The token is cut, or differs at its end').first().waitFor()
    await cpo.register({ versionsUrl: hub.versionsUrl, token })
    await page.getByText('EE-BGR is CONNECTED').waitFor()
    expect(await page.evaluate('globalThis.isSame')).toBe(true)
  })

  it('connects to a partner who sent a token', async () => {
    const { page, visit } = visitor
    await visit('/admin/onboarding/new')
    await page.getByRole('link', { name: 'They sent us a token' }).click()
    await page.getByLabel('Name of the platform').fill('Alpendrive')
    await page.getByLabel('Country').first().fill(EMSP.country_code)
    await page.getByLabel('Party ID').first().fill(EMSP.party_id)
    await page.getByLabel('Role').first().selectOption('EMSP')
    await page.getByLabel('Their versions URL').fill(emsp.versionsUrl)
    await page.getByLabel('The token they sent').fill('not the one')
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByRole('alert').waitFor()
    expect(visitor.complaints.splice(0)).toEqual([expect.stringContaining('status of 400')])
    await page.getByLabel('The token they sent').fill(emsp.issueRegistrationToken())
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByText('DE-EMB is CONNECTED').waitFor()
  })

  it('finds the message of two that may not talk by a party, and allows them from there', async () => {
    const { page, visit } = visitor
    expect((await emsp.call('locations', 'SENDER', { to: CPO })).statusCode).not.toBe(1000)
    await logged('party=DE-EMB&module=locations')
    await visit('/admin/messages')
    await page.getByLabel('Party').fill('DE-EMB')
    await page.getByLabel('Module').selectOption('locations')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await openFirst('GET locations')
    await page.getByRole('button', { name: 'Allow DE-EMB and EE-BGR' }).click()
    await page.getByText('Both may talk now').waitFor()
    const again = await emsp.call('locations', 'SENDER', { to: CPO, path: '/LOC1', correlationId: 'from-their-log' })
    expect(again.statusCode).toBe(1000)
    await logged('correlation_id=from-their-log')
  })

  it('finds a message by its correlation ID, and reads what went in and what went out', async () => {
    const { page } = visitor
    await page.keyboard.press('/')
    await page.keyboard.type('from-their-log')
    await page.keyboard.press('Enter')
    await page.getByText('Caller ⇄ hub').waitFor()
    const [caller, receiver] = await page.locator('.leg').allTextContents()
    expect(caller).toContain('as it came')
    expect(receiver).toContain('Hub ⇄ receiver')
    expect(receiver).toContain('LOC1')
  })

  it('pauses a queue and resumes it, each by one click, and finds what waited by the ID of its object', async () => {
    const { page, visit } = visitor
    await visit('/admin/queues')
    const row = page.getByRole('row', { name: /Alpendrive/ })
    await row.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused. Nothing more is sent').waitFor()
    await push('LOC1')
    await row.getByText('1', { exact: true }).first().waitFor()
    expect(emsp.requests.filter(({ path }) => path.endsWith('LOC1'))).toEqual([])
    await row.getByRole('button', { name: 'Resume' }).click()
    await page.getByText('Resumed. What waits').waitFor()
    await arrival('LOC1')
    await logged('object=LOC1&kind=delivery')
    await page.getByLabel('Find').fill('LOC1')
    await page.getByLabel('Find').press('Enter')
    await openFirst('PUT')
    expect(await page.textContent('h1')).toContain('PUT locations')
  })

  it('replays what a partner refused, and re-sends what it missed', async () => {
    const { page, visit } = visitor
    isRefusing = true
    await push('LOC2')
    await push('LOC3')
    await arrival('LOC2', 'LOC3')
    await logged('kind=delivery&status=2001', 2)
    isRefusing = false
    await visit('/admin/messages?kind=delivery')
    expect(await page.getByRole('row', { name: '400 · 2001' }).count()).toBe(2)
    await openFirst('LOC2')
    await page.getByRole('link', { name: 'Replay' }).first().click()
    await page.getByLabel('Reason').fill('they mended it')
    await page.getByRole('button', { name: 'Replay' }).click()
    await arrival('LOC2')
    await visit('/admin/queues')
    await page.getByRole('link', { name: 'Alpendrive' }).click()
    await page.getByRole('link', { name: 'Re-send missed…' }).click()
    await page.getByRole('button', { name: 'Re-send' }).click()
    await page.getByText('on its way', { exact: true }).first().waitFor()
    await arrival('LOC3')
  })

  it('rotates tokens and suspends with a reason, and finds both in the audit trail', async () => {
    const { page, visit } = visitor
    await visit('/admin/platforms')
    await page.getByRole('link', { name: 'Alpendrive' }).click()
    await page.getByRole('link', { name: 'Rotate tokens…' }).click()
    await page.getByLabel('Reason').fill('the yearly rotation')
    await page.getByRole('button', { name: 'Rotate tokens' }).click()
    await page.getByText('New tokens are exchanged').waitFor()
    await page.getByRole('link', { name: 'Suspend…' }).first().click()
    await page.getByLabel('Reason').fill('works at their side')
    await page.getByRole('button', { name: 'Suspend' }).click()
    await page.getByText('Suspended. Nothing is routed').waitFor()
    await page.getByRole('link', { name: 'Audit trail' }).click()
    for (const [reason, what] of [
      ['yearly rotation', 'platform.rotate'],
      ['works at their side', 'platform.suspend'],
    ] as const) {
      await page.getByLabel('Words').fill(reason)
      await page.getByRole('button', { name: 'Search', exact: true }).click()
      await page.waitForURL(`**q=${encodeURIComponent(reason).replaceAll('%20', '+')}**`)
      const row = page.getByRole('row', { name: new RegExp(reason) })
      expect(await row.first().textContent()).toContain(what)
    }
  })

  it('had nothing to complain of all day', () => {
    expect(visitor.complaints).toEqual([])
  })

  it('signs in, searches and pauses without scripts', async () => {
    const plain = await visitorOf(browser, hub.url, { hasScripts: false })
    await signIn(plain, hub.adminToken)
    const { page } = plain
    await page.getByLabel('Find').fill('from-their-log')
    await page.getByLabel('Find').press('Enter')
    await page.getByText('Caller ⇄ hub').waitFor()
    await page.getByRole('link', { name: 'Queues' }).click()
    await page
      .getByRole('row', { name: /Baltic Grid/ })
      .getByRole('button', { name: 'Pause' })
      .click()
    await page.getByText('Paused. Nothing more is sent').waitFor()
    await plain.close()
  })
})

function locationOf(id: string) {
  return { country_code: CPO.country_code, party_id: CPO.party_id, id, name: 'Sadama 1' }
}
