// A connection check of a platform that speaks another version than 2.2.1 gives no false alarm.
import { expect, test } from 'vitest'
import { roleHeldBy } from '../../../src/ocpi/dialect-211.ts'
import { createRightPartner, type Fault, type RightPartner, type Stored } from './right-partner.ts'
import { check, faultsIn, found } from './run.ts'

/** The right partner as one of another version, whose objects are `objects`. */
function partnerOf(version: string, says: Fault, objects: (object: Stored, module: string) => Stored): RightPartner {
  const partner = createRightPartner((said, asked, self) => {
    const { envelope } = said
    const listed = envelope['data'] as { version: string }[]
    if (asked.path === '/ocpi/versions') envelope['data'] = listed.map((each) => ({ ...each, version }))
    if (/^\/ocpi\/2\.2\.1$/.test(asked.path)) envelope['data'] = { ...(envelope['data'] as object), version }
    says(said, asked, self)
  })
  for (const [module, list] of Object.entries(partner.lists))
    partner.lists[module] = list.map((object) => objects(object, module))
  return { ...partner, platform: { ...partner.platform, version } }
}

function with230(object: Stored, module: string): Stored {
  if (module === 'tariffs') return { ...object, tax_included: 'NO', min_price: { before_taxes: 1 } }
  if (module === 'tokens') return { ...object, type: 'EMAID' }
  if (module === 'cdrs') return { ...object, total_cost: { before_taxes: 0.6, taxes: [{ name: 'VAT', amount: 0.13 }] } }
  return module === 'locations' ? { ...object, help_phone: '+31201234567' } : object
}

test('2.3.0: a right partner has no fault, and one that sends objects of 2.2.1 is told so', async () => {
  const says: Fault = ({ envelope }, { path }) => {
    if (path.endsWith('/credentials')) envelope['data'] = { ...(envelope['data'] as object), hub_party_id: 'NLABC' }
  }
  expect(faultsIn(await check(partnerOf('2.3.0', says, with230)))).toEqual([])
  const findings = await check(partnerOf('2.3.0', says, (object) => object))
  const told = findings.filter(({ outcome }) => outcome === 'fail').map(({ module, detail }) => [module, detail])
  expect(told).toEqual([
    ['tariffs', '[0].tax_included is missing (3 times)'],
    ['cdrs', '[0].total_cost.before_taxes is missing (3 times)'],
  ])
})

test('2.1.1: what the version lacks is no fault, and nothing is pushed in a check', async () => {
  const says: Fault = (said, { path, module }) => {
    const { envelope, headers } = said
    for (const name of Object.keys(headers)) if (/^(ocpi-|x-request|x-correlation)/i.test(name)) delete headers[name]
    if (path.endsWith('/credentials')) {
      const { roles: _, ...rest } = envelope['data'] as { roles: unknown }
      envelope['data'] = { ...rest, country_code: 'NL', party_id: 'CPA', business_details: { name: 'Partner' } }
    }
    if (module === 'tokens') said.envelope['status_code'] = 2001
    const details = envelope['data'] as { endpoints?: { identifier: string; role: string }[] } | undefined
    if (!details?.endpoints) return
    const own = details.endpoints.filter(
      ({ identifier, role }) => identifier === 'credentials' || roleHeldBy('cpo', identifier) === role,
    )
    envelope['data'] = { ...details, endpoints: own.map(({ role: _role, ...each }) => each) }
  }
  const partner = partnerOf('2.1.1', says, ({ country_code: _country, party_id: _party, ...object }) => object)
  const platform = { ...partner.platform, parties: [{ countryCode: 'NL', partyId: 'CPA', roles: ['CPO'] as const }] }
  const findings = await check({ ...partner, platform }, {}, { consent: true })
  expect(faultsIn(findings)).toEqual([])
  expect(found(findings, 'endpoints-roles')).toMatchObject({ outcome: 'pass' })
  expect(found(findings, 'credentials-get')).toMatchObject({ outcome: 'pass' })
  expect(found(findings, 'list-answers')).toMatchObject({ outcome: 'pass', module: 'locations' })
  expect(found(findings, 'schema')).toMatchObject({ outcome: 'skipped', detail: expect.stringContaining('2.1.1') })
  expect(found(findings, 'push-location')).toMatchObject({ outcome: 'skipped' })
  expect(partner.asked.filter(({ method }) => method === 'PUT' || method === 'PATCH')).toEqual([])
  expect(partner.asked.flatMap(({ headers }) => headers).filter((name) => /^ocpi-(to|from)-/i.test(name))).toEqual([])
})
