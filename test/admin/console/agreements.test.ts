import { gzipSync } from 'node:zlib'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { HUB_RUNTIME } from '../../support/only.ts'
import { createPlainBrowser, type PlainBrowser } from './plain-browser.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const HOSTILE = '<script>alert(1)</script>'

let hub: TestHub
let browser: PlainBrowser
let reader: PlainBrowser

beforeAll(async () => {
  hub = await startTestHub({ ROUTING_POLICY: 'agreements' })
  browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  const { body: key } = await hub.admin('POST', '/keys', { name: 'reader', role: 'read-only' })
  reader = createPlainBrowser(hub.url)
  await reader.signIn(key.key)
})
afterAll(() => hub.close())

async function rules(query = ''): Promise<{ id: string; effect: string; modules: string[] | null }[]> {
  return (await hub.admin('GET', `/agreements${query}`)).body
}

describe('an empty network', () => {
  it('has a matrix that says why it is empty, and the policy', async () => {
    const { status, text } = await browser.get('/admin/agreements')
    expect(status).toBe(200)
    expect(text).toContain('No CPO yet')
    expect(text).toContain('nothing passes unless a rule allows it')
    expect(text).toContain('>Allow two parties</a>')
    expect((await browser.get('/admin/agreements?view=rules')).text).toContain('No rule yet')
  })
})

describe('rules', () => {
  it('are made in a form, checked at its fields, with what was typed kept', async () => {
    const form = await browser.get('/admin/agreements/new?a=NL-CPO&effect=allow')
    expect(form.text).toContain('value="NL-CPO"')
    const wrong = await browser.submit(form, '/admin/agreements/new', {
      b: 'D',
      effect: 'allow',
      modules: 'locations',
      from: '2026-12-02T00:00',
      until: '2026-12-01T00:00',
    })
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('role="alert"')
    expect(wrong.text).toMatch(/id="f-b"[^>]* aria-invalid="true"/)
    expect(wrong.text).toMatch(/value="locations" checked/)
    expect(wrong.text).toContain('value="2026-12-02T00:00"')
    const right = { b: 'de-ems', effect: 'allow', until: '', from: '', reason: 'signed' }
    const made = await browser.submit(wrong, '/admin/agreements/new', right)
    expect([made.status, made.leadsTo]).toEqual([303, '/admin/agreements/NL-CPO/DE-EMS?done=allowed'])
    expect(await rules()).toMatchObject([{ effect: 'allow', modules: ['locations'] }])
    const { body: audit } = await hub.admin('GET', '/audit?what=agreement.add')
    expect(audit).toMatchObject([{ reason: 'signed' }])
    expect((await browser.follow(made)).text).toContain('Allowed. It counts at once.')
  })

  it('are allowed by one post from elsewhere in the console', async () => {
    const fields = { a: 'NL-CPO', b: 'FR-EMS', effect: 'allow' }
    expect((await browser.post('/admin/agreements/new', fields)).status).toBe(303)
    expect(await rules('?party=FR-EMS')).toMatchObject([{ effect: 'allow', modules: null }])
  })

  it('are changed by a new one that takes the place of the old one', async () => {
    const [rule] = await rules('?party=DE-EMS')
    const form = await browser.get(`/admin/agreements/rules/${rule?.id}/change`)
    expect(form.text).toMatch(/value="locations" checked/)
    const changed = await browser.submit(form, `/admin/agreements/rules/${rule?.id}/change`, {
      effect: 'allow',
      modules: 'tokens',
      others: 'nltnm-x',
    })
    expect(changed.leadsTo).toBe('/admin/agreements/NL-CPO/DE-EMS?done=changed')
    expect(await rules('?party=DE-EMS')).toMatchObject([{ modules: ['tokens', 'nltnm-x'] }])
  })

  it('stand in a list that is filtered, and that says what is wrong with its filter', async () => {
    const { text } = await browser.get('/admin/agreements?view=rules')
    expect(text).toContain('href="/admin/agreements/NL-CPO/DE-EMS"')
    expect(text).toContain('href="/admin/agreements/NL-CPO/FR-EMS"')
    const one = await browser.get('/admin/agreements?view=rules&party=FR-EMS')
    expect(one.text).not.toContain('DE-EMS')
    expect((await browser.get('/admin/agreements?view=rules&party=SE-XXX')).text).toContain('No rule with this party')
    const over = await browser.get('/admin/agreements?view=rules&over=on')
    expect(over.text).toContain('>ended <time')
    const wrong = await browser.get(`/admin/agreements?view=rules&party=${encodeURIComponent(HOSTILE)}`)
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('Expected a party such as NL-ABC')
    expect(wrong.text).not.toContain(HOSTILE)
  })

  it('are ended after a page that says what follows', async () => {
    const [rule] = await rules('?party=FR-EMS')
    const page = await browser.get(`/admin/agreements/rules/${rule?.id}/end`)
    expect(page.text).toContain('It allows NL-CPO and FR-EMS all modules')
    const ended = await browser.submit(page, `/admin/agreements/rules/${rule?.id}/end`, { reason: 'contract is over' })
    expect(ended.leadsTo).toBe('/admin/agreements/NL-CPO/FR-EMS?done=ended')
    expect((await browser.follow(ended)).text).toContain('No rule of these two')
    expect(await rules('?party=FR-EMS')).toEqual([])
    expect((await browser.get('/admin/agreements/rules/0e5d4b3c-6f0e-4a53-9f0e-0b1a2c3d4e5f/end')).status).toBe(404)
  })

  it('are seen, and not changed, by who may only read', async () => {
    const { text } = await reader.get('/admin/agreements?view=rules')
    expect(text).toContain('DE-EMS')
    for (const act of ['End…', 'Change…', 'Import…', '>Allow two parties']) expect(text).not.toContain(act)
    expect((await reader.get('/admin/agreements/NL-CPO/DE-EMS')).text).not.toContain('Allow…')
    const refused = await reader.post('/admin/agreements/new', { a: 'NL-CPO', b: 'FR-EMS', effect: 'allow' })
    expect(refused.status).toBe(403)
  })
})

