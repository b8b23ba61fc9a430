import { expect, test } from 'vitest'
import type { PlatformRow } from '../../src/hub/registry.ts'
import { createTableSource } from '../../src/hub/table-source.ts'

function row(id: string, sealedToken: string): PlatformRow {
  return {
    id,
    name: id,
    status: 'CONNECTED',
    version: '2.2.1',
    parties: [],
    endpoints: [],
    delivery: {},
    sealedToken,
    tokenEncoding: 'raw',
    isStrictAboutTokens: false,
    credentials: [],
    revision: 1,
  }
}

test('a platform whose sealed token was damaged cannot be called, and the others can', async () => {
  const table = createTableSource({
    read: async () => ({
      revision: 1,
      platforms: [row('whole', 'sealed'), row('damaged', '?')],
      removedPlatformIds: [],
      agreements: [],
      policy: { kind: 'open', since: null, revision: 0, turns: [] },
      departed: [],
    }),
    open: (sealed) => {
      if (sealed !== 'sealed') throw new Error('not a sealed token')
      return 'their-token'
    },
    hub: { countryCode: 'NL', partyId: 'HUB' },
    deliveryDefaults: { requestsPerSecond: 50, concurrency: 8, maxAgeSeconds: 900, afterOffline: 'none' },
  })
  await table.refresh()
  const authorizationOf = (id: string) => table.current().platforms.get(id)?.authorization()
  expect(authorizationOf('whole')).toBe('Token their-token')
  expect(authorizationOf('damaged')).toBeNull()
})
