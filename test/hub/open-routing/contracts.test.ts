// Rules: whose a contract is that several parties show, which of OCPI 2.1.1 is all that tells whose a session is.
import { expect, test } from 'vitest'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { createContracts } from '../../../src/hub/open-routing/contracts.ts'
import { createObjectOwners } from '../../../src/hub/open-routing/object-owners.ts'
import { keyOf } from '../../../src/ocpi/party.ts'

const key = (partyId: string) => keyOf({ countryCode: 'NL', partyId })
const roles = [{ role: 'EMSP', status: 'ACTIVE' }]
/** A white label of NL-ONE and NL-TWO on one platform, and NL-OTH on another. */
const hosts = Object.entries({ ONE: 'label', TWO: 'label', OTH: 'other' })
const parties = new Map(hosts.map(([id, platformId]) => [key(id), [{ key: key(id), platformId, roles }]]))
const table = { parties } as unknown as RoutingTable

test('A contract of one party of a platform that another of it shows is that one’s, and no other platform’s', async () => {
  let clock = 0
  const store = { find: async () => [], findMany: async () => [], save: async () => {}, trim: async () => 0 }
  const owners = createObjectOwners({ store, now: () => clock++, after: () => () => {}, noteBound: () => {} })
  const contracts = createContracts({ owners, now: () => 0, table: () => table })
  const show = (id: string, auth_id: string) => contracts.learn({ auth_id, uid: 'U1', type: 'RFID' }, key(id))
  show('OTH', 'NL-ONE-C1')
  show('TWO', 'NL-ONE-C1')
  show('ONE', 'NL-ONE-C1')
  await contracts.lookUp(['NL-ONE-C1'])
  expect(contracts.known('NL-ONE-C1')?.party).toBe(key('TWO'))
  expect([contracts.isOfOther('NL-ONE-C1', 'label'), contracts.isOfOther('NL-ONE-C1', 'other')]).toEqual([false, true])
})
