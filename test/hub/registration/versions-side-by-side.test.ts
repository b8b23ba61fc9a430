// Rules: Versions and credentials, of several versions at once [version_information_endpoint; credentials: PUT Method].
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import {
  type Credentials,
  type Partner,
  type PartnerOptions,
  routedModules,
  startPartner,
  type WireParty,
} from '../../support/partner.ts'

const OLD_CPO = { country_code: 'NL', party_id: 'OLD', role: 'CPO' } as const
const NEW_CPO = { country_code: 'NL', party_id: 'NEW', role: 'CPO' } as const
const OLD_EMSP = { country_code: 'DE', party_id: 'OLD', role: 'EMSP' } as const
const NEW_EMSP = { country_code: 'DE', party_id: 'NEW', role: 'EMSP' } as const

const LONELY = { country_code: 'FR', party_id: 'LON', role: 'EMSP' } as const

type Joined = Partner & { platformId: string }

let hub: TestHub
let oldCpo: Joined
let newCpo: Joined
let oldEmsp: Joined
let newEmsp: Joined

/** A platform to which the hub itself pushes nothing. */
function join(party: WireParty, versions: readonly string[], options: Partial<PartnerOptions> = {}): Promise<Joined> {
  const name = `${party.party_id} ${party.role}`
  return hub.join({ name, parties: [party], modules: routedModules([party]), versions, ...options })
}

beforeAll(async () => {
  hub = await startTestHub()
  ;[oldCpo, newCpo, oldEmsp, newEmsp] = [
    await join(OLD_CPO, ['2.2.1']),
    await join(NEW_CPO, ['2.3.0']),
    await join(OLD_EMSP, ['2.2.1']),
    await join(NEW_EMSP, ['2.3.0']),
  ]
})
afterAll(() => hub.close())

describe('the version of a connection', () => {
  test('is that of the endpoint where the partner posted its credentials', async () => {
    for (const [partner, version] of [
      [oldCpo, '2.2.1'],
      [newEmsp, '2.3.0'],
    ] as const) {
      expect((await hub.admin('GET', `/platforms/${partner.platformId}`)).body.version).toBe(version)
      for (const url of partner.hubEndpoints.values()) expect(url.startsWith(`${hub.url}/ocpi/${version}/`)).toBe(true)
    }
  })

  test('two platforms of 2.3.0 talk as two of 2.2.1 do', async () => {
    for (const [emsp, cpo, party] of [
      [newEmsp, newCpo, NEW_CPO],
      [oldEmsp, oldCpo, OLD_CPO],
    ] as const) {
      const undo = cpo.on('locations', 'SENDER', () => ({ data: { id: 'L1' } }))
      const answer = await emsp.call('locations', 'SENDER', { to: party, path: '/L1' })
      undo()
      expect([answer.status, answer.statusCode, answer.data]).toEqual([200, 1000, { id: 'L1' }])
    }
  })
})

async function rolesTold(partner: Partner): Promise<string[]> {
  const version = (await hub.admin('GET', `/platforms/${(partner as Joined).platformId}`)).body.version
  const { data } = await partner.callUrl(`${hub.url}/ocpi/${version}/credentials`)
  return (data as Credentials).roles.map((each) => `${each.country_code}-${each.party_id} ${each.role}`)
}

async function deny(one: Omit<WireParty, 'role'>, other: Omit<WireParty, 'role'>): Promise<string> {
  const [a, b] = [one, other].map(({ country_code, party_id }) => ({ country_code, party_id }))
  const { status, body } = await hub.admin('POST', '/agreements', { a, b, effect: 'deny' })
  expect(status).toBe(201)
  return body.id
}

