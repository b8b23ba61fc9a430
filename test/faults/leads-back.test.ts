import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSettings } from '../../src/runtime/settings/settings.ts'
import { mayCallOf } from '../../src/runtime/wiring/wire-client.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { CPO, type Pair, routedTo, startPair } from './pair.ts'

const MARK = 'x-ocpi-loop'

let pair: Pair
/** Another address of the hub, of which it knows nothing: that of an ingress, of an alias in DNS. */
let alias: TcpProxy
beforeAll(async () => {
  pair = await startPair()
  alias = await startTcpProxy(pair.hub.url)
})
afterAll(async () => {
  await alias.close()
  await pair.hub.close()
})

const aliased = (path: string) => new URL(path, alias.url).href
const portOf = (url: string) => new URL(url).port

/** The CPO's locations are asked for at this URL. */
function announce(url: string) {
  return pair.hub.admin('PATCH', `/platforms/${pair.cpo.platformId}`, {
    endpoint_overrides: [{ identifier: 'locations', role: 'SENDER', url }],
  })
}

describe('A partner whose URLs lead back to the hub by another name', () => {
  test('cannot give them for its own: 3001, and nothing changes', async () => {
    const { cpo } = pair
    const credentialsUrl = cpo.hubEndpoints.get('credentials/RECEIVER') as string
    const answer = await cpo.callUrl(credentialsUrl, {
      method: 'PUT',
      body: { token: cpo.tokenAtHub(), url: aliased('/ocpi/versions'), roles: [{ ...CPO, role: 'CPO' }] },
    })
    expect(answer).toMatchObject({ status: 200, statusCode: 3001 })
    expect(answer.envelope?.status_message).toContain('leads back to the hub')
    expect(await pair.ask()).toMatchObject({ statusCode: 1000 })
  })

  test.each([
    '/ocpi/2.2.1/sender/locations',
    '/ocpi/2.2.1/hubclientinfo',
    '/metrics',
    '/readyz',
    '/admin/api/platforms',
  ])('makes no circle of requests, and is shown nothing of the hub (%s): 4000, and the words say why', async (path) => {
    expect((await announce(aliased(path))).status).toBe(200)
    const answer = await pair.ask()
    expect(answer).toMatchObject({ status: 200, statusCode: 4000 })
    expect(answer.envelope?.status_message).toContain('leads back to the hub')
    await announce(pair.cpo.endpointUrl('locations', 'SENDER'))
  })

  test.each(['localhost', '127.0.0.1.', '[::ffff:127.0.0.1]', '127.0.0.2', '0x7f.1'])(
    'is not called where the hub itself listens (%s): 4003',
    async (host) => {
      const there = `http://${host}:${portOf(pair.hub.url)}/ocpi/2.2.1/sender/locations`
      const { status } = await announce(there)
      const answer = await pair.ask()
      if (status === 200) expect(answer).toMatchObject({ status: 200, statusCode: 4003 })
      else expect(status).toBe(422)
      await announce(pair.cpo.endpointUrl('locations', 'SENDER'))
    },
  )
})

describe("The hub's mark", () => {
  test('is the same in every request, and says nothing of its secrets', async () => {
    pair.cpo.requests.length = 0
    await pair.ask()
    await pair.emsp.call('locations', 'SENDER')
    await pair.hub.admin('POST', `/platforms/${pair.cpo.platformId}/check`)
    const marks = pair.cpo.requests.map((request) => request.header(MARK))
    expect(marks.length).toBeGreaterThan(2)
    expect(new Set(marks).size).toBe(1)
    expect(marks[0]).toMatch(/^[\w-]{22}$/)
  })

  test('in a request of a partner has it refused; the mark of another hub goes on beside it', async () => {
    pair.cpo.requests.length = 0
    await pair.ask({ headers: ['X-OCPI-Loop', 'of-another-hub'] })
    const [request] = pair.cpo.requests
    const names = request?.headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()) ?? []
    expect(names.filter((name) => name === MARK)).toHaveLength(2)
    const before = routedTo(pair.cpo)
    const own = request?.header(MARK) as string
    expect(await pair.ask({ headers: ['x-ocpi-loop', `of-another-hub, ${own}`] })).toMatchObject({ statusCode: 4000 })
    expect(routedTo(pair.cpo)).toBe(before)
  })
})

describe("A URL of the hub is no partner's", () => {
  const { settings } = readSettings({
    PUBLIC_URL: 'https://hub.example/roaming',
    DATABASE_URL: 'postgres://db/hub',
    SECRET_KEY: Buffer.alloc(32).toString('base64'),
  })
  const mayCall = mayCallOf(settings)

  test.each([
    'https://hub.example/roaming/ocpi/versions',
    'https://hub.example/roaming',
    'https://hub.example./roaming/ocpi/versions',
    'https://HUB.example:443/roaming/ocpi/versions',
  ])('spelt %s', (url) => {
    expect(mayCall(url)).toEqual({ ok: false, why: 'leads back to the hub' })
  })

  test.each([
    'https://hub.example/elsewhere/versions',
    'https://hub.example:8443/roaming/x',
    'https://other.example/roaming/x',
  ])('and %s may be', (url) => {
    expect(mayCall(url)).toMatchObject({ ok: true })
  })
})
