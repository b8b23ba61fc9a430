// Rules: Who is calling; Versions and credentials, with several processes on one database.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'

let made: TestHub
let asked: TestHub

beforeAll(async () => {
  made = await startTestHub()
  asked = await startTestHub({}, { databaseUrl: made.databaseUrl })
})
afterAll(async () => {
  await asked.close()
  await made.close()
})

const statusAt = async (hub: TestHub, token: string) =>
  (await fetch(hub.versionsUrl, { headers: { Authorization: `Token ${Buffer.from(token).toString('base64')}` } }))
    .status

test('a token opens every process from the moment that one has given it', async () => {
  for (let round = 0; round < 20; round++) {
    const { token } = await made.createPlatform({ name: `round ${round}` })
    expect(await statusAt(asked, token)).toBe(200)
  }
})

test('a token that nobody made is refused, whatever it looks like', async () => {
  expect(await statusAt(asked, 'x'.repeat(43))).toBe(401)
  expect(await statusAt(asked, 'short')).toBe(401)
})

test('a partner that registered at one process is heard by another at once', async () => {
  const party = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
  const partner = await made.join({ name: 'quick', parties: [party] })
  for (let round = 0; round < 20; round++) {
    expect((await partner.rotate()).statusCode).toBe(1000)
    const answer = await partner.callUrl(`${asked.url}/ocpi/2.2.1/receiver/tokens/x`, { to: party })
    expect(answer.status).not.toBe(401)
  }
})

test('two administrators who rotate at two processes: the second gets 409 while the partner answers the first', async () => {
  const partner = await made.join({ name: 'rotated', parties: [{ country_code: 'NL', party_id: 'ROT', role: 'CPO' }] })
  const rotateAt = (hub: TestHub) => hub.admin('POST', `/platforms/${partner.platformId}/rotate`)
  const meanwhile: number[] = []
  const undo = partner.onRequest(async ({ method }) => {
    if (method === 'PUT') meanwhile.push((await rotateAt(asked)).status)
    return 'pass' as const
  })
  expect((await rotateAt(made)).status).toBe(200)
  expect(meanwhile).toEqual([409])
  undo()
  expect((await rotateAt(asked)).status).toBe(200)
  expect((await made.admin('POST', `/platforms/${partner.platformId}/check`)).body).toMatchObject({ is_alive: true })
})