describe("the hub's credentials in 2.3.0", () => {
  test('name the hub apart from its roles, and as roles the parties that the platform reaches, with what they say of themselves', async () => {
    const answer = await newEmsp.callUrl(`${hub.url}/ocpi/2.3.0/credentials`)
    expect(answer.data).toEqual({
      token: newEmsp.tokenAtHub(),
      url: hub.versionsUrl,
      hub_party_id: 'NLHUB',
      roles: [OLD_EMSP, NEW_CPO, OLD_CPO].map((party) => ({
        ...party,
        business_details: { name: `${party.party_id} ${party.role}` },
      })),
    })
    const { hub_party_id, roles } = (await oldEmsp.callUrl(`${hub.url}/ocpi/2.2.1/credentials`)).data as Credentials
    expect([hub_party_id, roles.map(({ role }) => role)]).toEqual([undefined, ['HUB']])
  })

  test('say the same in the answer to a POST, in the answer to a PUT, and where the hub leads', async () => {
    const all = ['DE-NEW EMSP', 'DE-OLD EMSP', 'NL-NEW CPO', 'NL-OLD CPO']
    const shown = (partner: Partner) => {
      const { hub_party_id, roles = [] } = partner.hubCredentials() ?? {}
      return [hub_party_id, ...roles.map((each) => `${each.country_code}-${each.party_id} ${each.role}`)]
    }
    const posted = await join({ country_code: 'FR', party_id: 'PST', role: 'OTHER' }, ['2.3.0'])
    expect(shown(posted)).toEqual(['NLHUB', ...all])
    expect((await posted.rotate()).statusCode).toBe(1000)
    expect(shown(posted)).toEqual(['NLHUB', ...all])
    expect((await hub.admin('POST', `/platforms/${posted.platformId}/rotate`)).status).toBe(200)
    expect(shown(posted)).toEqual(['NLHUB', ...all])
    await posted.unregister()
    expect(await rolesTold(newEmsp)).toEqual(['DE-OLD EMSP', 'NL-NEW CPO', 'NL-OLD CPO'])
  })

  test('follow an agreement at once', async () => {
    const id = await deny(NEW_EMSP, OLD_CPO)
    expect(await rolesTold(newEmsp)).toEqual(['DE-OLD EMSP', 'NL-NEW CPO'])
    await hub.admin('DELETE', `/agreements/${id}`)
    expect(await rolesTold(newEmsp)).toEqual(['DE-OLD EMSP', 'NL-NEW CPO', 'NL-OLD CPO'])
  })

  test('list the hub itself as OTHER where nobody can be reached: a list of roles is never empty', async () => {
    const lonely = await join(LONELY, ['2.3.0'])
    const made = await Promise.all([OLD_CPO, NEW_CPO, OLD_EMSP, NEW_EMSP].map((other) => deny(LONELY, other)))
    expect(await rolesTold(lonely)).toEqual(['NL-HUB OTHER'])
    await lonely.unregister()
    for (const id of made) await hub.admin('DELETE', `/agreements/${id}`)
  })

  test('no platform is told of the hub in client info, in any version', async () => {
    for (const [partner, version] of [
      [newEmsp, '2.3.0'],
      [oldEmsp, '2.2.1'],
    ] as const) {
      const { data } = await partner.callUrl(`${hub.url}/ocpi/${version}/hubclientinfo`)
      const roles = (data as { role: string; party_id: string }[]).map(({ role, party_id }) => [role, party_id])
      expect(roles.length).toBeGreaterThan(2)
      expect(roles.filter(([role, party]) => role === 'HUB' || party === 'HUB')).toEqual([])
    }
  })
})

describe('a change of version', () => {
  const PARTY = { country_code: 'SE', party_id: 'CHG', role: 'CPO' } as const
  let partner: Joined
  const versionNow = async () => (await hub.admin('GET', `/platforms/${partner.platformId}`)).body.version

  test('stays with the agreed one when the hub rotates, though the partner has come to offer a better one', async () => {
    partner = await join(PARTY, ['2.2.1'])
    const undo = partner.onRequest(({ path }) =>
      path === '/versions'
        ? { data: ['2.3.0', '2.2.1'].map((version) => ({ version, url: `${partner.origin}/v/${version}` })) }
        : 'pass',
    )
    expect((await hub.admin('POST', `/platforms/${partner.platformId}/rotate`)).status).toBe(200)
    undo()
    expect(await versionNow()).toBe('2.2.1')
  })

  test("is made by a PUT at another version's credentials endpoint, with the endpoints of that version", async () => {
    partner.requests.length = 0
    expect((await partner.rotate({ versions: ['2.3.0', '2.2.1'] })).statusCode).toBe(1000)
    expect(partner.requests.map(({ path }) => path)).toEqual(['/versions', '/v/2.3.0'])
    expect(await versionNow()).toBe('2.3.0')
    expect(partner.hubCredentials()?.hub_party_id).toBe('NLHUB')
    expect((await partner.call('tokens', 'SENDER', { to: NEW_EMSP })).statusCode).toBe(1000)
    const { body } = await hub.admin('GET', `/platforms/${partner.platformId}`)
    const own = body.endpoints.find(({ identifier }: { identifier: string }) => identifier === 'credentials')
    expect(own.url).toBe(`${partner.origin}/v/2.3.0/credentials`)
  })

  test('a PUT that fails changes neither version nor endpoints', async () => {
    const undo = partner.onRequest(({ path }) => (path === '/v/2.2.1' ? { status: 500, statusCode: 3000 } : 'pass'))
    expect((await partner.rotate({ versions: ['2.2.1', '2.3.0'] })).statusCode).toBe(3001)
    undo()
    expect(await versionNow()).toBe('2.3.0')
  })

  test('comes with a rotation of the hub where the partner offers the agreed one no more', async () => {
    const undo = partner.onRequest(({ path }) =>
      path === '/versions' ? { data: [{ version: '2.2', url: `${partner.origin}/v/2.2.1` }] } : 'pass',
    )
    const rotated = await hub.admin('POST', `/platforms/${partner.platformId}/rotate`)
    undo()
    expect([rotated.status, await versionNow()]).toEqual([200, '2.2.1'])
  })

  test('a handshake that the hub begins takes the best in common', async () => {
    const best = await startPartner({
      name: 'best',
      parties: [{ ...PARTY, party_id: 'BST' }],
      versions: ['2.2.1', '2.3.0'],
    })
    const { id } = await hub.createPlatform({ name: 'best' })
    const given = { versions_url: best.versionsUrl, token: best.issueRegistrationToken() }
    const { status, body } = await hub.admin('POST', `/platforms/${id}/connect`, given)
    await best.close()
    expect([status, body.version]).toEqual([200, '2.3.0'])
    expect(best.hubCredentials()?.hub_party_id).toBe('NLHUB')
  })
})