describe('the page of two parties', () => {
  it('says of each module whether they may talk, by which rule, and what keeps a request from arriving', async () => {
    const cpo = await hub.createPlatform({ name: `CPO ${HOSTILE}`, parties: [CPO] })
    const { text } = await browser.get('/admin/agreements/NL-CPO/DE-EMS')
    expect(text).toMatch(/<span class="tag">tokens<\/span><\/td><td class=""><span class="pill good">/)
    expect(text).toMatch(/<span class="tag">locations<\/span><\/td><td class=""><span class="pill bad">/)
    expect(text).toContain('rule of <time')
    expect(text).toContain('the policy')
    expect(text).toContain('No platform hosts DE-EMS')
    expect(text).toContain(`href="/admin/platforms/${cpo.id}"`)
    expect(text).toContain('is PLANNED')
    expect(text).not.toContain(HOSTILE)
    expect(text).toContain('of 2 of 8 modules')
    expect(text).toContain('href="/admin/agreements/new?a=NL-CPO&amp;b=DE-EMS&amp;effect=allow"')
  })

  it('tells of a moment that was', async () => {
    const { text } = await browser.get('/admin/agreements/NL-CPO/DE-EMS?at=2026-01-01T00:00')
    expect(text).toContain('As of <time datetime="2026-01-01T00:00:00.000Z"')
  })

  it('is none of what is no party', async () => {
    expect((await browser.get('/admin/agreements/NL-CPO/nobody')).status).toBe(400)
    expect((await browser.get('/admin/agreements/x/y')).status).toBe(404)
  })
})

