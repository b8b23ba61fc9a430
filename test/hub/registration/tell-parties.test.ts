// Rules: The hub's PUT of its credentials where the parties that a platform reaches change [credentials: Credentials object].
import { expect, test } from 'vitest'
import { DAY_MS } from '../../../src/hub/moments.ts'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import type { HandshakeOutcome } from '../../../src/hub/registration/handshake-outcome.ts'
import { createPartiesTeller } from '../../../src/hub/registration/tell-parties.ts'
import type { Told } from '../../../src/hub/registration/told-credentials.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const HOUR_MS = DAY_MS / 24

/** Two processes of a hub with one platform that has been told of `parties` at noon, and what they share. */
function world(version = '2.3.0', status = 'CONNECTED') {
  const kept = new Map<string, Told>([['P', { digest: 'NL-ONE', at: NOON }]])
  const state = { now: NOON, revision: 1, parties: 'NL-ONE', outcome: { kind: 'done' } as HandshakeOutcome }
  const puts: string[] = []
  const endpoints = new Map([['credentials/SENDER', {}]])
  const platform = { id: 'P', status, version, endpoints }
  const table = () => ({ revision: state.revision, platforms: new Map([['P', platform]]) }) as unknown as RoutingTable
  const started = () =>
    createPartiesTeller({
      table,
      ownCredentials: { digestFor: () => state.parties },
      told: {
        find: async () => new Map(kept),
        async claim(id, from, to) {
          const last = kept.get(id)
          if ((last?.at ?? null) !== from) return false
          kept.set(id, { digest: last?.digest ?? '', at: to })
          return true
        },
      },
      async rotate(id) {
        if (state.outcome.kind === 'done') kept.set(id, { digest: state.parties, at: state.now })
        puts.push(state.parties)
        return state.outcome
      },
      now: () => state.now,
      everyMs: DAY_MS,
      onError: (error) => {
        throw error
      },
    })
  const processes = [started(), started()]
  return {
    state,
    kept,
    puts,
    /** Some hours pass, the routing table changes, and both processes look at once. */
    after: async (hours: number): Promise<string[]> => {
      state.now += hours * HOUR_MS
      state.revision++
      puts.length = 0
      await Promise.all(processes.map(({ look }) => look()))
      // A restart: what was begun comes to its end.
      await Promise.all(processes.splice(0).map(({ stop }) => stop()))
      processes.push(started(), started())
      return [...puts]
    },
  }
}

test('changes are gathered: one PUT of one process, a day after the last, says all of them', async () => {
  const { state, after } = world()
  state.parties = 'NL-ONE NL-TWO'
  expect(await after(1)).toEqual([])
  state.parties = 'NL-TWO'
  expect(await after(22)).toEqual([])
  expect(await after(1)).toEqual(['NL-TWO'])
  expect(await after(24)).toEqual([])
  state.parties = 'NL-ONE'
  expect(await after(1)).toEqual(['NL-ONE'])
})

test('parties that are the same again need no PUT, however often they changed', async () => {
  const { state, after } = world()
  state.parties = 'NL-TWO'
  expect(await after(12)).toEqual([])
  state.parties = 'NL-ONE'
  expect(await after(36)).toEqual([])
})

test('a PUT that fails is made again a day later, and by no restart before that', async () => {
  const { state, after } = world()
  state.parties = 'NL-TWO'
  state.outcome = { kind: 'partner-unreachable', detail: 'down' }
  expect(await after(24)).toEqual(['NL-TWO'])
  state.outcome = { kind: 'done' }
  expect(await after(23)).toEqual([])
  expect(await after(1)).toEqual(['NL-TWO'])
})

test('while another handshake is under way it is put off, and not by a day', async () => {
  const { state, after } = world()
  state.parties = 'NL-TWO'
  state.outcome = { kind: 'under-way' }
  expect(await after(24)).toEqual(['NL-TWO'])
  state.outcome = { kind: 'done' }
  expect(await after(0)).toEqual(['NL-TWO'])
})

test('a platform of which nothing is kept, in the middle of its handshake, gets none for a day', async () => {
  const { state, kept, after } = world()
  kept.clear()
  state.parties = 'NL-TWO'
  expect(await after(0)).toEqual([])
  expect(await after(23)).toEqual([])
  expect(await after(1)).toEqual(['NL-TWO'])
})

test('who is not connected, or is of a version without such a list, gets none', async () => {
  for (const { state, after } of [world('2.2.1'), world('2.3.0', 'OFFLINE'), world('2.3.0', 'SUSPENDED')]) {
    state.parties = 'NL-TWO'
    expect(await after(48)).toEqual([])
  }
})

test('nothing is asked of the database while nothing changes', async () => {
  const { kept } = world()
  let asked = 0
  let now = NOON + DAY_MS
  const { look } = createPartiesTeller({
    table: () => ({ revision: 1, platforms: new Map() }) as unknown as RoutingTable,
    ownCredentials: { digestFor: () => '' },
    told: { find: async () => (asked++, new Map(kept)), claim: async () => true },
    rotate: async () => ({ kind: 'done' }),
    now: () => now,
    everyMs: DAY_MS,
    onError: () => undefined,
  })
  for (const minutes of [0, 1, 8]) {
    now += minutes * 60_000
    await look()
  }
  expect(asked).toBe(1)
  now += 60_000
  await look()
  expect(asked).toBe(2)
})
