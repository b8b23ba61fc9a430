// Rules: a platform brings by itself only roles that are its own, announced or not [credentials: CredentialsRole].
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { type Partner, startPartner, type WireParty } from '../../support/partner.ts'
import { until } from '../../support/until.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const role = (party_id: string, name: WireParty['role'] = 'CPO'): WireParty => ({
  country_code: 'NL',
  party_id,
  role: name,
})
const nameOf = ({ country_code, party_id }: WireParty) => ({ country_code, party_id })

type Joined = Partner & { readonly platformId: string; readonly said: string | undefined }

const started: Partner[] = []

/** Registers a platform and gives what the hub's answer said. Whatever `parties` holds by then is what a PUT brings. */
async function join(hub: TestHub, parties: WireParty[], announced: readonly WireParty[] = []): Promise<Joined> {
  const partner = await startPartner({ name: parties[0]?.party_id ?? '', parties })
  started.push(partner)
  const { id, token } = await hub.createPlatform({ name: partner.name, parties: announced })
  const answer = await partner.register({ versionsUrl: hub.versionsUrl, token })
  return Object.assign(partner, { platformId: id, said: answer.envelope?.status_message as string | undefined })
}

async function show(hub: TestHub, { platformId }: Joined) {
  const { body } = await hub.admin('GET', `/platforms/${platformId}`)
  const named = (each: { party_id: string; role: string; status?: string; why?: string }) =>
    `${each.party_id} ${each.role} ${each.status ?? each.why}`
  return { status: body.status, parties: body.parties.map(named), pending: body.pending_roles.map(named) }
}

async function waiting(hub: TestHub): Promise<string[]> {
  const { body } = await hub.admin('GET', '/pending-roles')
  return body.map((each: { party_id: string; role: string }) => `${each.party_id} ${each.role}`)
}

/** The parties that a viewer finds in HubClientInfo. */
async function seenBy(viewer: Partner): Promise<string[]> {
  const { data } = await viewer.call('hubclientinfo', 'SENDER')
  return (data as { party_id: string; status: string }[]).map(({ party_id, status }) => `${party_id} ${status}`).sort()
}

const settle = (hub: TestHub, what: 'confirm' | 'refuse', { platformId }: Joined, ...roles: WireParty[]) =>
  hub.admin('POST', `/platforms/${platformId}/pending-roles/${what}`, { roles })

async function query<T>(hub: TestHub, ask: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(hub.databaseUrl, { max: 1 })
  try {
    return await ask(sql)
  } finally {
    await sql.end()
  }
}

