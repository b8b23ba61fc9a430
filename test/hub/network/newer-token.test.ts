import { expect, test } from 'vitest'
import { createNewerToken } from '../../../src/hub/network/newer-token.ts'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'

/** A process whose table has one token of a platform and the database another. */
function newerTokenIn(table: string | null, stored: string | null) {
  let known = table
  let reads = 0
  const platforms = new Map([['p', { authorization: () => known }]])
  const newerToken = createNewerToken(
    () => ({ platforms }) as unknown as RoutingTable,
    async () => {
      reads++
      if (stored === 'away') throw new Error('away')
      known = stored
    },
  )
  return { newerToken, reads: () => reads }
}

test.each([
  ['that this process knows', 'Token new', 'Token new', 'Token new', 0],
  ['that another process stored', 'Token old', 'Token new', 'Token new', 1],
  ['that is not there, as the old one stands', 'Token old', 'Token old', null, 1],
  ['that is not there, as the connection has ended', 'Token old', null, null, 1],
  ['that cannot be read, as the database is away', 'Token old', 'away', null, 1],
])('when a token is refused, a newer one %s', async (_, table, stored, newer, reads) => {
  const process = newerTokenIn(table, stored)
  expect(await process.newerToken('p', 'Token old')).toBe(newer)
  expect(process.reads()).toBe(reads)
})
