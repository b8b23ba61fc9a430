import { afterEach, beforeEach, expect, test } from 'vitest'
import { BY_ADMIN } from '../../../src/hub/administration/events.ts'
import { REVIVED_BY_MESSAGE } from '../../../src/hub/presence/presence-store.ts'
import { createPresenceStore } from '../../../src/storage/network/presence.ts'
import { handshake, newPlatform, openTestRegistry } from '../../support/registry.ts'

const PERIOD_MS = 300_000
const PICK_MS = 5_000

let hub: Awaited<ReturnType<typeof openTestRegistry>>
beforeEach(async () => {
  hub = await openTestRegistry()
})
afterEach(() => hub.close())

/** Platforms that connected one millisecond after the other and then were silent for a period. */
async function silentPlatforms(count: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const { id } = newPlatform()
    await hub.registry.createPlatform(newPlatform({ id }))
    await hub.registry.storeHandshake(handshake(id, [`NL-P${i.toString(36).padStart(2, '0').toUpperCase()} CPO`]))
    hub.clock.at += 1
    ids.push(id)
  }
  hub.clock.at += PERIOD_MS
  return ids
}

function claim(limit: number) {
  const now = hub.clock.at
  return createPresenceStore(hub.database.orm).claimSilent({
    now,
    connectedSilentSince: now - PERIOD_MS,
    offlineSilentSince: now - 60_000,
    longestPauseMs: PERIOD_MS,
    limit,
    sharedSince: now - PICK_MS,
    believedUntil: now + 60_000,
  })
}

test('platforms are claimed for a still-alive check longest silence first, each once a period', async () => {
  const ids = await silentPlatforms(5)
  expect(new Set(await claim(2))).toEqual(new Set(ids.slice(0, 2)))
  hub.clock.at += PICK_MS
  expect(new Set(await claim(10))).toEqual(new Set(ids.slice(2)))
  hub.clock.at += PICK_MS
  expect(await claim(10)).toEqual([])
  hub.clock.at += PERIOD_MS
  expect(await claim(10)).toHaveLength(5)
})

test('what one process claimed just now counts towards the share of another', async () => {
  await silentPlatforms(10)
  expect(await claim(3)).toHaveLength(3)
  hub.clock.at += PICK_MS - 1
  expect(await claim(3)).toEqual([])
  expect(await claim(4)).toHaveLength(1)
  hub.clock.at += 1
  expect(await claim(4)).toHaveLength(3)
})

test('processes that claim in the same moment have one share between them, and no platform twice', async () => {
  await silentPlatforms(30)
  for (const claimedBefore of [0, 8, 16]) {
    const claimed = (await Promise.all([claim(8), claim(8), claim(8), claim(8)])).flat()
    expect(claimed, `after ${claimedBefore}`).toHaveLength(8)
    expect(new Set(claimed).size).toBe(8)
    hub.clock.at += PICK_MS
  }
})

test('a platform that is OFFLINE is claimed after a minute, then twice as late each time up to the period, by all together', async () => {
  const [id] = (await silentPlatforms(1)) as [string]
  async function minutesOfClaims(periods: number): Promise<number[]> {
    await hub.registry.setStatus(id, 'OFFLINE', 'failed', ['CONNECTED'], BY_ADMIN)
    const since = hub.clock.at
    const minutes: number[] = []
    while ((hub.clock.at += PICK_MS) < since + periods * PERIOD_MS) {
      const claimed = (await Promise.all([claim(10), claim(10)])).flat()
      for (const _ of claimed) minutes.push((hub.clock.at - since) / 60_000)
    }
    return minutes
  }
  expect(await minutesOfClaims(4)).toEqual([1, 2, 4, 8, 13, 18])
  await hub.registry.setStatus(id, 'CONNECTED', 'answered', ['OFFLINE'], BY_ADMIN)
  expect(await minutesOfClaims(1)).toEqual([1, 2, 4])
})

test('it is known when a platform was heard last, and whether and when a message brought it back', async () => {
  const [id] = (await silentPlatforms(1)) as [string]
  const lastHeard = () => createPresenceStore(hub.database.orm).lastHeard(id)
  expect(await lastHeard()).toEqual({ seenAt: null, revivedAt: null })
  await hub.registry.setStatus(id, 'OFFLINE', 'failed', [], BY_ADMIN)
  const heardAt = (hub.clock.at += 1_000)
  await hub.registry.noteSeen(new Map([[id, heardAt]]))
  expect(await lastHeard()).toEqual({ seenAt: heardAt, revivedAt: null })
  await hub.registry.setStatus(id, 'CONNECTED', REVIVED_BY_MESSAGE, ['OFFLINE'], BY_ADMIN)
  expect(await lastHeard()).toEqual({ seenAt: heardAt, revivedAt: heardAt })
  await hub.registry.setStatus(id, 'OFFLINE', 'failed', [], BY_ADMIN)
  expect((await lastHeard()).revivedAt).toBe(null)
})

test.each(['CONNECTED', 'OFFLINE'] as const)(
  'after the clock was put back by a day a platform that is %s is claimed at once, and then once a period again',
  async (status) => {
    const ids = await silentPlatforms(3)
    for (const id of ids) await hub.registry.setStatus(id, status, 'as it was', [], BY_ADMIN)
    await hub.registry.noteSeen(new Map(ids.map((id) => [id, hub.clock.at])))
    hub.clock.at += PERIOD_MS
    expect(await claim(10)).toHaveLength(3)
    hub.clock.at -= 86_400_000
    expect(new Set(await claim(10))).toEqual(new Set(ids))
    hub.clock.at += PICK_MS
    expect(await claim(10)).toEqual([])
    hub.clock.at += PERIOD_MS
    expect(await claim(10)).toHaveLength(3)
  },
)

test('after the clock was put back a message counts as the last that was heard', async () => {
  const [id] = (await silentPlatforms(1)) as [string]
  await hub.registry.noteSeen(new Map([[id, hub.clock.at]]))
  hub.clock.at -= 86_400_000
  await hub.registry.noteSeen(new Map([[id, hub.clock.at]]))
  expect((await createPresenceStore(hub.database.orm).lastHeard(id)).seenAt).toBe(hub.clock.at)
})
