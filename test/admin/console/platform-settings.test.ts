import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createPlainBrowser, type Page, type PlainBrowser } from './plain-browser.ts'

const CPO = { country_code: 'NL', party_id: 'CPA', role: 'CPO' } as const
const SECOND = { country_code: 'NL', party_id: 'CPB', role: 'CPO' } as const
const THIRD = { country_code: 'NL', party_id: 'CPC', role: 'CPO' } as const
const URL_OF_TARIFFS = 'https://cpo.example/ocpi/2.2.1/tariffs'

let hub: TestHub
let browser: PlainBrowser
let id: string
let page: string

beforeAll(async () => {
  hub = await startTestHub({ ANNOUNCED_ROLES_ONLY: 'true' })
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  const cpo = await hub.join({ name: 'Rheinstrom', parties: [CPO, SECOND, THIRD] }, { parties: [CPO] })
  id = cpo.platformId
  page = `/admin/platforms/${id}`
})
afterAll(() => hub.close())

const platform = async () => (await hub.admin('GET', `/platforms/${id}`)).body
const audit = async () => (await hub.admin('GET', `/audit?platform=${id}`)).body[0]

/** What a form of several lines and choices holds, as a browser would send it. */
function choicesOf({ text }: Page): Record<string, string> {
  const areas = [...text.matchAll(/<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</g)].map(([, name, value]) => [
    name,
    value,
  ])
  const selects = [...text.matchAll(/<select [^>]*name="([^"]+)".*?<option value="([^"]*)" selected/gs)]
  return Object.fromEntries([...areas, ...selects.map(([, name, value]) => [name, value])]) as Record<string, string>
}

describe('settings', () => {
  async function save(fields: Record<string, string>): Promise<Page> {
    const form = await browser.get(`${page}/settings`)
    expect(form.status).toBe(200)
    return browser.submit(form, `${page}/settings`, { ...choicesOf(form), ...fields })
  }

  it('are changed one by one: what is left as it was stays with the defaults of the hub', async () => {
    const answer = await save({
      name: 'Rheinstrom <AG>',
      requests_per_second: '20',
      strict: 'on',
      reason: 'slow partner',
    })
    expect([answer.status, answer.leadsTo]).toEqual([303, `${page}?done=saved`])
    const { text } = await browser.get(answer.leadsTo)
    expect(text).toContain('Rheinstrom &lt;AG&gt;')
    expect(text).toContain('20 a second, 8 at once')
    expect(text).toContain('held to the specification')
    const { after, reason } = await audit()
    expect(reason).toBe('slow partner')
    expect(Object.keys(after).sort()).toEqual(['delivery', 'name', 'strict'])
    expect(Object.keys(after.delivery)).toEqual(['requests_per_second'])
  })

  it('go back to the default of the hub with an empty field, and a box that is not checked is off', async () => {
    const form = await browser.get(`${page}/settings`)
    expect(form.text).toContain('name="strict" value="on" checked')
    const fields: Record<string, string> = {
      ...choicesOf(form),
      name: 'Rheinstrom',
      requests_per_second: '',
      concurrency: '8',
      max_age_seconds: '900',
      most_roles: '500',
    }
    const answer = await browser.post(`${page}/settings`, fields)
    expect(answer.status).toBe(303)
    const now = await platform()
    expect([now.name, now.delivery.requests_per_second, now.strict]).toEqual(['Rheinstrom', 50, false])
  })

  it('say that nothing was changed where nothing was', async () => {
    const before = await audit()
    const answer = await save({ reason: 'none' })
    expect((await browser.get(answer.leadsTo)).text).toContain('Nothing was changed.')
    expect((await audit()).id).toBe(before.id)
  })

  it('reserve roles for it, a line each', async () => {
    await save({ parties: 'NL-NEW CPO\r\n\r\n nl*ne2  emsp \r\n' })
    const { parties } = await platform()
    const planned = parties.filter(({ status }: { status: string }) => status === 'PLANNED')
    expect(planned.map(({ party_id, role }: typeof CPO) => `${party_id} ${role}`).toSorted()).toEqual([
      'NEW CPO',
      'ne2 EMSP',
    ])
    const kept = await save({ concurrency: '4' })
    expect(kept.leadsTo).toContain('saved')
    expect((await platform()).parties).toHaveLength(3)
  })

  it('say at the field what the API refuses, and keep what was typed', async () => {
    const answer = await save({
      name: 'Other',
      concurrency: '9999',
      parties: 'NL-NEW CPO\nGermany',
      reason: 'a <reason>',
    })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('value="9999"')
    expect(answer.text).toContain('value="Other"')
    expect(answer.text).toContain('Line 2: ')
    expect(answer.text).toContain('aria-invalid="true"')
    expect(answer.text).toContain('value="a &lt;reason&gt;"')
    expect((await platform()).name).toBe('Rheinstrom')
  })
})

