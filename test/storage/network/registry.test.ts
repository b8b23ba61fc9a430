import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BY_ADMIN } from '../../../src/hub/administration/events.ts'
import { partyKey } from '../../../src/ocpi/party.ts'
import { DAY_MS, handshake, newPlatform, openTestRegistry, party, role } from '../../support/registry.ts'

let hub: Awaited<ReturnType<typeof openTestRegistry>>
beforeAll(async () => {
  hub = await openTestRegistry()
})
afterAll(() => hub.close())

async function connect(...roles: string[]) {
  const platform = newPlatform()
  expect(await hub.registry.createPlatform(platform)).toEqual({ kind: 'changed' })
  expect(await hub.registry.storeHandshake(handshake(platform.id, roles))).toMatchObject({ kind: 'stored' })
  return platform.id
}

async function show(platformId: string) {
  const record = await hub.registry.findPlatform(platformId)
  if (!record) throw new Error('Expected the platform to be found')
  return record
}

async function showParties(platformId: string) {
  const record = await show(platformId)
  return record.parties.map((p) => `${p.countryCode}-${p.partyId} ${p.role} ${p.status}`)
}

describe('Versions and credentials', () => {
  test('an administrator sees a new platform as PLANNED, with the parties announced for it', async () => {
    const { registry, clock } = hub
    const platform = newPlatform({
      parties: [role('nl-PL1 CPO'), role('NL-PL1 EMSP')],
      delivery: { requestsPerSecond: 5 },
      registration: { digest: 'A-new', expiresAt: clock.at + DAY_MS },
    })
    await registry.createPlatform(platform)
    expect(await show(platform.id)).toMatchObject({
      status: 'PLANNED',
      statusSince: clock.at,
      version: null,
      delivery: { requestsPerSecond: 5 },
      registrationExpiresAt: clock.at + DAY_MS,
      lastSeenAt: null,
      certificateEndsAt: null,
    })
    expect(await showParties(platform.id)).toEqual(['nl-PL1 CPO PLANNED', 'nl-PL1 EMSP PLANNED'])
  })

  test('a handshake makes the platform and its roles CONNECTED and uses the registration token up', async () => {
    const { registry, clock } = hub
    const platform = newPlatform({ registration: { digest: 'A-used', expiresAt: clock.at + DAY_MS } })
    await registry.createPlatform(platform)
    const post = handshake(platform.id, ['NL-HS1 CPO'], { consumesRegistrationDigest: 'A-used' })
    expect(await registry.storeHandshake(post)).toMatchObject({ kind: 'stored' })
    expect(await show(platform.id)).toMatchObject({
      status: 'CONNECTED',
      version: '2.2.1',
      registrationExpiresAt: null,
    })
    expect(await showParties(platform.id)).toEqual(['NL-HS1 CPO CONNECTED'])
    expect(await registry.findConnection(platform.id)).toEqual({
      versionsUrl: post.versionsUrl,
      sealedToken: post.sealedToken,
      version: '2.2.1',
    })
    const again = handshake(platform.id, ['NL-HS1 CPO'], { consumesRegistrationDigest: 'A-used' })
    expect(await registry.storeHandshake(again)).toEqual({ kind: 'registration-gone' })
  })

  test('of two POSTs with one registration token at the same time one wins', async () => {
    const { registry, clock } = hub
    for (let round = 0; round < 5; round++) {
      const digest = `A-race-${round}`
      const platform = newPlatform({ registration: { digest, expiresAt: clock.at + DAY_MS } })
      await registry.createPlatform(platform)
      const results = await Promise.all(
        [1, 2, 3].map(() =>
          registry.storeHandshake(
            handshake(platform.id, [`NL-RA${round} CPO`], { consumesRegistrationDigest: digest }),
          ),
        ),
      )
      expect(results.map((result) => result.kind).sort()).toEqual(['registration-gone', 'registration-gone', 'stored'])
    }
  })

  test('a registration token that expired or belongs to another platform registers nobody', async () => {
    const { registry, clock } = hub
    const [late, other] = [
      newPlatform({ registration: { digest: 'A-late', expiresAt: clock.at } }),
      newPlatform({ registration: { digest: 'A-other', expiresAt: clock.at + DAY_MS } }),
    ]
    await registry.createPlatform(late)
    await registry.createPlatform(other)
    for (const digest of ['A-late', 'A-other']) {
      const post = handshake(late.id, ['NL-LAT CPO'], { consumesRegistrationDigest: digest })
      expect(await registry.storeHandshake(post)).toEqual({ kind: 'registration-gone' })
    }
    expect(await showParties(late.id)).toEqual([])
  })

  test('no platform takes a role of a party of another, nor another role, in any letter case, and nothing changes when it tries', async () => {
    const { registry, clock } = hub
    const holder = await connect('NL-own CPO')
    const taker = newPlatform({ registration: { digest: 'A-taker', expiresAt: clock.at + DAY_MS } })
    await registry.createPlatform(taker)
    const before = await hub.readRows(null)
    const post = handshake(taker.id, ['NL-NEW CPO', 'nl-OWN EMSP'], { consumesRegistrationDigest: 'A-taker' })
    const refused = { kind: 'party-taken', party: party('nl-OWN'), heldBy: holder }
    expect(await registry.storeHandshake(post)).toEqual({ ...refused, role: 'EMSP', why: 'not-reserved' })
    expect(await registry.storeHandshake({ ...post, roles: [role('nl-OWN CPO')] })).toEqual({
      ...{ ...refused, role: 'CPO', why: 'held' },
    })
    expect(await registry.createPlatform(newPlatform({ parties: [role('Nl-oWn CPO')] }))).toMatchObject({
      kind: 'party-taken',
    })
    expect(await registry.changePlatform(taker.id, { name: 'x', parties: [role('nl-OWN CPO')] })).toEqual({
      ...{ ...refused, role: 'CPO', why: 'held' },
    })
    expect(await hub.readRows(null)).toEqual(before)
    expect(await registry.storeHandshake({ ...post, roles: [role('NL-NEW CPO')] })).toMatchObject({ kind: 'stored' })
    expect(await showParties(holder)).toEqual(['NL-own CPO CONNECTED'])
  })

  test('one party is CPO of one platform and EMSP of another, where an administrator reserved that', async () => {
    const { registry } = hub
    const cpo = await connect('NL-dua CPO')
    const emsp = newPlatform({ parties: [role('NL-DUA EMSP')] })
    expect(await registry.createPlatform(emsp)).toEqual({ kind: 'changed' })
    const both = handshake(emsp.id, ['NL-DUA CPO', 'NL-DUA EMSP'])
    expect(await registry.storeHandshake(both)).toMatchObject({ role: 'CPO', heldBy: cpo, why: 'held' })
    expect(await registry.storeHandshake(handshake(emsp.id, ['NL-DUA EMSP', 'NL-DUA NSP']))).toMatchObject({
      ...{ role: 'NSP', heldBy: cpo, why: 'not-reserved' },
    })
    expect(await registry.storeHandshake(handshake(emsp.id, ['NL-DUA EMSP']))).toMatchObject({ kind: 'stored' })
    expect(await registry.storeHandshake(handshake(cpo, ['NL-DUA CPO', 'NL-DUA NSP']))).toMatchObject({
      ...{ role: 'NSP', heldBy: emsp.id, why: 'not-reserved' },
    })
    const third = newPlatform({ parties: [role('NL-DUA EMSP')] })
    expect(await registry.createPlatform(third)).toMatchObject({ role: 'EMSP', heldBy: emsp.id, why: 'held' })
    expect(await showParties(cpo)).toEqual(['NL-dua CPO CONNECTED'])
    expect(await showParties(emsp.id)).toEqual(['NL-dua EMSP CONNECTED'])
    await registry.endConnection(cpo, 'gone', BY_ADMIN)
    expect(await showParties(emsp.id)).toEqual(['NL-dua EMSP CONNECTED'])
    await registry.deletePlatform(cpo)
    expect(await showParties(emsp.id)).toEqual(['NL-dua EMSP CONNECTED'])
    expect(await registry.storeHandshake(handshake(emsp.id, ['NL-DUA EMSP', 'NL-DUA CPO']))).toMatchObject({
      kind: 'stored',
    })
  })

  test("a role that is reserved and dropped again is nobody else's", async () => {
    const { registry } = hub
    const holder = await connect('NL-DRP CPO')
    const other = newPlatform({ parties: [role('NL-DRP EMSP')] })
    await registry.createPlatform(other)
    await registry.changePlatform(other.id, { parties: [] })
    expect(await registry.storeHandshake(handshake(other.id, ['NL-DRP EMSP']))).toMatchObject({ why: 'not-reserved' })
    expect(await registry.storeHandshake(handshake(holder, ['NL-DRP CPO', 'NL-DRP EMSP']))).toMatchObject({
      kind: 'stored',
    })
  })

  test('of platforms that claim one party at the same time one gets it', async () => {
    const { registry } = hub
    const ids = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const platform = newPlatform()
        await registry.createPlatform(platform)
        return platform.id
      }),
    )
    const results = await Promise.all(
      ids.map((id, i) =>
        registry.storeHandshake(handshake(id, i % 2 ? ['NL-CON CPO'] : ['nl-con EMSP', 'NL-CO2 CPO'])),
      ),
    )
    expect(results.filter((result) => result.kind === 'stored')).toHaveLength(1)
    const held = await Promise.all(ids.map((id) => showParties(id)))
    expect(held.filter((parties) => parties.some((text) => /con/i.test(text)))).toHaveLength(1)
  })

  test('a party keeps the spelling first given', async () => {
    const id = await connect('nl-SpL CPO')
    await hub.registry.storeHandshake(handshake(id, ['NL-SPL CPO']))
    expect(await showParties(id)).toEqual(['nl-SpL CPO CONNECTED'])
  })

  test('a role missing from a new handshake is SUSPENDED and stays held; announced ones stay PLANNED', async () => {
    const { registry } = hub
    const platform = newPlatform({ parties: [role('NL-GU2 CPO')] })
    await registry.createPlatform(platform)
    await registry.storeHandshake(handshake(platform.id, ['NL-GU1 CPO', 'NL-GU1 EMSP']))
    await registry.storeHandshake(handshake(platform.id, ['NL-GU1 EMSP']))
    expect(await showParties(platform.id)).toEqual([
      'NL-GU1 CPO SUSPENDED',
      'NL-GU1 EMSP CONNECTED',
      'NL-GU2 CPO PLANNED',
    ])
    const other = newPlatform()
    await registry.createPlatform(other)
    expect(await registry.storeHandshake(handshake(other.id, ['NL-GU1 CPO']))).toMatchObject({ why: 'held' })
    await registry.storeHandshake(handshake(platform.id, ['NL-GU1 CPO']))
    expect(await showParties(platform.id)).toContain('NL-GU1 CPO CONNECTED')
  })

  test('a role that its platform gave up goes to the one that an administrator reserves it for', async () => {
    const { registry } = hub
    const [before, after] = [await connect('NL-GUP CPO', 'NL-GUP EMSP'), newPlatform()]
    await registry.createPlatform(after)
    await registry.storeHandshake(handshake(before, ['NL-GUP EMSP']))
    const { revision } = await hub.readRows(null)
    expect(await registry.changePlatform(after.id, { parties: [role('NL-GUP CPO')] })).toEqual({ kind: 'changed' })
    const { platforms } = await hub.readRows(revision)
    expect(platforms.map(({ id }) => id).sort()).toEqual([before, after.id].sort())
    expect(await showParties(before)).toEqual(['NL-GUP EMSP CONNECTED'])
    expect(await registry.storeHandshake(handshake(before, ['NL-GUP EMSP', 'NL-GUP CPO']))).toMatchObject({
      ...{ kind: 'party-taken', heldBy: after.id },
    })
    expect(await registry.storeHandshake(handshake(after.id, ['NL-GUP CPO']))).toMatchObject({ kind: 'stored' })
    expect(await showParties(after.id)).toEqual(['NL-GUP CPO CONNECTED'])
  })

  test('who rotates in a loop has some of the replaced tokens left, and always the one it uses', async () => {
    const { registry, clock } = hub
    const id = await connect('NL-LOO CPO')
    const digests = async () =>
      (await hub.readRows(null)).platforms
        .find((platform) => platform.id === id)
        ?.credentials.map(({ digest }) => digest)
    const [first = ''] = (await digests()) ?? []
    for (let n = 1; n <= 30; n++) {
      clock.at += 1
      const olderTokensExpireAt = clock.at + DAY_MS
      const parts = { accessDigest: `loop-${n}`, continuesDigest: first, olderTokensExpireAt }
      expect(await registry.storeHandshake(handshake(id, ['NL-LOO CPO'], parts))).toEqual({
        kind: 'stored',
        pending: [],
      })
    }
    const left = [first, ...Array.from({ length: 9 }, (_, i) => `loop-${22 + i}`)]
    expect([...((await digests()) ?? [])].sort()).toEqual(left.sort())
  })

  test('who is offered token after token and uses none has the newest of them left, and the one it uses', async () => {
    const { registry, clock } = hub
    const id = await connect('NL-MNY CPO')
    const digests = async () =>
      (await hub.readRows(null)).platforms
        .find((platform) => platform.id === id)
        ?.credentials.map(({ digest }) => digest)
    const [used = ''] = (await digests()) ?? []
    for (let n = 1; n <= 30; n++) {
      clock.at += 1
      const token = { digest: `offer-${n}`, kind: 'rotating', expiresAt: clock.at + DAY_MS } as const
      expect(await registry.addHandshakeToken(id, token, clock.at)).toBe(true)
      await registry.offerToken(token.digest)
    }
    const left = [used, ...Array.from({ length: 8 }, (_, i) => `offer-${23 + i}`)]
    expect([...((await digests()) ?? [])].sort()).toEqual(left.sort())
  })

  test('after a PUT both tokens open the hub until the older one is ended or its time is up', async () => {
    const { registry, clock } = hub
    const id = await connect('NL-ROT CPO')
    const tokens = async () => {
      const rows = await hub.readRows(null)
      const row = rows.platforms.find((platform) => platform.id === id)
      return row?.credentials.map(({ digest, kind, expiresAt, replacesOlder }) => [
        digest,
        kind,
        expiresAt,
        replacesOlder,
      ])
    }
    const [first] = (await tokens()) ?? []
    const end = clock.at + DAY_MS
    await registry.storeHandshake(handshake(id, ['NL-ROT CPO'], { accessDigest: 'new', olderTokensExpireAt: end }))
    expect(await tokens()).toEqual(
      expect.arrayContaining([
        [first?.[0], 'access', end, false],
        ['new', 'access', null, true],
      ]),
    )
    expect(await show(id)).toMatchObject({ hasOlderToken: true })
    await registry.endOlderTokens(id, clock.at + 60_000)
    await registry.endOlderTokens(id, end)
    expect(await tokens()).toContainEqual([first?.[0], 'access', clock.at + 60_000, false])
    clock.at += 60_000
    expect(await tokens()).toEqual([['new', 'access', null, false]])
    await registry.endOlderTokens(id, clock.at)
    expect(await show(id)).toMatchObject({ hasOlderToken: false })
  })

  test('of a partner that rotates in a loop the newest eight replaced tokens are kept, and that older ones end is counted', async () => {
    const { registry, clock, bounds } = hub
    const id = await connect('NL-ROL CPO')
    const before = bounds.length
    const rotate = (n: number) => {
      clock.at++
      const parts = { accessDigest: `rolled ${n}`, olderTokensExpireAt: clock.at + DAY_MS }
      return registry.storeHandshake(handshake(id, ['NL-ROL CPO'], parts))
    }
    for (let n = 1; n <= 8; n++) await rotate(n)
    expect(bounds.slice(before)).toEqual([])
    await rotate(9)
    expect(bounds.slice(before)).toEqual(['older-tokens'])
    const row = (await hub.readRows(null)).platforms.find((platform) => platform.id === id)
    expect(row?.credentials).toHaveLength(8 + 1)
  })

  test('a token that the partner may have taken opens the hub; its use, and no other, makes it the newest', async () => {
    const { registry, clock } = hub
    const id = await connect('NL-OFF CPO')
    const end = clock.at + DAY_MS
    const soon = clock.at + 60_000
    await registry.storeHandshake(handshake(id, ['NL-OFF CPO'], { accessDigest: 'newest', olderTokensExpireAt: end }))
    await registry.addHandshakeToken(id, { digest: 'taken?', kind: 'rotating', expiresAt: end }, clock.at)
    const tokens = async () => {
      const row = (await hub.readRows(null)).platforms.find((platform) => platform.id === id)
      const named = row?.credentials.filter(({ digest }) => digest === 'newest' || digest === 'taken?') ?? []
      return Object.fromEntries(named.map(({ digest, kind, expiresAt }) => [digest, [kind, expiresAt]]))
    }
    expect(await tokens()).toEqual({ newest: ['access', null], 'taken?': ['access', end] })
    await registry.offerToken('taken?')
    expect(await tokens()).toEqual({ newest: ['access', null], 'taken?': ['access', end] })
    await registry.noteTokenUsed('newest', soon)
    expect(await tokens()).toEqual({ newest: ['access', null], 'taken?': ['access', end] })
    await registry.endOlderTokens(id, clock.at)
    await registry.noteTokenUsed('taken?', soon)
    expect(await tokens()).toEqual({ newest: ['access', soon], 'taken?': ['access', null] })
    await registry.noteTokenUsed('newest', soon)
    await registry.dropHandshakeToken('taken?')
    expect(await tokens()).toEqual({ newest: ['access', soon], 'taken?': ['access', null] })
  })

  test('a token given to a partner the hub calls is provisional until the handshake keeps it', async () => {
    const { registry, clock } = hub
    const platform = newPlatform({ registration: { digest: 'A-kept', expiresAt: clock.at + DAY_MS } })
    await registry.createPlatform(platform)
    for (const digest of ['B', 'C']) {
      const token = { digest, kind: 'provisional', expiresAt: clock.at + 60_000 } as const
      await registry.addHandshakeToken(platform.id, token, clock.at)
    }
    await registry.dropHandshakeToken('C')
    const kinds = async () => {
      const row = (await hub.readRows(null)).platforms.find(({ id }) => id === platform.id)
      return row?.credentials.map(({ digest, kind }) => `${digest} ${kind}`).sort()
    }
    expect(await kinds()).toEqual(['A-kept registration', 'B provisional'])
    expect((await show(platform.id)).registrationExpiresAt).toBe(clock.at + DAY_MS)
    await registry.storeHandshake(handshake(platform.id, ['NL-PRV CPO'], { accessDigest: 'B' }))
    expect(await kinds()).toEqual(['A-kept registration', 'B access'])
  })

  test('a handshake that a process left is none that is under way, though the clock was put back since', async () => {
    const { registry, clock } = hub
    const { id } = newPlatform({})
    await registry.createPlatform(newPlatform({ id }))
    const call = (digest: string) =>
      registry.addHandshakeToken(id, { digest, kind: 'provisional', expiresAt: clock.at + 600_000 }, clock.at - 60_000)
    expect(await call('left-behind')).toBe(true)
    expect(await call('too-soon')).toBe(false)
    clock.at -= 3_600_000
    expect(await call('after-the-step')).toBe(true)
    clock.at += 3_600_000
  })

  test('of two hub processes that call a partner at once, one is told that the other is at it, until it ends or died', async () => {
    const { registry, clock } = hub
    const { id } = newPlatform({})
    await registry.createPlatform(newPlatform({ id }))
    const other = await connect('NL-OTH CPO')
    const call = (digest: string, platformId = id) =>
      registry.addHandshakeToken(
        platformId,
        { digest, kind: 'provisional', expiresAt: clock.at + 600_000 },
        clock.at - 60_000,
      )
    expect((await Promise.all([call('once-1'), call('once-2')])).filter(Boolean)).toHaveLength(1)
    expect(await call('once-3', other)).toBe(true)
    for (const digest of ['once-1', 'once-2']) await registry.dropHandshakeToken(digest)
    expect(await call('once-4')).toBe(true)
    expect(await call('once-5')).toBe(false)
    clock.at += 60_001
    expect(await call('once-6')).toBe(true)
  })

  test('the end of a connection kills every token and holds the parties, SUSPENDED', async () => {
    const { registry, clock } = hub
    const id = await connect('NL-END CPO')
    await registry.putRegistration(id, 'A-end', clock.at + DAY_MS)
    expect(await registry.endConnection(id, 'ended by the partner', BY_ADMIN)).toEqual({ kind: 'changed' })
    const row = (await hub.readRows(null)).platforms.find((platform) => platform.id === id)
    expect(row).toMatchObject({ status: 'SUSPENDED', credentials: [], sealedToken: null })
    expect(await showParties(id)).toEqual(['NL-END CPO SUSPENDED'])
    expect(await registry.findConnection(id)).toBeNull()
    expect(await registry.endConnection(id, 'again', BY_ADMIN)).toEqual({ kind: 'wrong-status', status: 'SUSPENDED' })
    await registry.setStatus(id, 'CONNECTED', 'resumed', ['SUSPENDED'], BY_ADMIN)
    expect(await show(id)).toMatchObject({ status: 'PLANNED' })
    await registry.storeHandshake(handshake(id, ['NL-END CPO']))
    expect(await showParties(id)).toEqual(['NL-END CPO CONNECTED'])
  })

  test('business details come back as they were given, whatever characters they hold', async () => {
    const platform = newPlatform()
    await hub.registry.createPlatform(platform)
    const odd = { ...role('NL-BUS CPO'), businessDetails: { name: 'a\u0000b \u{1F50C}', logo: null } }
    await hub.registry.storeHandshake({ ...handshake(platform.id, []), roles: [odd] })
    expect((await show(platform.id)).parties[0]?.businessDetails).toEqual(odd.businessDetails)
  })
})

