import { expect, it } from 'vitest'
import { type Call, createAdminHarness, faultsIn } from './admin-harness.ts'

const hub = createAdminHarness()
const ID = '0b0c6a5e-8f1d-4c39-9d0e-2f6b7a8c9d10'
const RULE = { a: { country_code: 'NL', party_id: 'CPO' }, b: { country_code: 'DE', party_id: 'EMS' } }

/** What is said of each place in the input, by the place. */
async function said(method: string, path: string, call?: Call): Promise<Record<string, string>> {
  const faults = faultsIn(await hub.call(method, path, call))
  return Object.fromEntries(faults.map(({ pointer, parameter, detail }) => [pointer ?? parameter, detail]))
}

it.each<[string, unknown, Record<string, string>]>([
  ['too long', { name: 'x'.repeat(101) }, { '#/name': 'Expected at most 100 characters' }],
  ['empty', { name: ' ' }, { '#/name': 'Expected some text' }],
  ['missing', {}, { '#/name': 'Expected text, got nothing' }],
  ['of another type', { name: 7, hold: 'yes' }, { '#/name': 'Expected text', '#/hold': 'Expected true or false' }],
  ['null', { name: 'x', parties: null }, { '#/parties': 'Expected a list' }],
  ['none of several', { name: 'x', token_encoding: 'hex' }, { '#/token_encoding': 'Expected base64 or raw' }],
  ['unknown', { name: 'x', colour: 'red' }, { '#/colour': 'Unknown field' }],
  [
    'too large, too small and no whole number',
    { name: 'x', delivery: { concurrency: 300, requests_per_second: 0, max_age_seconds: 1.5 } },
    {
      '#/delivery/concurrency': 'Expected at most 256',
      '#/delivery/requests_per_second': 'Expected at least 1',
      '#/delivery/max_age_seconds': 'Expected a whole number',
    },
  ],
  [
    'refused by a rule with words of its own',
    { name: 'x', parties: [{ country_code: 'NLD', party_id: 'ABC', role: 'CPO' }] },
    { '#/parties/0/country_code': 'Expected two letters' },
  ],
])('a field that is %s is answered in plain words', async (_, body, faults) => {
  expect(await said('POST', '/platforms', { body })).toEqual(faults)
})

it('so is a list without an entry, an ID, a moment, an address and a query', async () => {
  expect(await said('POST', `/platforms/${ID}/pending-roles/confirm`, { body: { roles: [] } })).toEqual({
    '#/roles': 'Expected at least 1 entry',
  })
  expect(await said('POST', '/agreements', { body: { ...RULE, effect: 'allow', valid_from: 'tomorrow' } })).toEqual({
    '#/valid_from': 'Expected a moment such as 2026-11-22T20:29:00Z',
  })
  expect(await said('POST', `/platforms/${ID}/connect`, { body: { versions_url: 'here', token: 'x' } })).toEqual({
    '#/versions_url': 'Expected a URL such as https://ocpi.example.com/path',
  })
  expect(await said('GET', '/messages?platform_id=x&limit=many&outcome=bad')).toEqual({
    platform_id: `Expected an ID such as ${ID}`,
    limit: 'Expected a number',
    outcome: 'Expected ok, refused or failed',
  })
})

it('so is a line of a file', async () => {
  const rawBody = 'a_country_code,a_party_id,b_country_code,b_party_id,effect,valid_until\nNL,CPO,DE,EMS,perhaps,soon'
  const headers = { 'Content-Type': 'text/csv' }
  expect(await said('POST', '/agreements/import', { rawBody, headers })).toEqual({
    '#/2': 'Line 2: valid_until: Expected a moment such as 2026-11-22T20:29:00Z',
  })
})