describe('conversion', () => {
  async function save(fields: Record<string, string>): Promise<Page> {
    const form = await browser.get(`${page}/conversion`)
    expect(form.status).toBe(200)
    return browser.submit(form, `${page}/conversion`, { ...choicesOf(form), ...fields })
  }

  it('asks a platform of 2.2.1 only what matters to it, and keeps a change with its reason', async () => {
    const form = await browser.get(`${page}/conversion`)
    expect(form.text).toContain('It speaks OCPI 2.2.1')
    expect(form.text).not.toContain('time_zone')
    const answer = await save({ extras: 'keep', tells_losses: 'on', reason: 'it reads them' })
    expect([answer.status, answer.leadsTo]).toEqual([303, `${page}?done=saved`])
    const { after, reason } = await audit()
    expect([after, reason]).toEqual([{ conversion: { extras: 'keep', tells_losses: true } }, 'it reads them'])
    expect((await save({ tells_losses: 'on' })).leadsTo).toContain('unchanged')
    expect((await save({ preset: 'default', tells_losses: 'on' })).leadsTo).toContain('saved')
    expect((await platform()).conversion).toMatchObject({ extras: 'drop', tells_losses: false })
  })

  it('asks a platform without a version all, and says at the field what is refused', async () => {
    const planned = await hub.createPlatform({ name: 'New' })
    const own = `/admin/platforms/${planned.id}/conversion`
    const form = await browser.get(own)
    expect(form.text).toContain('Its version is agreed in its handshake')
    const fields = { ...choicesOf(form), time_zone: 'Mars/Olympus', owner_members: 'on', preset: 'gireve' }
    const answer = await browser.submit(form, own, fields)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('value="Mars/Olympus"')
    expect(answer.text).toContain('Expected a time zone such as Europe/Amsterdam')
    const good = await browser.submit(form, own, { ...fields, time_zone: 'Europe/Riga' })
    expect(good.leadsTo).toContain('saved')
    expect((await hub.admin('GET', `/platforms/${planned.id}`)).body.conversion).toMatchObject({
      time_zone: 'Europe/Riga',
      reference_member: 'authorization_id',
      signed_data: true,
      owner_members: true,
    })
  })
})

describe('interfaces', () => {
  const mend = async (fields: Record<string, string>) =>
    browser.submit(await browser.get(`${page}/interfaces`), `${page}/interfaces`, {
      role: 'SENDER',
      do: 'mend',
      ...fields,
    })
  const mended = async () =>
    (await platform()).endpoints
      .filter(({ override }: { override?: object }) => override)
      .map(({ identifier, url }: { identifier: string; url: string | null }) => [identifier, url])

  it('are mended one at a time, beside those that were mended before', async () => {
    const answer = await mend({ identifier: 'tariffs', url: URL_OF_TARIFFS, reason: 'their typing error' })
    expect((await browser.get(answer.leadsTo)).text).toContain('Mended. The hub calls it there')
    await mend({ identifier: 'cdrs', hide: 'on' })
    expect(await mended()).toEqual([
      ['tariffs', URL_OF_TARIFFS],
      ['cdrs', null],
    ])
    const { text } = await browser.get(page)
    expect(text).toContain('2 mended')
    expect(text).toContain('hidden')
  })

  it('are undone by a button', async () => {
    const form = await browser.get(`${page}/interfaces`)
    expect(form.text).toMatch(/name="do" value="undo".*name="identifier" value="tariffs"/)
    const answer = await browser.post(`${page}/interfaces`, { do: 'undo', identifier: 'tariffs', role: 'SENDER' })
    expect((await browser.get(answer.leadsTo)).text).toContain('Undone.')
    expect(await mended()).toEqual([['cdrs', null]])
  })

  it('that cannot be are refused at the field, with what was typed', async () => {
    const answer = await mend({ identifier: 'locations', url: 'javascript:alert(1)', reason: 'why not' })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('value="javascript:alert(1)"')
    expect(answer.text).not.toContain('href="javascript')
    expect(answer.text).toContain('value="why not"')
    expect(answer.text).toMatch(/id="f-url-fault"/)
    expect(await mended()).toEqual([['cdrs', null]])
  })
})

describe('roles that wait', () => {
  it('are shown where the platform is, and decided of one by one', async () => {
    expect((await browser.get(page)).text).toContain('2 roles wait for you')
    expect((await browser.get('/admin/platforms')).text).toContain('2 to confirm')
    const form = await browser.get(`${page}/roles`)
    expect(form.text).toContain('nobody announced it')
    const none = await browser.submit(form, `${page}/roles`, { decision: 'confirm' })
    expect(none.status).toBe(400)
    expect(none.text).toContain('Choose the roles that you decide of')
    const confirmed = await browser.submit(form, `${page}/roles`, {
      decision: 'confirm',
      role: 'NL CPB CPO',
      reason: 'asked them',
    })
    expect((await browser.get(confirmed.leadsTo)).text).toContain('Confirmed: these roles count')
    expect((await platform()).parties.map(({ party_id }: typeof CPO) => party_id)).toContain('CPB')
    expect((await audit()).reason).toBe('asked them')
  })

  it('go when they are refused', async () => {
    const form = await browser.get(`${page}/roles`)
    const refused = await browser.submit(form, `${page}/roles`, { decision: 'refuse' })
    expect((await browser.get(refused.leadsTo)).text).toContain('Refused.')
    expect((await platform()).pending_roles).toEqual([])
    expect((await browser.get(`${page}/roles`)).text).toContain('No role waits')
  })
})
