import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/admin/console/api.ts'
import { asCurl } from '../../../src/admin/console/pages/messages/curl.ts'
import { lines } from '../../../src/admin/console/parts/chart/lines.ts'
import { topOf } from '../../../src/admin/console/parts/chart/scale.ts'
import { share } from '../../../src/admin/console/parts/chart/share.ts'
import { confirmPage } from '../../../src/admin/console/parts/confirm.ts'
import { mailAddress } from '../../../src/admin/console/parts/copy.ts'
import { checkBox, choice, faultOf, textArea, textField } from '../../../src/admin/console/parts/field.ts'
import { brief, bytes, counted, many, percent, took } from '../../../src/admin/console/parts/figures.ts'
import { act, emptyState } from '../../../src/admin/console/parts/head.ts'
import { address, href } from '../../../src/admin/console/parts/href.ts'
import { html } from '../../../src/admin/console/parts/html.ts'
import { outcomeOf, shortPath } from '../../../src/admin/console/parts/outcome.ts'
import { mark, pill, status, TONES } from '../../../src/admin/console/parts/status.ts'
import { pages, table } from '../../../src/admin/console/parts/table.ts'
import { age, ago, clock } from '../../../src/admin/console/parts/time.ts'
import type { MessageDetail } from '../../../src/admin/console/views.ts'
import { nextAddress } from '../../../src/admin/sign-in/next-address.ts'

const PROBLEM: Problem = {
  type: 'urn:ocpi-hub:problem:invalid-input',
  title: 'The input is not as described',
  status: 400,
  detail: '#/parties/0/party_id: Expected one to three characters',
  instance: 'urn:uuid:0',
  errors: [
    { pointer: '#/parties/0/party_id', detail: 'Expected one to three characters' },
    { parameter: 'since', detail: 'Expected 1970 or later' },
  ],
}

describe('figures', () => {
  it('are short, and read as people write them', () => {
    expect([many(12345), counted(1, 'queue'), counted(2, 'party', 'parties')]).toEqual([
      '12,345',
      '1 queue',
      '2 parties',
    ])
    expect([brief(1500), brief(2_000_000), brief(40)]).toEqual(['1.5k', '2M', '40'])
    expect([took(0.94), took(48.2), took(1234)]).toEqual(['0.9 ms', '48 ms', '1.2 s'])
    expect([bytes(812), bytes(1434), bytes(3_400_000)]).toEqual(['812 B', '1.4 KB', '3.2 MB'])
    expect([percent(57, 10_000), percent(0, 0), percent(1, 2)]).toEqual(['0.57', '0', '50.0'])
    expect([age(40), age(720), age(90_000), age(400_000)]).toEqual(['40 s', '12 min', '25 h', '5 days'])
  })
})

describe('a request as a command', () => {
  it('sends no file of whoever pastes it, whatever its body begins with', () => {
    const request = { headers: [], body: '@/etc/passwd', body_encoding: 'utf-8', body_is_cut: false }
    const message = {
      kind: 'configuration',
      method: 'POST',
      path: '/ocpi',
      correlation_id: '1',
      request_id: '2',
      request,
    }
    expect(asCurl(message as unknown as MessageDetail, 'https://hub.example')).toContain(`--data-raw '@/etc/passwd'`)
  })
})

describe('a mail', () => {
  it('is there whatever a partner wrote, half a letter of an address that was cut too', () => {
    expect(mailAddress('Hello', 'https://a.example/🔌'.slice(0, -1))).toBe(
      'mailto:?subject=Hello&body=https%3A%2F%2Fa.example%2F%EF%BF%BD',
    )
  })
})

describe('times', () => {
  it('are UTC for whoever has no scripts, with the whole moment in the title', () => {
    const iso = '2026-11-22T20:29:01.234Z'
    expect(String(clock(iso))).toContain('>20:29:01.234<')
    expect(String(clock(iso, 'day'))).toContain('>11-22 20:29<')
    expect(String(clock(iso))).toContain('title="2026-11-22 20:29:01.234 UTC"')
    expect(String(ago(iso, Date.parse(iso) + 7_200_000))).toContain('2 h ago')
    expect(String(ago(null))).toContain('never')
  })
})

describe('states', () => {
  it('have each a shape of their own, since colour alone says nothing to many', () => {
    const shapes = TONES.map((tone) => String(mark(tone)).replace(tone, ''))
    expect(new Set(shapes).size).toBe(TONES.length)
    expect(String(status('OFFLINE'))).toMatch(/class="pill bad".*OFFLINE/)
    expect(String(pill('warn', '<b>'))).toContain('&lt;b&gt;')
  })

  it.each([
    [0, null, 'unreachable', 'bad', 'unreachable'],
    [200, 1000, null, 'good', '200 · 1000'],
    [200, 2001, null, 'warn', '200 · 2001'],
    [404, null, null, 'warn', '404'],
    [200, 3003, null, 'bad', '200 · 3003'],
    [502, null, 'unreachable', 'bad', '502'],
  ])('an exchange of HTTP %j, OCPI %j and failure %j is %s', (http_status, ocpi_status, failure, tone, text) => {
    expect(outcomeOf({ http_status, ocpi_status, failure })).toEqual({ tone, text })
  })

  it('a path is what stands behind the version', () => {
    expect(shortPath('/ocpi/2.2.1/receiver/locations/NL/ABC')).toBe('locations/NL/ABC')
    expect(shortPath('/ocpi/2.2.1/credentials')).toBe('credentials')
  })
})

