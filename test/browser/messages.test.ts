import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { routedModules, type WireParty } from '../support/partner.ts'
import { until } from '../support/until.ts'
import { hasBrowser, launch, signIn, visitorOf } from './browser.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const CPO = { country_code: 'DE', party_id: 'CPB', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMB', role: 'EMSP' } as const
const OTHER = { country_code: 'NL', party_id: 'EMA', role: 'EMSP' } as const

describe.runIf(hasBrowser)('messages in a browser', () => {
  let hub: TestHub
  let browser: Browser
  let paths: Readonly<Record<string, string>>

  beforeAll(async () => {
    hub = await startTestHub({ HUB_NAME: 'Roaming Hub', ROUTING_POLICY: 'agreements' })
    paths = await exchanges(hub)
    browser = await launch()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hub?.close()
  })

  it.each([
    [360, 'light'],
    [1280, 'dark'],
  ] as const)('at %i pixels, %s, have no barrier and nothing to complain of', async (width, colorScheme) => {
    const visitor = await visitorOf(browser, hub.url, { width, colorScheme })
    await signIn(visitor, hub.adminToken)
    for (const [name, path] of Object.entries(paths)) {
      expect(await visitor.visit(path), name).toBe(200)
      await visitor.picture(`message-${name}-${width}-${colorScheme}`)
      expect(await visitor.barriers(), name).toEqual([])
      expect(await visitor.page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width)
    }
    expect(visitor.complaints).toEqual([])
    await visitor.close()
  })

  it.each([
    ['command', 'POST UNLOCK_CONNECTOR'],
    ['LOC1', 'PUT locations'],
    ['FR-NON', 'GET locations'],
  ])('one search and one click lead from %s to what happened', async (wanted, title) => {
    const visitor = await visitorOf(browser, hub.url, { hasScripts: false })
    await signIn(visitor, hub.adminToken)
    const { page } = visitor
    await page.getByLabel('Find').fill(wanted)
    await page.getByLabel('Find').press('Enter')
    await page.waitForURL(/\/admin\/messages/)
    if (new URL(page.url()).pathname === '/admin/messages') await page.locator('tbody a').last().click()
    await page.waitForURL(/\/admin\/messages\/./)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(title)
    expect(await page.textContent('main')).toContain('Caller ⇄ hub')
    await visitor.close()
  })

  it('a refused pair is allowed from the refused message in one click, without scripts', async () => {
    const visitor = await visitorOf(browser, hub.url, { hasScripts: false })
    await signIn(visitor, hub.adminToken)
    await visitor.visit(paths['refused'] ?? '')
    await visitor.page.getByRole('button', { name: 'Allow NL-EMA and DE-CPB' }).click()
    expect(await visitor.page.textContent('#flash')).toContain('Both may talk now')
    await visitor.close()
  })
})

/** A message of each kind that pages tell apart, and the pages of them. */
async function exchanges(hub: TestHub): Promise<Record<string, string>> {
  const join = (name: string, party: WireParty) =>
    hub.join({ name, parties: [party], modules: routedModules([party]) }, { parties: [party] })
  const cpo = await join('Rheinstrom', CPO)
  const emsp = await join('Alpendrive', EMSP)
  const other = await join('Polder eMobility', OTHER)
  const named = ({ country_code, party_id }: WireParty) => ({ country_code, party_id })
  await hub.admin('POST', '/agreements', { a: named(CPO), b: named(EMSP), effect: 'allow' })
  emsp.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage: 'No such thing' }))
  cpo.on('tariffs', 'SENDER', () => ({ status: 401, statusCode: 2001 }))

  const body = { response_url: `${emsp.origin}/results/1`, location_id: 'LOC7' }
  const command = { method: 'POST', path: '/UNLOCK_CONNECTOR', to: CPO, body, correlationId: 'command' } as const
  await emsp.call('commands', 'RECEIVER', command)
  const headers = ['Range', 'bytes=0-1']
  await emsp.call('tariffs', 'SENDER', { to: CPO, headers, correlationId: 'token-refused' })
  await other.call('locations', 'SENDER', { to: CPO, correlationId: 'refused' })
  await emsp.call('locations', 'SENDER', { to: { country_code: 'FR', party_id: 'NON' }, correlationId: 'nobody' })
  const push = { method: 'PUT', path: '/DE/CPB/LOC1', to: HUB, body: { id: 'LOC1' }, correlationId: 'push' } as const
  await cpo.call('locations', 'RECEIVER', push)

  type Row = { readonly id: string; readonly correlation_id: string; readonly kind: string }
  let rows: Row[] = []
  await until(async () => {
    rows = (await hub.admin('GET', '/messages?limit=100')).body
    return rows.some(({ kind }) => kind === 'delivery') && rows.some(({ kind }) => kind === 'broadcast')
  }, 'the rows of a push')
  const pathOf = (holds: (row: Row) => boolean) => `/admin/messages/${rows.find(holds)?.id}`
  return {
    search: '/admin/messages?party=DE-CPB&kind=direct',
    command: pathOf((row) => row.correlation_id === 'command'),
    'token-refused': pathOf((row) => row.correlation_id === 'token-refused'),
    refused: pathOf((row) => row.correlation_id === 'refused'),
    broadcast: pathOf((row) => row.kind === 'broadcast'),
    delivery: pathOf((row) => row.kind === 'delivery'),
    configuration: pathOf((row) => row.kind === 'configuration'),
    replay: `${pathOf((row) => row.kind === 'broadcast')}/replay`,
  }
}
