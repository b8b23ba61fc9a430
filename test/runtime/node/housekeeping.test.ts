import { expect, test } from 'vitest'
import { startHousekeeping } from '../../../src/runtime/node/housekeeping.ts'
import { createLog } from '../../../src/runtime/node/log.ts'
import { readSettings } from '../../../src/runtime/settings/settings.ts'
import type { Log } from '../../../src/runtime/shared/log-rules.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { createTestDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

test('What housekeeping failed with is logged in the words of the database', async () => {
  const server = await createTestDatabase()
  const database = openDatabase({ url: server.url, maxConnections: 3 })
  const told: unknown[] = []
  const log: Log = { ...createLog('silent'), warn: (note: unknown) => void told.push(note) }
  await database.sql.begin(async (tx) => {
    await tx`lock table message_log_segments in access exclusive mode`
    const nothing = async () => {}
    const own = {
      refreshTable: nothing,
      refreshAdminToken: nothing,
      writeTraffic: nothing,
      writeConversions: nothing,
      storeCertificates: nothing,
      lookForChecks: nothing,
      tellParties: nothing,
    }
    const { stop } = startHousekeeping(database, own, readSettings({}).settings, log, () => {})
    await until(() => told.length > 0)
    stop()
  })
  expect(told).toEqual([{ what: 'message log', why: 'canceling statement due to lock timeout' }])
  await database.close()
  await server.drop()
})