describe('the matrix', () => {
  it('has a link for each pair, with words for who cannot see the shape', async () => {
    await hub.createPlatform({ name: 'eMSP', parties: [EMSP, { ...EMSP, party_id: 'EMT' }] })
    const { text } = await browser.get('/admin/agreements')
    expect(text).toContain('<h2>1 CPO × 2 eMSPs</h2>')
    expect(text).toMatch(
      /<td class="p"><a href="\/admin\/agreements\/NL-CPO\/DE-EMS"><span class="vh">NL-CPO and DE-EMS: some/,
    )
    expect(text).toMatch(
      /<td><a href="\/admin\/agreements\/NL-CPO\/DE-EMT"><span class="vh">NL-CPO and DE-EMT: may not/,
    )
    expect(text).toContain('href="/admin/agreements?cpo=NL-CPO"')
  })

  it('is narrowed by parties, module and moment, and says at the field what it does not understand', async () => {
    const { text } = await browser.get('/admin/agreements?emsp=de-ems%20fr&module=tokens')
    expect(text).toContain('<h2>1 CPO × 1 eMSP</h2>')
    expect(text).toContain('<td class="a">')
    const before = await browser.get('/admin/agreements?module=tokens&at=2026-01-01T00:00')
    expect(before.text).not.toContain('<td class="a">')
    expect(before.text).toContain('href="/admin/agreements/NL-CPO/DE-EMS?at=2026-01-01T00%3A00"')
    expect((await browser.get('/admin/agreements?cpo=SE')).text).toContain('No party matches')
    const wrong = await browser.get('/admin/agreements?cpo=Example&at=soon')
    expect(wrong.status).toBe(400)
    expect(wrong.text).toMatch(/id="f-cpo"[^>]*value="Example"[^>]*aria-invalid="true"/)
    expect(wrong.text).toMatch(/id="f-at"[^>]*aria-invalid="true"/)
  })

  it('of 200 by 200 is 20 KB on the wire, and continues', async () => {
    const parties = (role: 'CPO' | 'EMSP', country_code: string) =>
      Array.from({ length: role === 'CPO' ? 200 : 201 }, (_, i) => {
        const party_id = i
          .toString(36)
          .toUpperCase()
          .padStart(3, role === 'CPO' ? 'C' : 'E')
        return { country_code, party_id, role }
      })
    const [cpos, emsps] = [parties('CPO', 'FR'), parties('EMSP', 'BE')]
    await hub.createPlatform({ name: 'many CPOs', parties: cpos })
    await hub.createPlatform({ name: 'many eMSPs', parties: emsps })
    // As many of them as a network of that size has, without an order that would compress well.
    const lines = cpos.flatMap((a, i) =>
      emsps.flatMap((b, j) => {
        const chance = ((i * 7919 + j * 104_729) ^ (i * j * 31)) % 100
        if (chance >= 11) return []
        return [`${a.country_code},${a.party_id},${b.country_code},${b.party_id},allow,${chance < 1 ? 'tokens' : ''}`]
      }),
    )
    const header = 'a_country_code,a_party_id,b_country_code,b_party_id,effect,modules\n'
    for (let i = 0; i < lines.length; i += 500) {
      const csv = header + lines.slice(i, i + 500).join('\n')
      expect((await browser.post('/admin/agreements/import', { csv, sure: 'yes' })).status).toBe(303)
    }
    const path = '/admin/agreements?cpo=FR&emsp=BE'
    const page = await browser.get(path)
    expect(page.text).toContain('<h2>200 CPOs × 200 eMSPs</h2>')
    expect(page.text).toContain('Next part →')
    expect(page.text.match(/<td class="a">/g)?.length).toBeGreaterThan(1000)
    const Cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await request(hub.url + path, { headers: { Cookie, 'Accept-Encoding': 'gzip' } })
    const body = Buffer.from(await answer.body.arrayBuffer())
    // What Workers answer is compressed on its way, by Cloudflare.
    const packed = HUB_RUNTIME === 'workers' ? gzipSync(body) : body
    expect(packed.length).toBeLessThan(20_000)
    const [, next = ''] = /href="([^"]+)" rel="next"/.exec(page.text) ?? []
    expect((await browser.get(next.replaceAll('&amp;', '&'))).text).toContain('<h2>200 CPOs × 1 eMSP</h2>')
  })
})