describe('links', () => {
  it('to what a partner wrote lead to the web, or nowhere', () => {
    expect(href('https://cpo.example/ocpi')).toBe('https://cpo.example/ocpi')
    for (const url of ['javascript:alert(1)', ' JavaScript:alert(1)', 'data:text/html,x', '//evil', 'x'])
      expect(href(url), url).toBe('#')
  })

  it('of the console name what they are asked for', () => {
    expect(address('/admin/messages', { party: 'NL-A B', since: null, outcome: '' })).toBe(
      '/admin/messages?party=NL-A+B',
    )
    expect(address('/admin/messages')).toBe('/admin/messages')
    expect(nextAddress('/admin/messages?party=NL-ABC')).toBe('/admin/messages?party=NL-ABC')
  })
})

describe('tables', () => {
  const columns = [
    { head: 'Name', cell: ({ name }: { name: string }) => html`<b>${name}</b>` },
    { head: { hidden: 'Size' }, cell: () => 3, is: 'num hide-s' },
  ]

  it('say what they are to who cannot see them, and what to do when they are empty', () => {
    const some = String(table('Things', columns, [{ name: '<A>' }], emptyState('None', 'Add one.')))
    expect(some).toContain('aria-label="Things"')
    expect(some).toContain('<b>&lt;A&gt;</b>')
    expect(some).toContain('<span class="vh">Size</span>')
    expect(String(table('Things', columns, [], emptyState('None', 'Add one.')))).toContain('Add one.')
  })

  it('lead on to older rows and back to the newest, with the filters as they are', () => {
    const at = 'http://hub/admin/messages?party=NL-ABC&done=x'
    expect(String(pages(at, 'c1'))).toContain('href="/admin/messages?party=NL-ABC&amp;cursor=c1"')
    expect(String(pages(at, 'c1'))).not.toContain('Newest')
    expect(String(pages(`${at}&cursor=c1`, null))).toContain('href="/admin/messages?party=NL-ABC"')
    expect(pages(at, null)).toBe('')
  })
})

describe('forms', () => {
  it('say at the field what is wrong with it, and keep what was typed', () => {
    const fault = faultOf(PROBLEM, '#/parties')
    expect(fault).toBe('Expected one to three characters')
    expect(faultOf(PROBLEM, 'since')).toBe('Expected 1970 or later')
    expect(faultOf(PROBLEM, '#/name')).toBeUndefined()
    const field = String(textField({ name: 'party', label: 'Party', value: '"><x', fault, hint: 'Two letters' }))
    expect(field).toContain('value="&quot;&gt;&lt;x"')
    expect(field).toContain('aria-invalid="true" aria-describedby="f-party-hint f-party-fault"')
    expect(String(textArea({ name: 't', label: 'T', value: '</textarea>' }))).not.toContain('</textarea></textarea>')
    expect(
      String(
        choice({
          name: 's',
          label: 'S',
          value: 'b',
          options: [
            ['a', 'A'],
            ['b', 'B'],
          ],
        }),
      ),
    ).toContain('value="b" selected')
    expect(String(checkBox({ name: 'c', label: 'C', isChecked: true }))).toContain(' checked')
    expect(String(act('/admin/x', 'Do it', { fields: { a: '1' } }))).toMatch(
      /method="post" action="\/admin\/x".*value="1"/,
    )
  })

  it('say what will happen before something that is not undone easily, and why it was not done', () => {
    const page = String(
      confirmPage({
        title: 'Suspend ACME',
        above: ['ACME', '/admin/platforms/1'],
        consequences: ['Nothing reaches it.', 'Others see it as SUSPENDED.', 'Resume undoes it.'],
        action: '/admin/platforms/1/suspend',
        verb: 'Suspend',
        reason: 'as asked',
        problem: PROBLEM,
        isRisky: true,
      }),
    )
    for (const text of ['Others see it as SUSPENDED.', 'value="as asked"', 'role="alert"', 'btn danger'])
      expect(page).toContain(text)
    expect(page).toMatch(/<form class="pad form" method="post" action="\/admin\/platforms\/1\/suspend">/)
  })
})

describe('charts', () => {
  it('end at round numbers', () => {
    expect([6200, 0, 1, 149, 10_000].map((most) => topOf([most]))).toEqual([8000, 1, 1, 150, 10_000])
  })

  it('break a line where nothing was measured, and have a dot for what stands alone', () => {
    const drawn = String(lines('Times', [1, null, 3, 3], [null, null, null, null]))
    expect(drawn.match(/class="line1" d="([^"]*)"/)?.[1]).toMatch(/^M600 [\d.]+L840 [\d.]+$/)
    expect(drawn.match(/class="line1 dots" d="([^"]*)"/)?.[1]).toMatch(/^M120 [\d.]+h\.1$/)
    expect(drawn).not.toContain('line2 dots')
  })

  it('leave out of a share what there is none of', () => {
    const drawn = String(
      share('Platforms', [
        ['good', 3],
        ['bad', 0],
        ['off', 1],
      ]),
    )
    expect(drawn.match(/<rect class="(\w+)"/g)).toEqual(['<rect class="good"', '<rect class="off"'])
    expect(String(share('Platforms', []))).toContain('<rect class="off"')
  })
})
