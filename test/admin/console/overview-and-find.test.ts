import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { until } from '../../support/until.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const MSP = { country_code: 'DE', party_id: 'MSP', role: 'EMSP' } as const

let hub: TestHub
let browser: PlainBrowser
let platforms: { readonly cpo: string; readonly msp: string }

beforeAll(async () => {
  hub = await startTestHub()
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
})
afterAll(() => hub.close())

const find = (text: string) => browser.get(`/admin/find?q=${encodeURIComponent(text)}`)

describe('the overview', () => {
  it('of a hub without partners says how to begin', async () => {
    const { status, text } = await browser.get('/admin')
    expect(status).toBe(200)
    for (const words of ['Nothing needs you', 'No platform yet', 'No exchange in the last 24 hours', 'No queue yet'])
      expect(text).toContain(words)
  })

  it('counts what there is, and names what needs somebody', async () => {
    const cpo = await hub.join({ name: 'Rheinstrom', parties: [CPO] })
    const msp = await hub.join({ name: 'Tulip Mobility', parties: [MSP] })
    platforms = { cpo: cpo.platformId, msp: msp.platformId }
    await cpo.call('tokens', 'SENDER', { to: MSP, correlationId: 'one-exchange' })
    for (const path of ['/NL/CPO/LOC1', '/NL/CPO/LOC1/EVSE1'])
      await cpo.call('locations', 'RECEIVER', {
        method: 'PATCH',
        path,
        to: MSP,
        body: {},
        correlationId: 'two-exchanges',
      })
    await hub.admin('POST', `/queues/${msp.platformId}/pause`)
    await until(async () => (await browser.get('/admin')).text.includes('locations/NL/CPO/LOC1/EVSE1'))
    const page = await browser.get('/admin?window=1h')
    expect(page.text).toContain('1 thing needs you')
    expect(page.text).toContain(`href="/admin/queues/${msp.platformId}"`)
    expect(page.text).toContain('Platforms by status: 2 connected, 0 offline, 0 planned, 0 suspended')
    expect(page.text).toMatch(/aria-current="true">1h</)
  })

  it('is a page also where somebody made the address up', async () => {
    expect((await browser.get('/admin?window=%3Cscript%3E&done=%3Cscript%3E')).status).toBe(200)
  })
})

describe('the search leads', () => {
  it.each(['Rheinstrom', 'rheinst', 'NL-CPO', 'nl*cpo'])('to the only platform that %s is', async (text) => {
    expect((await find(text)).leadsTo).toBe(`/admin/platforms/${platforms.cpo}`)
  })

  it('to the only exchange with a correlation ID, and to all of several', async () => {
    expect((await find('one-exchange')).leadsTo).toMatch(/^\/admin\/messages\/[\w-]+$/)
    expect((await find(' two-exchanges ')).leadsTo).toBe('/admin/messages?correlation_id=two-exchanges')
  })

  it('to exchanges about an object, by its id', async () => {
    expect((await find('LOC1')).leadsTo).toMatch(/^\/admin\/messages\?object=LOC1&period=7d$/)
  })

  it('to an exchange by the ID of its request, or its own', async () => {
    const { body } = await hub.admin('GET', '/messages?correlation_id=one-exchange')
    const place = `/admin/messages/${body[0].id}`
    expect((await find(body[0].request_id)).leadsTo).toBe(place)
    expect((await find(body[0].id)).leadsTo).toBe(place)
  })

  it('to a page of hits where there are several, and says so where there is none', async () => {
    const several = await find('i')
    expect(several.status).toBe(200)
    for (const id of Object.values(platforms)) expect(several.text).toContain(`/admin/platforms/${id}`)
    for (const text of ['nothing at all', 'x'.repeat(300), '%\u0001'])
      expect((await find(text)).text).toContain('Nothing has this name or ID')
    expect((await find('  ')).leadsTo).toBe('/admin')
  })
})
