import { expect, test } from 'vitest'
import { startTestHub } from '../../../support/hub.ts'
import { until } from '../../../support/until.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const BODY = '{"id":"LOC1","name":"kept or not"}'

test.each([
  ['true', BODY],
  ['false', null],
])(
  'each delivery has a row under the push: with the body of the broadcast, and when it failed as MESSAGE_LOG_FAILED_BODIES=%s says',
  async (setting, kept) => {
    const hub = await startTestHub({ MESSAGE_LOG_FAILED_BODIES: setting })
    try {
      const cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
      const good = await hub.join({ name: 'good', parties: [{ country_code: 'DE', party_id: 'GUT', role: 'EMSP' }] })
      const bad = await hub.join({ name: 'bad', parties: [{ country_code: 'DE', party_id: 'BAD', role: 'EMSP' }] })
      bad.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage: 'No' }))
      const options = { method: 'PUT', path: '/NL/CPO/LOC1', to: HUB, body: BODY, correlationId: 'pushed' } as const
      expect((await cpo.call('locations', 'RECEIVER', options)).statusCode).toBe(1000)

      const rows = async () => {
        const { body } = await hub.admin('GET', '/messages?correlation_id=pushed')
        return (body as { id: string; kind: string; to_platform_id: string | null }[]).filter(
          (row) => row.kind === 'delivery',
        )
      }
      await until(async () => (await rows()).length === 2, 'Expected a row for each delivery')
      const shown = async (platformId: string) => {
        const row = (await rows()).find(({ to_platform_id }) => to_platform_id === platformId)
        const { request, body_of } = (await hub.admin('GET', `/messages/${row?.id}`)).body
        return { body: request.body, isOfBroadcast: body_of !== undefined }
      }
      expect(await shown(good.platformId)).toEqual({ body: BODY, isOfBroadcast: true })
      expect(await shown(bad.platformId)).toEqual({ body: kept, isOfBroadcast: false })
    } finally {
      await hub.close()
    }
  },
)

test('the row of a delivery whose token a partner refuses, and names, does not hold the token', async () => {
  const hub = await startTestHub()
  try {
    const cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
    const rude = await hub.join({ name: 'rude', parties: [{ country_code: 'DE', party_id: 'RUD', role: 'EMSP' }] })
    rude.on('locations', 'RECEIVER', (request) => {
      const sent = request.header('authorization') ?? ''
      const headers = ['WWW-Authenticate', `${sent} is unknown`]
      return { status: 401, statusCode: 2001, statusMessage: `${sent} is not ${rude.tokenForHub()}`, headers }
    })
    const options = { method: 'PUT', path: '/NL/CPO/LOC1', to: HUB, body: BODY, correlationId: 'named' } as const
    expect((await cpo.call('locations', 'RECEIVER', options)).statusCode).toBe(1000)
    const row = async () => {
      const { body } = await hub.admin('GET', '/messages?correlation_id=named')
      return (body as { id: string; kind: string }[]).find(({ kind }) => kind === 'delivery')
    }
    await until(async () => (await row()) !== undefined, 'a row of the delivery')
    const { body } = await hub.admin('GET', `/messages/${(await row())?.id}`)
    const text = JSON.stringify(body)
    expect(text).toContain(' is not ***')
    expect(text).toContain('***= is unknown')
    const token = rude.tokenForHub() ?? ''
    expect(text).not.toContain(token)
    expect(text).not.toContain(Buffer.from(token).toString('base64').replace(/=+$/, ''))
  } finally {
    await hub.close()
  }
})