describe('HubClientInfo', () => {
  test('last_updated of a role changes when its status does, and only then', async () => {
    const { registry, clock } = hub
    const id = await connect('NL-LU1 CPO', 'NL-LU1 EMSP')
    const updated = async () => (await show(id)).parties.map((p) => p.lastUpdated - start)
    const start = clock.at
    clock.at += 10
    await registry.storeHandshake(handshake(id, ['NL-LU1 CPO', 'NL-LU1 EMSP']))
    await registry.changePlatform(id, { name: 'Another name' })
    await registry.setStatus(id, 'CONNECTED', 'seen', [], BY_ADMIN)
    expect(await updated()).toEqual([0, 0])
    clock.at += 10
    await registry.storeHandshake(handshake(id, ['NL-LU1 EMSP']))
    expect(await updated()).toEqual([20, 0])
    clock.at += 10
    await registry.setStatus(id, 'OFFLINE', 'no answer', ['CONNECTED'], BY_ADMIN)
    expect(await updated()).toEqual([20, 30])
  })

  test('a status is set only from those it fits, and says since when', async () => {
    const { registry, clock } = hub
    const id = await connect('NL-ST1 CPO')
    const since = clock.at
    clock.at += 10
    expect(await registry.setStatus(id, 'CONNECTED', 'back', ['OFFLINE'], BY_ADMIN)).toEqual({
      kind: 'wrong-status',
      status: 'CONNECTED',
    })
    expect(await show(id)).toMatchObject({ statusSince: since })
    await registry.setStatus(id, 'OFFLINE', 'no answer', ['CONNECTED'], BY_ADMIN)
    expect(await show(id)).toMatchObject({ status: 'OFFLINE', statusCause: 'no answer', statusSince: clock.at })
    expect(await registry.setStatus('nobody', 'OFFLINE', '', [], BY_ADMIN)).toEqual({ kind: 'unknown-platform' })
  })

  test("no handshake of a partner lifts an administrator's suspension", async () => {
    const { registry } = hub
    const id = await connect('NL-SUS CPO')
    await registry.setStatus(id, 'SUSPENDED', 'suspended by an administrator', ['CONNECTED'], BY_ADMIN)
    await registry.storeHandshake(handshake(id, ['NL-SUS CPO']))
    expect(await showParties(id)).toEqual(['NL-SUS CPO SUSPENDED'])
    await registry.setStatus(id, 'CONNECTED', 'resumed', ['SUSPENDED'], BY_ADMIN)
    expect(await showParties(id)).toEqual(['NL-SUS CPO CONNECTED'])
  })

  test('proof of life is kept, never goes back, and is no change of what routes', async () => {
    const { registry, clock } = hub
    const id = await connect('NL-SEE CPO')
    const { revision } = await hub.readRows(null)
    await registry.noteSeen(
      new Map([
        [id, clock.at],
        ['nobody', clock.at],
      ]),
    )
    await registry.noteSeen(new Map([[id, clock.at - 5]]))
    expect((await show(id)).lastSeenAt).toBe(clock.at)
    expect((await hub.readRows(null)).revision).toBe(revision)
  })
})

