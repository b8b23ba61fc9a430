import { expect, test } from 'vitest'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { createPresence, type PresencePorts } from '../../../src/hub/presence/presence.ts'
import { REVIVED_BY_MESSAGE } from '../../../src/hub/presence/presence-store.ts'
import { StoreUnavailable } from '../../../src/hub/store-unavailable.ts'
import { createClock } from './clock.ts'
import { isDue } from './due.ts'

/**
 * One platform and two processes of a hub on a clock that runs as told. Beside it enough others answer to clear the hub's own
 * network.
 */
function createStage() {
  const clock = createClock()
  const platform = { id: 'ours', status: 'CONNECTED', statusCause: '' }
  const others = Array.from({ length: 9 }, (_, i) => ({ id: `other-${i}`, status: 'CONNECTED' }))
  const table = { platforms: new Map([platform, ...others].map((each) => [each.id, each])) } as unknown as RoutingTable
  const asked: number[] = []
  let isUp = true
  let refusesToken = false
  let isDatabaseAway = false
  let onStatus = () => {}
  const told: string[] = []
  let seenAt = 0
  let revivedAt: number | null = null
  let checkedAt = 0
  let statusSince = 0
  const ports: PresencePorts = {
    registry: {
      async findConnection(id) {
        if (isDatabaseAway) throw new StoreUnavailable('away')
        return { versionsUrl: id, sealedToken: '', version: '2.2.1' }
      },
      async setStatus(_id, status, cause) {
        onStatus()
        platform.status = status
        platform.statusCause = cause
        told.push(status)
        statusSince = clock.now()
        revivedAt = cause === REVIVED_BY_MESSAGE ? statusSince : null
        return { kind: 'changed' }
      },
      async noteSeen(seen) {
        seenAt = seen.get('ours') ?? seenAt
      },
    },
    store: {
      async claimSilent(claim) {
        const silentSince = Math.max(seenAt, checkedAt, statusSince)
        if (!isDue(claim, platform.status, { silentSince, offlineSince: statusSince })) return []
        checkedAt = claim.now
        return ['ours']
      },
      lastHeard: async () => ({ seenAt, revivedAt }),
    },
    client: {
      async getVersions(id) {
        if (id === 'ours') asked.push(clock.now())
        if (refusesToken && id === 'ours') return { kind: 'refused', detail: 'HTTP 401', httpStatus: 401 }
        return isUp || id !== 'ours' ? { kind: 'ok', value: [] } : { kind: 'unreachable', detail: 'refused' }
      },
    },
    open: () => 'token',
    table: () => table,
    refresh: async () => {},
    alarm: () => {},
    now: clock.now,
    after: clock.after,
    keepaliveAfterMs: 300_000,
    onError(error) {
      if (!isDatabaseAway) throw error
    },
  }
  const presence = createPresence(ports)
  const other = createPresence(ports)
  presence.start()
  other.start()

  return {
    ...presence,
    other,
    async stop(): Promise<void> {
      await presence.stop()
      await other.stop()
    },
    platform,
    asked,
    told,
    setUp(next: boolean): void {
      isUp = next
    },
    refuseToken(next: boolean): void {
      refusesToken = next
    },
    loseDatabase(): void {
      isDatabaseAway = true
    },
    /** Something that happens while a status is on its way to the store. */
    whileStoring(happens: () => void): void {
      onStatus = () => {
        onStatus = () => {}
        happens()
      }
    },
    pass: clock.pass,
    putBack: clock.putBack,
  }
}

test('a platform that failed soon after its last message is asked again after a minute', async () => {
  const stage = createStage()
  stage.onSeen('ours')
  await stage.pass(10_000)
  stage.setUp(false)
  stage.onUnreachable('ours')
  await stage.pass(5_000)
  expect(stage.platform.status).toBe('OFFLINE')
  stage.asked.length = 0
  stage.setUp(true)
  await stage.pass(70_000)
  expect(stage.asked).toHaveLength(1)
  expect(stage.platform.status).toBe('CONNECTED')
  await stage.stop()
})