describe('Under the policy agreements a role that was not announced', () => {
  let hub: TestHub
  let emsp: Joined
  beforeAll(async () => {
    hub = await startTestHub({ ROUTING_POLICY: 'agreements' })
    emsp = await join(hub, [role('EMS', 'EMSP')], [role('EMS', 'EMSP')])
    const allow = async (party_id: string) =>
      hub.admin('POST', '/agreements', {
        a: nameOf(role('EMS')),
        b: nameOf(role(party_id)),
        effect: 'allow',
      })
    for (const party of ['ONE', 'TWO', 'NEW', 'REF', 'RES']) await allow(party)
  })
  afterAll(async () => {
    await Promise.all(started.splice(0).map((partner) => partner.close()))
    await hub.close()
  })

  test('takes part in nothing until it is confirmed, while the announced one of the platform counts', async () => {
    const cpo = await join(hub, [role('ONE'), role('TWO')], [role('ONE')])
    expect(cpo.said).toContain('NL-TWO as CPO')
    expect(cpo.said).not.toContain('NL-ONE')
    expect(await show(hub, cpo)).toEqual({
      status: 'CONNECTED',
      parties: ['ONE CPO CONNECTED'],
      pending: ['TWO CPO named-by-rule'],
    })
    expect(await waiting(hub)).toEqual(['TWO CPO'])

    const list = (to: WireParty) => emsp.call('locations', 'SENDER', { to: nameOf(to), from: nameOf(role('EMS')) })
    const push = (owner: string) =>
      cpo.call('locations', 'RECEIVER', {
        method: 'PUT',
        path: `/NL/${owner}/L1`,
        to: HUB,
        from: nameOf(role(owner)),
        body: { id: 'L1' },
      })
    const asTwo = { to: nameOf(role('EMS')), from: nameOf(role('TWO')) }
    const all = async () => {
      const answer = await emsp.call('locations', 'SENDER', { to: HUB })
      return (answer.data as { party_id: string }[]).map(({ party_id }) => party_id).sort()
    }
    cpo.on('locations', 'SENDER', ({ header }) => {
      const party_id = header('ocpi-to-party-id')
      return { data: [{ country_code: 'NL', party_id, id: 'L1' }], headers: ['X-Total-Count', '1'] }
    })
    expect((await list(role('ONE'))).statusCode).toBe(1000)
    expect((await list(role('TWO'))).statusCode).toBe(4001)
    expect((await push('TWO')).statusCode).toBe(2001)
    expect((await cpo.call('tokens', 'SENDER', asTwo)).statusCode).toBe(2001)
    expect(await seenBy(emsp)).toEqual(['ONE CONNECTED'])
    expect(await all()).toEqual(['ONE'])

    // However an administrator spells it, and how often, it is as the platform spells it.
    const confirmed = await settle(hub, 'confirm', cpo, { ...role('TWO'), party_id: 'two' }, role('TWO'))
    expect([confirmed.status, confirmed.body.pending_roles]).toEqual([200, []])
    expect(await waiting(hub)).toEqual([])
    expect((await list(role('TWO'))).statusCode).toBe(1000)
    expect((await push('TWO')).statusCode).toBe(1000)
    expect((await cpo.call('tokens', 'SENDER', asTwo)).statusCode).toBe(1000)
    expect(await seenBy(emsp)).toEqual(['ONE CONNECTED', 'TWO CONNECTED'])
    await emsp.waitForRequest(
      ({ module, body }) => module === 'hubclientinfo' && /TWO.*CONNECTED/.test(body.toString()),
    )

    // What counts stays so over the next handshakes.
    expect((await cpo.rotate()).envelope?.status_message).not.toContain('NL-TWO')
    expect((await show(hub, cpo)).pending).toEqual([])
  })

  test('of a platform without any other leaves it registered, seen by nobody, and told of all others once it counts', async () => {
    const cpo = await join(hub, [role('NEW')])
    expect(cpo.said).toContain('NL-NEW as CPO')
    expect(await show(hub, cpo)).toEqual({ status: 'CONNECTED', parties: [], pending: ['NEW CPO named-by-rule'] })
    const ask = () => cpo.call('tokens', 'SENDER', { to: nameOf(role('EMS')), from: nameOf(role('NEW')) })
    expect((await ask()).statusCode).toBe(2001)
    expect((await seenBy(emsp)).join()).not.toContain('NEW')
    expect((await seenBy(cpo)).every((each) => each.endsWith(' PLANNED'))).toBe(true)
    const told = () => cpo.told.map(({ body }) => body.toString())
    expect(told()).toEqual([])

    expect((await settle(hub, 'confirm', cpo, role('NEW'))).status).toBe(200)
    expect((await ask()).statusCode).toBe(1000)
    await until(() => told().some((each) => /EMS.*CONNECTED/.test(each)), 'the platform to be told of the eMSP')
    expect(await seenBy(cpo)).toContain('EMS CONNECTED')
  })

  test('is refused by an administrator, and waits again when the platform brings it again', async () => {
    const cpo = await join(hub, [role('REF')], [])
    const refused = await settle(hub, 'refuse', cpo, role('REF'))
    expect([refused.status, refused.body.pending_roles]).toEqual([200, []])
    expect((await settle(hub, 'refuse', cpo, role('REF'))).body).toMatchObject({
      status: 404,
      type: 'urn:ocpi-hub:problem:unknown-party',
    })
    expect((await settle(hub, 'confirm', cpo, role('REF'))).status).toBe(404)
    expect((await cpo.rotate()).envelope?.status_message).toContain('NL-REF as CPO')
    expect(await waiting(hub)).toEqual(['REF CPO'])
    expect((await cpo.unregister()).statusCode).toBe(1000)
    expect(await waiting(hub)).toEqual([])
  })

  test('counts once it is reserved, and waits at no other platform then', async () => {
    const [first, second] = [await join(hub, [role('RES')]), await join(hub, [role('RES')])]
    expect(await waiting(hub)).toEqual(['RES CPO', 'RES CPO'])
    await hub.admin('PATCH', `/platforms/${first.platformId}`, { parties: [role('RES')] })
    expect(await show(hub, first)).toMatchObject({ parties: ['RES CPO CONNECTED'], pending: [] })
    const confirmed = await settle(hub, 'confirm', second, role('RES'))
    expect([confirmed.status, confirmed.body.platform_id]).toEqual([409, first.platformId])
    expect((await second.rotate()).statusCode).toBe(2001)
    expect((await emsp.call('locations', 'SENDER', { to: nameOf(role('RES')) })).statusCode).toBe(1000)
    expect(second.requests.filter(({ module }) => module === 'locations')).toEqual([])
  })

  test('of a partner that the hub connects to waits too, and raises an alarm', async () => {
    const partner = await startPartner({ name: 'called', parties: [role('CAL')] })
    started.push(partner)
    const { id } = await hub.createPlatform({ name: 'called' })
    const given = { versions_url: partner.versionsUrl, token: partner.issueRegistrationToken() }
    const { status, body } = await hub.admin('POST', `/platforms/${id}/connect`, given)
    expect([status, body.parties, body.pending_roles.length]).toEqual([200, [], 1])
    const metrics = await (await fetch(`${hub.url}/metrics`)).text()
    expect(metrics).toMatch(/ocpi_hub_alarms_total\{kind="roles-pending"\} [1-9]/)
  })
})

