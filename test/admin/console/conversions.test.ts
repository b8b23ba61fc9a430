import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversionNote as note, storeConversions } from '../../support/conversions.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const SOURCE = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const HOSTILE = '<img src=x onerror=alert(1)>'

let hub: TestHub
let browser: PlainBrowser
let id: string

beforeAll(async () => {
  hub = await startTestHub()
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  id = (await hub.join({ name: `cpo ${HOSTILE}`, parties: [CPO] })).platformId
})
afterAll(() => hub.close())

describe('what is lost between versions', () => {
  it('is nothing before anything was converted, in the console, the API and on the page of a platform', async () => {
    const { status, text } = await browser.get('/admin/conversions')
    expect(status).toBe(200)
    expect(text).toContain('Nothing was converted yet')
    expect((await hub.admin('GET', '/conversions')).body).toEqual([])
    expect((await browser.get(`/admin/platforms/${id}`)).text).not.toContain('Toward it')
  })

  it('is counted by what, why, versions and platform, and leads to messages about an example', async () => {
    const withheld = [{ fate: 'withheld', pointer: '/tax_included', reason: `prices with taxes ${HOSTILE}` }] as const
    await storeConversions(hub.databaseUrl, [
      note({ platformId: id, sample: 'T<1>' }),
      note({ platformId: id }),
      note({ platformId: id, from: '2.3.0', to: '2.2.1', outcome: 'withheld', remarks: withheld, sourceId: SOURCE }),
      note({ platformId: id, kind: 'location', outcome: 'failed', remarks: [] }),
      note({ platformId: '2b6f0cc9-04d2-4a1b-9d3e-3f6f1f8f0a11', kind: 'cdr', remarks: [] }),
    ])
    const { text } = await browser.get('/admin/conversions')
    expect(text).not.toContain('<img')
    for (const shown of ['2.2.1 → 2.3.0', 'Withheld', '/tax_included', 'one that is gone', 'object=T%3C1%3E'])
      expect(text).toContain(shown)
    const [remark, ...others] = (await hub.admin('GET', '/conversions?limit=1')).body
    expect(others).toEqual([])
    expect(remark).toMatchObject({ platform_id: id, kind: 'tariff', fate: 'invented', count: 2, sample: 'T<1>' })
    const outcomes = (await hub.admin('GET', `/conversions/outcomes?platform=${id}`)).body
    expect(
      outcomes.map((one: Record<string, unknown>) => [one['kind'], one['converted'], one['withheld'], one['failed']]),
    ).toEqual(
      expect.arrayContaining([
        ['tariff', 2, 0, 0],
        ['tariff', 0, 1, 0],
        ['location', 0, 0, 1],
      ]),
    )
  })

  it('is narrowed by filters, page by page, and a filter that cannot be is said at the form', async () => {
    const query = `platform=${id}&to=2.2.1&kind=tariff&fate=withheld`
    const { text } = await browser.get(`/admin/conversions?${query}`)
    expect(text).toContain('prices with taxes')
    expect(text).not.toContain('prices are without taxes')
    expect(text).toContain('Toward cpo')
    expect((await hub.admin('GET', `/conversions?source=${SOURCE}`)).body).toMatchObject([{ fate: 'withheld' }])
    expect((await browser.get(`/admin/conversions?source=${id}`)).text).toMatch(/Of what cpo[^]+Nothing matches/)
    expect((await browser.get('/admin/conversions?kind=session')).text).toContain('Nothing matches')
    expect((await browser.get('/admin/conversions?platform=nobody')).status).toBe(400)
    const first = await hub.admin('GET', '/conversions?limit=1')
    expect(first.headers['link']).toContain('cursor=1')
    expect((await hub.admin('GET', '/conversions?limit=1&cursor=1')).body).toMatchObject([{ fate: 'withheld' }])
    expect((await hub.admin('GET', '/conversions?fate=some')).status).toBe(400)
  })

  it('stands in sum on the page of the platform', async () => {
    const { text } = await browser.get(`/admin/platforms/${id}`)
    expect(text).toContain('2 converted, 1 withheld, <b class="bad">1 failed</b>')
    expect(text).toContain(`/admin/conversions?platform=${id}`)
  })
})

describe('the list of platforms', () => {
  it('is narrowed to those that speak a version, of which the overview says how many there are', async () => {
    expect((await browser.get('/admin/platforms?version=2.2.1')).text).toContain('cpo &lt;img')
    expect((await browser.get('/admin/platforms?version=2.1.1')).text).toContain('Nothing matches')
    expect((await hub.admin('GET', '/platforms?version=2.2.1')).body).toHaveLength(1)
    expect((await hub.admin('GET', '/overview')).body.versions).toEqual([{ version: '2.2.1', platforms: 1 }])
  })
})
