// Rules: who somebody is hangs on no member that is given twice [credentials: Credentials object].
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { startPartner } from '../../support/partner.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub.close())

const role = '"role":"CPO","business_details":{"name":"x","Name":"y"}'

test.each([
  ['token', '{"token":"a","Token":"b","url":"URL","roles":[]}'],
  ['url', '{"token":"a","url":"URL","u\\u0072l":"URL","roles":[]}'],
  ['roles', '{"token":"a","url":"URL","roles":[],"roles":[]}'],
  ['party_id', `{"token":"a","url":"URL","roles":[{${role},"country_code":"NL","party_id":"ABC","partyId":"XYZ"}]}`],
])(
  'credentials with %s twice, in whatever spellings: 2001, nobody is called, and the token stays good',
  async (name, text) => {
    const partner = await startPartner({
      name: 'twice',
      parties: [{ country_code: 'NL', party_id: 'ABC', role: 'CPO' }],
    })
    const { id, token } = await hub.createPlatform({ name })
    const authorization = `Token ${btoa(token)}`
    const body = text.replaceAll('URL', partner.versionsUrl)
    const answer = await partner.callUrl(`${hub.url}/ocpi/2.2.1/credentials`, { method: 'POST', body, authorization })
    expect([answer.status, answer.statusCode]).toEqual([200, 2001])
    expect(answer.envelope?.status_message).toContain(name)
    expect(partner.requests).toEqual([])

    await partner.register({ versionsUrl: hub.versionsUrl, token })
    expect((await hub.admin('DELETE', `/platforms/${id}`)).status).toBeLessThan(300)
    await partner.close()
  },
)

test('nor does the hub take such credentials in answer to its own', async () => {
  const partner = await startPartner({
    name: 'answers',
    parties: [{ country_code: 'NL', party_id: 'ANS', role: 'CPO' }],
  })
  const { id } = await hub.createPlatform({ name: 'answers' })
  const credentials = `{"token":"a","url":"${partner.versionsUrl}","roles":[{${role},"country_code":"NL","party_id":"ANS","PARTY_ID":"XYZ"}]}`
  const undo = partner.onRequest(({ path, method }) =>
    path === '/credentials' && method === 'POST' ? { body: `{"data":${credentials},"status_code":1000}` } : 'pass',
  )
  const connect = () =>
    hub.admin('POST', `/platforms/${id}/connect`, {
      versions_url: partner.versionsUrl,
      token: partner.issueRegistrationToken(),
    })
  const answer = await connect()
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(JSON.stringify(answer.body)).toContain('party_id')
  undo()
  await partner.close()
})

test('credentials that are nested too deep to be kept get 2001, and are refused in an answer too', async () => {
  const parties = [{ country_code: 'NL', party_id: 'DEE', role: 'CPO' }] as const
  const partner = await startPartner({ name: 'deep', parties })
  const { id, token } = await hub.createPlatform({ name: 'deep' })
  const details = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
  const roles = `[{"role":"CPO","business_details":${details},"country_code":"NL","party_id":"DEE"}]`
  const body = `{"token":"a","url":"${partner.versionsUrl}","roles":${roles}}`
  const post = { method: 'POST', body, authorization: `Token ${btoa(token)}` }
  const answer = await partner.callUrl(`${hub.url}/ocpi/2.2.1/credentials`, post)
  expect([answer.status, answer.statusCode]).toEqual([200, 2001])
  expect(answer.envelope?.status_message).toContain('nesting of at most 500 levels')

  const undo = partner.onRequest(({ path, method }) =>
    path === '/credentials' && method === 'POST' ? { body: `{"data":${body},"status_code":1000}` } : 'pass',
  )
  const connected = await hub.admin('POST', `/platforms/${id}/connect`, {
    versions_url: partner.versionsUrl,
    token: partner.issueRegistrationToken(),
  })
  expect([connected.status, JSON.stringify(connected.body)]).toEqual([
    502,
    expect.stringContaining('nesting of at most'),
  ])
  undo()
  await partner.close()
})
