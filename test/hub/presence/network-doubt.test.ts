import { describe, expect, test } from 'vitest'
import type { Platform, RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { createNetworkDoubt } from '../../../src/hub/presence/network-doubt.ts'

/** A network of which some are dead; the clock stands still. */
function createDoubt(alive: number, dead: number) {
  const ids = [...Array(alive + dead).keys()].map((i) => (i < dead ? `dead-${i}` : `alive-${i}`))
  const platforms = new Map(ids.map((id) => [id, { id, status: 'CONNECTED' } as Platform]))
  const alarms: string[] = []
  const found: string[] = []
  const asked: string[] = []
  const doubt = createNetworkDoubt({
    table: () => ({ platforms }) as unknown as RoutingTable,
    async probe({ id }) {
      asked.push(id)
      return id.startsWith('dead') ? { kind: 'silent', detail: 'refused', isTokenRefused: false } : { kind: 'alive' }
    },
    alarm: ({ kind }) => void alarms.push(kind),
    now: () => 1_000,
    onFound: (id) => void found.push(id),
  })
  const fail = (...failed: number[]) =>
    Promise.all(failed.map((i) => doubt.isHubsOwn({ platformId: `dead-${i}`, lastTriedAt: 1_000 })))
  return { ...doubt, fail, alarms, found, asked }
}

describe('When checks fail, the hub', () => {
  test.each([
    [1, 0],
    [2, 0],
    [2, 1],
    [1, 30],
  ])('believes it of %i in a network with %i others that live', async (dead, alive) => {
    const network = createDoubt(alive, dead)
    expect(await network.fail(...Array(dead).keys())).not.toContain(true)
    expect(network.alarms).toEqual([])
  })

  test('doubts its own network when one fails and all others it asks then fail too', async () => {
    const network = createDoubt(0, 6)
    expect(await network.fail(0)).toEqual([true])
    expect(network.asked).not.toContain('dead-0')
    expect(network.alarms).toEqual(['own-network-suspect'])
    expect(network.found).toEqual([])
  })

  test('doubts it when more than a third of a round fails, not when it is a third', async () => {
    expect(await createDoubt(6, 3).fail(0, 1, 2)).toEqual([false, false, false])
    expect(await createDoubt(5, 3).fail(0, 1, 2)).toEqual([true, true, true])
  })

  test('asks as many others as a large failure needs to be believed, and counts those that answered just now', async () => {
    const network = createDoubt(100, 20)
    for (let i = 20; i < 50; i++) network.noteSuccess(`alive-${i}`)
    expect(new Set(await network.fail(...Array(20).keys()))).toEqual(new Set([false]))
    expect(network.asked).toHaveLength(10)
  })

  test('has those that it finds dead on the way checked for themselves', async () => {
    const network = createDoubt(4, 2)
    expect(await network.fail(0)).toEqual([false])
    expect(network.found).toEqual(['dead-1'])
  })

  test('raises one alarm, not one for each failure', async () => {
    const network = createDoubt(0, 6)
    for (let i = 0; i < 6; i++) await network.fail(i)
    expect(network.alarms).toHaveLength(1)
  })
})
