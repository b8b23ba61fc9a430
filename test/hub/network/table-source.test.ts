import { expect, test } from 'vitest'
import type { PlatformRow, TableRows } from '../../../src/hub/network/registry.ts'
import { createTableSource } from '../../../src/hub/network/table-source.ts'
import { DEFAULT_CONVERSION } from '../../../src/ocpi/convert/conversion.ts'

function row(id: string, sealedToken: string): PlatformRow {
  return {
    id,
    name: id,
    status: 'CONNECTED',
    statusCause: '',
    version: '2.2.1',
    parties: [],
    endpoints: [],
    endpointOverrides: [],
    delivery: {},
    sealedToken,
    tokenEncoding: 'raw',
    isStrictAboutTokens: false,
    isStrict: false,
    isLeftOutOfGetAll: false,
    credentials: [],
    revision: 1,
  }
}

const HUB = {
  hub: { countryCode: 'NL', partyId: 'HUB' },
  deliveryDefaults: {
    requestsPerSecond: 50,
    concurrency: 8,
    maxAgeSeconds: 900,
    afterOffline: 'none',
    broadcastTo: 'platform',
  },
} as const

function rows(revision: number, ...platforms: PlatformRow[]): TableRows {
  const policy = { kind: 'open', since: null, revision: 0, turns: [] } as const
  return { revision, platforms, removedPlatformIds: [], agreements: [], policy, departed: [] }
}

test('a platform whose sealed token was damaged cannot be called, and the others can', async () => {
  const table = createTableSource({
    read: async () => rows(1, row('whole', 'sealed'), row('damaged', '?')),
    open: (sealed) => {
      if (sealed !== 'sealed') throw new Error('not a sealed token')
      return 'their-token'
    },
    ...HUB,
  })
  await table.refresh()
  const authorizationOf = (id: string) => table.current().platforms.get(id)?.authorization()
  expect(authorizationOf('whole')).toBe('Token their-token')
  expect(authorizationOf('damaged')).toBeNull()
})

test('a platform has its own conversion settings over the defaults, which most have', async () => {
  const own = { ...row('own', 'sealed'), conversion: { extras: 'keep' } as const }
  const table = createTableSource({ read: async () => rows(1, row('usual', 'sealed'), own), open: String, ...HUB })
  await table.refresh()
  const conversionOf = (id: string) => table.current().platforms.get(id)?.conversion
  expect(conversionOf('usual')).toBe(DEFAULT_CONVERSION)
  expect(conversionOf('own')).toEqual({ ...DEFAULT_CONVERSION, extras: 'keep' })
})

test('two reads are never under way at once, so that the older rows cannot come last', async () => {
  const reads: PromiseWithResolvers<TableRows>[] = []
  const table = createTableSource({
    read: () => {
      const reading = Promise.withResolvers<TableRows>()
      reads.push(reading)
      return reading.promise
    },
    open: () => 'their-token',
    ...HUB,
  })
  const again = table.refresh().then(() => table.refresh())
  const waited = table.refresh()
  reads[0]?.resolve(rows(1))
  await expect.poll(() => reads.length).toBe(2)
  reads[1]?.resolve(rows(2))
  await Promise.all([again, waited])
  expect(reads).toHaveLength(2)
  expect(table.current().revision).toBe(2)
})
