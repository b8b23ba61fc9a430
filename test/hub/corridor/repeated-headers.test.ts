// Rules: a header given twice is never a guess, and nothing passes beside the hub's own [transport_and_format: Message Routing Headers].
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, routedModules, type WireParty } from '../../support/partner.ts'
import type { CallAnswer } from '../../support/partner-client.ts'
import type { RecordedRequest } from '../../support/partner-server.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const OTHER = { country_code: 'DE', party_id: 'OTH', role: 'EMSP' } as const
let hub: TestHub
let cpo: Partner
let emsp: Partner
beforeAll(async () => {
  hub = await startTestHub()
  cpo = await join([CPO])
  emsp = await join([EMSP, OTHER])
})
afterAll(() => hub.close())
beforeEach(() => {
  cpo.requests.length = 0
})

/** A platform to which the hub itself pushes nothing. */
function join(parties: readonly WireParty[]): Promise<Partner> {
  return hub.join({ name: parties[0]?.party_id ?? '', parties, modules: routedModules(parties) })
}

function only(partner: Partner): RecordedRequest {
  expect(partner.requests).toHaveLength(1)
  return partner.requests[0] as RecordedRequest
}

function isRefused(answer: CallAnswer): void {
  expect([answer.status, answer.statusCode]).toEqual([200, 2001])
}

describe('headers given twice [Message Routing Headers]', () => {
  const both = { to: CPO, from: EMSP }
  test.each([
    ['OCPI-to-party-id', 'XYZ'],
    ['ocpi-to-country-code', 'BE'],
    ['OCPI-FROM-PARTY-ID', 'OTH'],
    ['OCPI-from-country-code', 'NL'],
    ['Content-Type', 'text/plain'],
    ['Content-Encoding', 'identity'],
  ])('%s with another value: 2001 and no call', async (name, value) => {
    const headers = ['Content-Type', 'application/json', 'Content-Encoding', 'none', name, value]
    const requests: Promise<CallAnswer>[] = [
      emsp.call('tokens', 'RECEIVER', { ...both, method: 'PUT', path: '/DE/EMS/T1', body: {}, headers }),
      emsp.call('locations', 'SENDER', { ...both, headers }),
      emsp.call('locations', 'SENDER', {
        to: { country_code: 'NL', party_id: 'HUB' },
        headers: [...headers, 'OCPI-to-party-id', 'XYZ', 'OCPI-to-country-code', 'BE'],
      }),
      emsp.callUrl(`${hub.url}/ocpi/via/${'A'.repeat(22)}`, { ...both, headers }),
    ]
    for (const answer of await Promise.all(requests)) {
      isRefused(answer)
      expect(answer.envelope?.status_message).toMatch(/different values/)
    }
    expect(cpo.requests).toEqual([])
  })

  test('with the same value, in any letter case, they count once', async () => {
    const headers = ['OCPI-to-party-id', 'cpo', 'ocpi-from-country-code', 'DE', 'Content-Type', 'Application/JSON']
    const put = {
      ...both,
      method: 'PUT',
      path: '/DE/EMS/T1',
      body: {},
      headers: ['Content-Type', 'application/json', ...headers],
    }
    expect((await emsp.call('tokens', 'RECEIVER', put)).statusCode).toBe(1000)
    const sent = only(cpo)
    expect(sent.headers.filter((name) => name.toLowerCase() === 'ocpi-to-party-id')).toHaveLength(1)
  })

  test('two tokens: 401, whichever of them is good', async () => {
    const good = `Token ${btoa(emsp.tokenAtHub() as string)}`
    for (const [first, second] of [
      [good, 'Token x'],
      ['Token x', good],
      [good, good.toLowerCase()],
    ] as const) {
      const options = { authorization: first, headers: ['Authorization', second] }
      expect((await emsp.call('locations', 'SENDER', { ...both, ...options })).status).toBe(401)
      expect((await emsp.callUrl(hub.versionsUrl, options)).status).toBe(401)
    }
    expect((await emsp.callUrl(hub.versionsUrl, { headers: ['Authorization', good] })).statusCode).toBe(1000)
    expect(cpo.requests).toEqual([])
  })

  test('what CGI takes for a routing header, the token or an ID does not go on beside the hub’s own', async () => {
    const names = ['OCPI_from_party_id', 'OCPI_to_country_code', 'X_Request_ID', 'x_correlation_id', 'Content_Type']
    const headers = names.flatMap((name) => [name, 'forged'])
    expect(
      (await emsp.call('locations', 'SENDER', { ...both, headers: [...headers, 'my_own', 'kept'] })).statusCode,
    ).toBe(1000)
    expect(only(cpo).headers.filter((_, i, all) => all[i | 1] === 'forged')).toEqual([])
    expect(only(cpo).header('my_own')).toBe('kept')
  })

  test('nor does one of an answer come back beside the hub’s own, nor one that holds a URL', async () => {
    const undo = cpo.on('locations', 'SENDER', () => ({
      headers: ['X_Request_ID', 'forged', 'Content-Location', '/x', 'X-More', `${cpo.origin}/x`, 'X-A', '1'],
      data: [],
    }))
    const { headers } = await emsp.call('locations', 'SENDER', both)
    undo()
    expect(headers.join('\n')).not.toMatch(/forged|Content-Location|X-More/)
    expect(headers.join('\n')).not.toContain(cpo.origin)
    expect(headers).toContain('X-A')
  })
})