describe('modules that came with 2.3.0', () => {
  const EXTRA = ['invoicereconciliation', 'Booking', 'payments']

  test('are in the version details of 2.3.0 alone', async () => {
    const listed = async (version: string) => {
      const { data } = await newEmsp.callUrl(`${hub.url}/ocpi/${version}`)
      const { endpoints } = data as { endpoints: { identifier: string; role: string }[] }
      return endpoints
        .filter(({ identifier }) => EXTRA.includes(identifier))
        .map((each) => `${each.identifier}/${each.role}`)
    }
    expect(await listed('2.3.0')).toEqual(EXTRA.flatMap((module) => [`${module}/SENDER`, `${module}/RECEIVER`]))
    expect(await listed('2.2.1')).toEqual([])
  })

  test('pass byte for byte, in either direction, to whoever announces them; of others 4001', async () => {
    const modules = EXTRA.flatMap((identifier) => [
      { identifier: identifier.toUpperCase(), role: 'SENDER' } as const,
      { identifier: identifier === 'Booking' ? 'bookings' : identifier, role: 'RECEIVER' } as const,
    ])
    const cpo = { country_code: 'SE', party_id: 'MOD', role: 'CPO' } as const
    const holder = await join(cpo, ['2.3.0'], { modules: [...routedModules([cpo]), ...modules] })
    const body = '{"id": "1",  "amount": 1.10}'
    for (const [i, module] of EXTRA.entries()) {
      const put = { method: 'PUT', path: '/DE/NEW/1', body, to: cpo }
      expect((await newEmsp.call(module, 'RECEIVER', put)).statusCode).toBe(1000)
      expect(holder.requests.at(-1)).toMatchObject({ method: 'PUT', suffix: '/DE/NEW/1' })
      expect(holder.requests.at(-1)?.body.toString()).toBe(body)
      const lacking = await holder.call(module, 'RECEIVER', { ...put, to: NEW_EMSP })
      expect([i, lacking.statusCode, lacking.envelope?.status_message]).toEqual([
        i,
        4001,
        `DE-NEW has no RECEIVER interface of ${module}`,
      ])
    }
  })
})

describe('a URL of another version than the platform speaks: HTTP 404 that says so', () => {
  const PATHS = ['/sender/locations', '/receiver/tariffs/DE/NEW/1', '/hubclientinfo', '/credentials']

  test.each([
    ['2.3.0', '2.2.1'],
    ['2.2.1', '2.3.0'],
  ])('a platform of %s, URLs of %s', async (own, other) => {
    const partner = own === '2.3.0' ? newEmsp : oldEmsp
    for (const path of PATHS) {
      const answer = await partner.callUrl(`${hub.url}/ocpi/${other}${path}`, { requestId: 'r-1' })
      expect([path, answer.status, answer.statusCode, answer.header('x-request-id')]).toEqual([path, 404, 2000, 'r-1'])
      expect(answer.envelope?.status_message).toBe(`Your platform speaks OCPI ${own}; this URL is of ${other}`)
    }
    const details = await partner.callUrl(`${hub.url}/ocpi/${other}`)
    expect([details.statusCode, (details.data as { version: string }).version]).toEqual([1000, other])
  })
})
