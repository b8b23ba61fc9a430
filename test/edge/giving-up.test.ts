// On Workers the Log object hands pushes to queues; those of shards that go to another process are handed nothing more.
import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { startTestHub } from '../support/hub.ts'
import { runCommand } from '../support/processes.ts'
import type { Told } from './giving-up-process.ts'

test('a queue whose shard goes to another process is never told that it knows what was accepted from then on', async () => {
  const database = await createTestDatabase()
  const hub = await startTestHub({}, { databaseUrl: database.url })
  const cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
  for (let i = 0; i < 8; i++)
    await hub.join({ name: `emsp ${i}`, parties: [{ country_code: 'DE', party_id: `EM${i}`, role: 'EMSP' }] })
  await hub.close()

  const { code, out, err } = await runCommand('test/edge/giving-up-process.ts', {}, [database.url, cpo.platformId])
  expect([code, err]).toEqual([0, ''])
  const told = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told)
  expect(new Set(told.filter(({ isOurs }) => !isOurs).map(({ platformId }) => platformId)).size).toBeGreaterThan(1)
  // All are for all: a hand-over that says what it follows on holds all that came since.
  const wrong = told.filter(({ after, upTo, numbers }) => after !== null && numbers.length !== upTo - after)
  expect(wrong).toEqual([])
  await database.drop()
}, 60_000)