test('a platform that stays OFFLINE is asked ever more seldom, by two processes together, and soon again in its next outage', async () => {
  const stage = createStage()
  stage.setUp(false)
  async function minutesOfChecks(passMs: number): Promise<number[]> {
    stage.onUnreachable('ours')
    await stage.pass(5_000)
    expect(stage.platform.status).toBe('OFFLINE')
    const since = stage.asked.at(-1) ?? 0
    stage.asked.length = 0
    await stage.pass(passMs)
    return stage.asked.map((at) => Math.floor((at - since) / 60_000))
  }
  expect(await minutesOfChecks(1_200_000)).toEqual([1, 2, 4, 8, 13, 18])

  stage.onSeen('ours')
  await stage.pass(1)
  expect(stage.platform.status).toBe('CONNECTED')
  await stage.pass(70_000)
  expect(await minutesOfChecks(300_000)).toEqual([1, 2, 4])

  stage.setUp(true)
  expect(await stage.check('ours')).toEqual({ kind: 'alive' })
  expect(stage.platform.status).toBe('CONNECTED')
  await stage.stop()
})

test('a platform whose message came while it was put down as OFFLINE is CONNECTED', async () => {
  const stage = createStage()
  stage.setUp(false)
  stage.whileStoring(() => stage.onSeen('ours'))
  stage.onUnreachable('ours')
  await stage.pass(5_000)
  expect(stage.asked).toHaveLength(2)
  expect(stage.platform.status).toBe('CONNECTED')
  await stage.stop()
})

test.each(['the process that asks', 'another process'])(
  'a platform that sends, to %s, but does not answer is not told as OFFLINE and CONNECTED with every message',
  async (to) => {
    const stage = createStage()
    const listener = to === 'another process' ? stage.other : stage
    stage.setUp(false)
    for (let second = 0; second < 300; second++) {
      if (second % 5 === 4) listener.onSeen('ours')
      stage.onUnreachable('ours')
      await stage.pass(1_000)
    }
    expect(stage.told.length).toBeGreaterThan(2)
    expect(stage.told.length).toBeLessThan(12)
    await stage.stop()
  },
)

test('a platform that answered since its message is OFFLINE as soon as it fails again', async () => {
  const stage = createStage()
  stage.setUp(false)
  stage.onUnreachable('ours')
  await stage.pass(5_000)
  stage.onSeen('ours')
  stage.setUp(true)
  await stage.check('ours')
  await stage.pass(2_000)
  stage.setUp(false)
  stage.onUnreachable('ours')
  await stage.pass(5_000)
  expect(stage.told).toEqual(['OFFLINE', 'CONNECTED', 'OFFLINE'])
  await stage.stop()
})

test('a platform that was heard and asked before the clock was put back is OFFLINE when it fails, and stays so', async () => {
  const stage = createStage()
  stage.onSeen('ours')
  await stage.check('ours')
  await stage.pass(10_000)
  stage.putBack(3_600_000)
  stage.setUp(false)
  stage.onUnreachable('ours')
  await stage.pass(10_000)
  expect(stage.told).toEqual(['OFFLINE'])
  await stage.stop()
})

test('a platform that cannot be asked because the database is away keeps its status, and a check says why', async () => {
  const stage = createStage()
  stage.setUp(false)
  stage.loseDatabase()
  expect(await stage.check('ours')).toMatchObject({
    kind: 'not-asked',
    why: 'fault',
    error: expect.any(StoreUnavailable),
  })
  expect(stage.asked).toEqual([])
  expect(stage.told).toEqual([])
  await stage.stop()
})

test('a platform that refuses the token stays OFFLINE though it sends, and is asked soon after a message', async () => {
  const stage = createStage()
  stage.refuseToken(true)
  for (let second = 0; second < 60; second++) {
    stage.onSeen('ours')
    stage.onUnreachable('ours')
    await stage.pass(1_000)
  }
  expect(stage.told).toEqual(['OFFLINE'])
  stage.refuseToken(false)
  stage.onSeen('ours')
  await stage.pass(3_000)
  expect(stage.told).toEqual(['OFFLINE', 'CONNECTED'])
  await stage.stop()
})

test('a platform that takes the token again within 5 seconds was never OFFLINE', async () => {
  const stage = createStage()
  stage.refuseToken(true)
  stage.onUnreachable('ours')
  await stage.pass(4_500)
  stage.refuseToken(false)
  await stage.pass(5_000)
  expect(stage.told).toEqual([])
  expect(stage.asked).toHaveLength(2)
  await stage.stop()
})