describe('an import', () => {
  const HEADER = 'a_country_code,a_party_id,b_country_code,b_party_id,effect\n'

  it('is shown line by line before anything of it counts, and is mended where it is refused', async () => {
    const form = await browser.get('/admin/agreements/import')
    const csv = `${HEADER}SE,CPO,SE,EMS,allow\nSE,CPO,SE,CPO,allow\nSE,CPO,${HOSTILE},EMS,maybe\n`
    const shown = await browser.submit(form, '/admin/agreements/import', { csv })
    expect(shown.status).toBe(200)
    for (const text of ['1 added', '2 refused', 'got SE-CPO twice', 'effect: ', 'Mend it'])
      expect(shown.text).toContain(text)
    expect(shown.text).not.toContain(HOSTILE)
    // In the usual spelling of forms a file of 1 MB would be a form of more, which is refused.
    expect(shown.text).toContain('action="/admin/agreements/import" enctype="multipart/form-data"')
    const again = await browser.submit(shown, '/admin/agreements/import', { csv: `${HEADER}SE,CPO,SE,EMS,allow\n` })
    expect(again.text).toContain('Import 1 rule')
    expect(again.text).toContain('action="/admin/agreements/import" enctype="multipart/form-data"')
    expect(await rules('?party=SE-CPO')).toEqual([])
    const long = `all of ${'Sweden '.repeat(80)}`
    const refused = await browser.submit(again, '/admin/agreements/import', { reason: long })
    expect([refused.status, refused.text.includes(`value="${long}"`)]).toEqual([400, true])
    expect(refused.text).toContain('reason: Expected at most 500 characters')
    expect(await rules('?party=SE-CPO')).toEqual([])
    const done = await browser.submit(refused, '/admin/agreements/import', { reason: 'all of Sweden' })
    expect([done.status, done.leadsTo]).toEqual([303, '/admin/agreements?view=rules&done=imported'])
    expect(await rules('?party=SE-CPO')).toHaveLength(1)
  })

  it('takes a file, such as the one that was exported', async () => {
    const { text, headers } = await browser.get('/admin/agreements/export')
    expect(headers.get('Content-Disposition')).toContain('agreements.csv')
    expect(text).toContain('SE,CPO,SE,EMS,allow')
    const form = new FormData()
    form.set('file', new File([`${text.split('\n')[0]}\n${text.split('\n').at(-2)}\n`], 'agreements.csv'))
    form.set('csv', '')
    const Cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headersOf = { Cookie, Origin: hub.url, 'Sec-Fetch-Site': 'same-origin' }
    const post = (body: FormData | string, more = {}) =>
      fetch(`${hub.url}/admin/agreements/import`, { method: 'POST', body, headers: { ...headersOf, ...more } })
    const shown = await post(form)
    expect(shown.status).toBe(200)
    expect(await shown.text()).toContain('1 already there')
    form.set('file', new File(['x'.repeat(1_100_000)], 'large.csv'))
    // workerd refuses it too, and may end the connection before the browser has sent it all.
    if (HUB_RUNTIME === 'node') expect((await post(form)).status).toBe(413)
    expect((await post('no form', { 'Content-Type': 'multipart/form-data; boundary=x' })).status).toBe(415)
  })

  it('of what is no table of rules says so', async () => {
    const wrong = await browser.post('/admin/agreements/import', { csv: 'name\nx' })
    expect(wrong.status).toBe(200)
    expect(wrong.text).toContain('Expected the columns a_country_code')
    const refused = await reader.post('/admin/agreements/import', { csv: HEADER, sure: 'yes' })
    expect(refused.status).toBe(403)
  })
})