describe('administration', () => {
  test('announced parties that are listed no more are let go, connected ones stay', async () => {
    const { registry } = hub
    const platform = newPlatform({ parties: [role('NL-AN1 CPO'), role('NL-AN2 CPO'), role('NL-AN3 CPO')] })
    await registry.createPlatform(platform)
    await registry.storeHandshake(handshake(platform.id, ['NL-AN3 CPO']))
    await registry.changePlatform(platform.id, { parties: [role('NL-AN1 CPO'), role('NL-AN4 CPO')] })
    expect(await showParties(platform.id)).toEqual(['NL-AN1 CPO PLANNED', 'NL-AN3 CPO CONNECTED', 'NL-AN4 CPO PLANNED'])
    expect(await registry.createPlatform(newPlatform({ parties: [role('NL-AN2 CPO')] }))).toEqual({ kind: 'changed' })
  })

  test('a party moves to another platform with all its roles', async () => {
    const { registry } = hub
    const [from, to] = [await connect('NL-MV1 CPO', 'NL-MV1 EMSP', 'NL-MV2 CPO'), await connect('NL-MV3 CPO')]
    const { revision } = await hub.readRows(null)
    expect(await registry.moveParty(partyKey('nl', 'mv1'), null, to)).toEqual({ kind: 'changed' })
    expect(await showParties(from)).toEqual(['NL-MV2 CPO CONNECTED'])
    expect(await showParties(to)).toEqual(['NL-MV1 CPO CONNECTED', 'NL-MV1 EMSP CONNECTED', 'NL-MV3 CPO CONNECTED'])
    const { platforms } = await hub.readRows(revision)
    expect(platforms.map((platform) => platform.id).sort()).toEqual([from, to].sort())
    expect(await registry.moveParty(partyKey('NL', 'MV1'), null, 'nowhere')).toEqual({ kind: 'unknown-platform' })
  })

  test('one role of a party moves, and so do all of them from several platforms', async () => {
    const { registry } = hub
    const [from, to, last] = [await connect('NL-MR1 CPO', 'NL-MR1 EMSP'), await connect(), await connect()]
    expect(await registry.moveParty(partyKey('NL', 'MR1'), 'EMSP', to)).toEqual({ kind: 'changed' })
    expect(await showParties(from)).toEqual(['NL-MR1 CPO CONNECTED'])
    expect(await showParties(to)).toEqual(['NL-MR1 EMSP CONNECTED'])
    expect(await registry.moveParty(partyKey('NL', 'MR1'), null, last)).toEqual({ kind: 'changed' })
    expect(await showParties(last)).toEqual(['NL-MR1 CPO CONNECTED', 'NL-MR1 EMSP CONNECTED'])
    expect(await registry.moveParty(partyKey('NL', 'MR1'), 'NSP', to)).toEqual({ kind: 'unknown-platform' })
  })

  test('a deleted platform is gone with its parties and tokens', async () => {
    const { registry } = hub
    const id = await connect('NL-DEL CPO')
    expect(await registry.deletePlatform(id)).toEqual({ kind: 'changed' })
    expect(await registry.findPlatform(id)).toBeNull()
    expect(await registry.deletePlatform(id)).toEqual({ kind: 'unknown-platform' })
    await connect('NL-DEL CPO')
  })

  test('lists go in order of creation, page by page, also when the last one seen was deleted', async () => {
    const { registry } = hub
    const platforms = [1, 2, 3, 4].map(() => newPlatform())
    const [first] = platforms
    for (const platform of platforms) await registry.createPlatform(platform)
    const ids = platforms.map((platform) => platform.id)
    const page = await registry.listPlatforms({ limit: 2, afterId: first?.id ?? null })
    expect(page.map((record) => record.id)).toEqual(ids.slice(1, 3))
    await registry.deletePlatform(ids[1] as string)
    const next = await registry.listPlatforms({ limit: 10, afterId: ids[1] as string })
    expect(next.map((record) => record.id)).toEqual(ids.slice(2))
  })
})
