import { describe, expect, test } from 'vitest'
import { clientInfo, clientInfoPath } from '../../src/ocpi/client-info.ts'

describe('mod_hub_client_info: ClientInfo Object', () => {
  test('names the party as it first named itself', () => {
    expect(
      clientInfo({ countryCode: 'NL', partyId: 'aLL' }, 'CPO', 'PLANNED', Date.parse('2019-01-28T12:00:00Z')),
    ).toEqual({
      party_id: 'aLL',
      country_code: 'NL',
      role: 'CPO',
      status: 'PLANNED',
      last_updated: '2019-01-28T12:00:00.000Z',
    })
  })

  test('is put at the path of its party', () => {
    expect(clientInfoPath({ countryCode: 'NL', partyId: 'ALL' })).toBe('/NL/ALL')
    expect(clientInfoPath({ countryCode: 'NL', partyId: '?#%' })).toBe('/NL/%3F%23%25')
  })
})
