import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { answerWith, type Receiver, startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

let hub: TestHub
let receiver: Receiver
let platformId: string
let made = 0

beforeAll(async () => {
  ;[hub, receiver] = await Promise.all([startTestHub(), startReceiver()])
  platformId = (await hub.createPlatform({ name: 'ACME' })).id
})
afterAll(async () => {
  await receiver.close()
  await hub.close()
})

// oxlint-disable-next-line typescript/no-explicit-any -- answers are read as JSON by tests that assert on them
async function added(body: Record<string, unknown> = {}): Promise<any> {
  const answer = await hub.admin('POST', '/webhooks', {
    name: `Hook ${++made}`,
    url: `${receiver.url}/s3cr3t`,
    ...body,
  })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}

/** Suspends the platform and lets it back: two changes of its status. */
async function suspendAndResume(): Promise<void> {
  for (const verb of ['suspend', 'resume'])
    expect((await hub.admin('POST', `/platforms/${platformId}/${verb}`)).status).toBe(200)
}

const deliveries = async (id: string) => (await hub.admin('GET', `/webhooks/${id}/deliveries`)).body
const remove = (id: string) => hub.admin('DELETE', `/webhooks/${id}`)

describe('Who wants to be told', () => {
  test('is told of what happens, signed, and tried again until it is taken', async () => {
    const { id, secret } = await added({ kinds: ['platform.status'], platform_id: platformId })
    receiver.answer = answerWith(503, {}, 'not now')
    await suspendAndResume()
    await until(() => receiver.received.length === 1, 'Expected a first attempt')
    await until(async () => (await deliveries(id)).at(-1)?.attempts === 1)
    expect((await deliveries(id)).at(-1)).toMatchObject({
      state: 'waits',
      next_attempt_at: expect.any(String),
      last_attempt: { http_status: 503, failure: 'HTTP 503', answer: 'not now' },
    })
    expect((await hub.admin('GET', `/webhooks/${id}`)).body).toMatchObject({ failing_since: expect.any(String) })

    receiver.answer = answerWith(204)
    // What waits is tried at once where the address is mended, and not after its pause.
    await hub.admin('PATCH', `/webhooks/${id}`, { url: `${receiver.url}/mended` })
    await until(() => receiver.received.length === 3, 'Expected it to be tried again')
    const [refused, taken, next] = receiver.received
    expect(taken?.headers['webhook-id']).toBe(refused?.headers['webhook-id'])
    expect([taken, next].map((one) => JSON.parse(one?.text ?? '').data.details.to)).toEqual(['SUSPENDED', 'PLANNED'])
    for (const { text, headers } of receiver.received)
      expect(new Webhook(secret).verify(text, headers as Record<string, string>)).toMatchObject({
        type: 'platform.status',
        data: { hub: 'NL-HUB', platform: { id: platformId, name: 'ACME' } },
      })
    await until(async () => (await hub.admin('GET', `/webhooks/${id}`)).body.delivered === 2)
    const told = await deliveries(id)
    expect(told.map((one: { state: string; attempts: number }) => [one.state, one.attempts])).toEqual([
      ['delivered', 1],
      ['delivered', 2],
    ])
    await remove(id)
  })

  test('can be tried before anything happens, on or off, and sees what was answered', async () => {
    const { id } = await added()
    await hub.admin('PATCH', `/webhooks/${id}`, { on: false })
    receiver.answer = answerWith(401, {}, 'who are you?')
    const refused = await hub.admin('POST', `/webhooks/${id}/test`)
    expect([refused.status, refused.body]).toMatchObject([
      200,
      { kind: 'webhook.test', state: 'refused', last_attempt: { http_status: 401, answer: 'who are you?' } },
    ])
    receiver.answer = answerWith(200)
    const { body } = await hub.admin('POST', `/webhooks/${id}/test`)
    expect(body).toMatchObject({ state: 'delivered', attempts: 1, event_id: null })
    expect((await deliveries(id))[0]).toEqual(body)
    await remove(id)
  })

  test('gets a secret once, and a new one beside which the old one signs for a day', async () => {
    const { id, secret } = await added()
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const rotated = await hub.admin('POST', `/webhooks/${id}/rotate-secret`)
    expect(rotated.body).toMatchObject({ id, secret: expect.stringMatching(/^whsec_/) })
    expect(Date.parse(rotated.body.older_secret_ends_at) - Date.now()).toBeGreaterThan(86_000_000)
    receiver.received.length = 0
    await hub.admin('POST', `/webhooks/${id}/test`)
    const [{ text, headers } = { text: '', headers: {} }] = receiver.received
    for (const one of [secret, rotated.body.secret])
      expect(() => new Webhook(one).verify(text, headers as Record<string, string>)).not.toThrow()
    // Neither the secrets nor the rest of the URL, which is one with many services, are shown to whoever may not see them.
    for (const path of [`/webhooks/${id}`, '/webhooks', `/webhooks/${id}/deliveries`, '/audit?what=webhook', '/events'])
      expect(JSON.stringify((await hub.admin('GET', path)).body)).not.toMatch(/whsec_|sealed|v1\./)
    expect(JSON.stringify((await hub.admin('GET', '/audit?what=webhook')).body)).not.toContain('s3cr3t')
    await remove(id)
  })

  test('is refused an address that the hub may not call, a name that is taken, and a kind that is none', async () => {
    const { id, name } = await added()
    const answers = [
      { name: 'x', url: `${hub.url}/ocpi` },
      { name: 'x', url: 'http://user:password@hooks.example/' },
      { name: name.toUpperCase(), url: receiver.url },
      { name: 'x', url: receiver.url, kinds: ['platform.exploded'] },
      { name: 'x', url: receiver.url, kinds: [] },
      { name: 'x', url: 'file:///etc/passwd' },
    ].map(async (body) => (await hub.admin('POST', '/webhooks', body)).status)
    expect(await Promise.all(answers)).toEqual([422, 422, 409, 400, 400, 400])
    expect((await hub.admin('PATCH', `/webhooks/${id}`, { url: `${hub.url}/x` })).status).toBe(422)
    await remove(id)
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/rotate-secret'],
      ['GET', '/deliveries'],
    ] as const)
      expect((await hub.admin(method, `/webhooks/${id}${path}`, method === 'PATCH' ? {} : undefined)).status).toBe(404)
  })
})