describe('Under the policy open', () => {
  let hub: TestHub
  let emsp: Joined
  beforeAll(async () => {
    hub = await startTestHub({ ROLES_MOST: '4', GIVEN_UP_ROLES_DAYS: '30' })
    emsp = await join(hub, [role('EMS', 'EMSP')])
  })
  afterAll(async () => {
    await Promise.all(started.splice(0).map((partner) => partner.close()))
    await hub.close()
  })

  const boundsMet = async (bound: string) => {
    const metrics = await (await fetch(`${hub.url}/metrics`)).text()
    return Number(new RegExp(`^ocpi_hub_bounds_met_total\\{bound="${bound}"\\} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0)
  }

  const giveUpLongAgo = (party: string) =>
    query(hub, (sql) => sql`update party_roles set given_up_at = 1000 where party_key = ${`NL*${party}`}`)

  test('a party that nobody announced counts, unless a rule names it', async () => {
    expect((await join(hub, [role('FRE')])).said).not.toContain('NL-FRE')
    for (const [party, effect] of [
      ['DEN', 'deny'],
      ['ALL', 'allow'],
    ] as const) {
      const rule = { a: nameOf(role('EMS')), b: { country_code: 'nl', party_id: party.toLowerCase() }, effect }
      const { body } = await hub.admin('POST', '/agreements', rule)
      const squatter = await join(hub, [role(party)])
      expect((await show(hub, squatter)).pending).toEqual([`${party} CPO named-by-rule`])
      expect((await emsp.call('locations', 'SENDER', { to: nameOf(role(party)) })).statusCode).toBe(4001)
      await hub.admin('DELETE', `/agreements/${body.id}`)
      expect((await squatter.rotate()).statusCode).toBe(1000)
      expect((await show(hub, squatter)).pending).toEqual([])
    }
  })

  test('a rule that is made for a party that is there changes nothing in its next handshakes', async () => {
    const parties = [role('OLD')]
    const cpo = await join(hub, parties)
    await hub.admin('POST', '/agreements', { a: nameOf(role('EMS')), b: nameOf(role('OLD')), effect: 'allow' })
    parties.push(role('OLD', 'OTHER'))
    expect((await cpo.rotate()).statusCode).toBe(1000)
    expect(await show(hub, cpo)).toMatchObject({ parties: ['OLD CPO CONNECTED', 'OLD OTHER CONNECTED'], pending: [] })
  })

  test('a role that a platform gave up is free after its time, and one that it took back is not', async () => {
    const parties = [role('GI1'), role('GI2')]
    const giver = await join(hub, parties)
    parties.pop()
    expect((await giver.rotate()).statusCode).toBe(1000)
    const taking = await startPartner({ name: 'taker', parties: [role('GI2')] })
    started.push(taking)
    const { id, token } = await hub.createPlatform({ name: 'taker' })
    const take = () => taking.tryRegister({ versionsUrl: hub.versionsUrl, token })
    expect((await take()).statusCode).toBe(2001)
    await giveUpLongAgo('GI2')
    expect((await take()).statusCode).toBe(1000)
    expect((await emsp.call('locations', 'SENDER', { to: nameOf(role('GI2')) })).statusCode).toBe(1000)
    expect(taking.requests.at(-1)?.module).toBe('locations')
    expect((await show(hub, giver)).parties).toEqual(['GI1 CPO CONNECTED'])
    parties.push(role('GI2'))
    expect((await giver.rotate()).statusCode).toBe(2001)
    await giveUpLongAgo('GI1')
    expect((await hub.admin('GET', `/platforms/${id}`)).body.parties).toMatchObject([{ status: 'CONNECTED' }])
  })

  test('a role that a platform gave up, or that was deleted with it, is freed by an administrator', async () => {
    const parties = [role('AD1'), role('AD2')]
    const giver = await join(hub, parties)
    parties.pop()
    expect((await giver.rotate()).statusCode).toBe(1000)
    const free = (party: string, body = {}) => hub.admin('POST', `/parties/nl/${party}/free`, body)
    expect((await free('AD1')).status).toBe(404)
    expect((await free('AD2', { role: 'EMSP' })).status).toBe(404)
    expect((await free('AD2', { role: 'CPO' })).status).toBe(204)
    const heir = await join(hub, [role('AD2')])
    expect((await show(hub, heir)).pending).toEqual([])

    await hub.admin('DELETE', `/platforms/${giver.platformId}`)
    const next = await join(hub, [role('AD1')])
    expect((await show(hub, next)).pending).toEqual(['AD1 CPO given-up-lately'])
    expect((await free('AD1')).status).toBe(204)
    expect((await next.rotate()).statusCode).toBe(1000)
    expect((await show(hub, next)).parties).toEqual(['AD1 CPO CONNECTED'])
  })

  test('more roles than a platform may have are refused with 2001, until an administrator lets it have more', async () => {
    const five = ['MO1', 'MO2', 'MO3', 'MO4', 'MO5'].map((party) => role(party))
    const partner = await startPartner({ name: 'many', parties: five })
    started.push(partner)
    const { id, token } = await hub.createPlatform({ name: 'many' })
    const answer = await partner.tryRegister({ versionsUrl: hub.versionsUrl, token })
    expect([answer.status, answer.statusCode]).toEqual([200, 2001])
    expect(answer.envelope?.status_message).toBe('roles: expected at most 4, got 5')
    expect(await boundsMet('roles')).toBe(1)
    expect((await hub.admin('PATCH', `/platforms/${id}`, { most_roles: 5 })).body.most_roles).toBe(5)
    expect((await partner.tryRegister({ versionsUrl: hub.versionsUrl, token })).statusCode).toBe(1000)

    // What it gives up counts as its own as long as nobody else may have it.
    five.splice(0, 5, role('MO6'))
    const other = await partner.rotate()
    expect(other.envelope).toMatchObject({
      status_code: 2001,
      status_message: expect.stringContaining('5 that were given up'),
    })
    expect((await hub.admin('PATCH', `/platforms/${id}`, { most_roles: null })).body.most_roles).toBe(4)
  })

  test('thousands of roles, and business details nested without end, are refused with 2001 and not as a failure of the hub', async () => {
    const cpo = await join(hub, [role('DEE')])
    const url = cpo.hubEndpoints.get('credentials/RECEIVER') ?? ''
    const put = (roles: string) =>
      cpo.callUrl(url, {
        method: 'PUT',
        body: `{"token":"${cpo.tokenForHub()}","url":"${cpo.versionsUrl}","roles":${roles}}`,
      })
    const party = (i: number) => `{"role":"CPO","country_code":"DE","party_id":"${i.toString(36)}"}`
    const many = await put(`[${Array.from({ length: 9_000 }, (_, i) => party(i)).join()}]`)
    expect([many.status, many.statusCode]).toEqual([200, 2001])
    for (const depth of [600, 100_000]) {
      const details = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
      const deep = await put(`[{"role":"CPO","country_code":"NL","party_id":"DEE","business_details":${details}}]`)
      expect([deep.status, deep.statusCode]).toEqual([200, 2001])
      expect(deep.envelope?.status_message).toContain('nesting')
    }
    const wide = await put('[{"role":"CPO","country_code":"NL","party_id":"DEE","business_details":{"a":[[[[1]]]]}}]')
    expect(wide.statusCode).toBe(1000)
  })

  test('a registration token that is tried again and again is told to wait with 429', async () => {
    const partner = await startPartner({ name: 'eager', parties: [role('EAG')], versions: ['2.1.1'] })
    started.push(partner)
    const { id, token } = await hub.createPlatform({ name: 'eager' })
    const authorization = `Token ${Buffer.from(token).toString('base64')}`
    const body = { token: 'mine', url: partner.versionsUrl, roles: [role('EAG')] }
    const url = emsp.hubEndpoints.get('credentials/RECEIVER') ?? ''
    const post = () => partner.callUrl(url, { method: 'POST', authorization, body })
    const statuses: number[] = []
    let last = await post()
    for (; last.status !== 429 && statuses.length < 100; last = await post()) statuses.push(last.status)
    expect(statuses).toHaveLength(30)
    expect(Number(last.header('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(partner.requests.length).toBeLessThanOrEqual(2 * statuses.length)
    expect(await boundsMet('handshakes')).toBe(1)
    // No other platform is told to wait.
    expect((await emsp.rotate()).statusCode).toBe(1000)
    expect((await hub.admin('GET', `/platforms/${id}`)).body.status).toBe('PLANNED')
  })
})

test('what an older hub stored counts as confirmed, and a setting lets agreements do without announcements', async () => {
  const open = await startTestHub()
  const parties = [role('UPD')]
  const cpo = await join(open, parties)
  const closed = await startTestHub({ ROUTING_POLICY: 'agreements' }, { databaseUrl: open.databaseUrl })
  const lax = await startTestHub(
    { ROUTING_POLICY: 'agreements', ANNOUNCED_ROLES_ONLY: 'false' },
    { databaseUrl: open.databaseUrl },
  )
  const put = (hub: TestHub) =>
    cpo.callUrl(`${hub.url}/ocpi/2.2.1/credentials`, {
      method: 'PUT',
      body: { token: cpo.tokenForHub(), url: cpo.versionsUrl, roles: parties },
    })
  expect((await put(closed)).statusCode).toBe(1000)
  expect(await show(closed, cpo)).toMatchObject({ parties: ['UPD CPO CONNECTED'], pending: [] })
  parties.push(role('UP2'))
  await put(closed)
  expect((await show(closed, cpo)).pending).toEqual(['UP2 CPO not-announced'])
  await put(lax)
  expect(await show(closed, cpo)).toMatchObject({ parties: ['UP2 CPO CONNECTED', 'UPD CPO CONNECTED'], pending: [] })
  await Promise.all(started.splice(0).map((partner) => partner.close()))
  for (const hub of [lax, closed, open]) await hub.close()
})
