import { setTimeout as pause } from 'node:timers/promises'
import type { Sent } from '../support/acknowledged.ts'
import type { HubClient } from '../support/hub-client.ts'
import type { Partner } from '../support/partner.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const DELIVERY = { requests_per_second: 500, concurrency: 4, after_offline: 'resync', max_age_seconds: 3_600 }
/** How often each CPO pushes and each eMSP asks. */
const EVERY_MS = 100
const OBJECTS = 20

/** `quiet`: nobody hostile is at work. `killed`: so is somebody, and a process was killed just before. */
export type Phase = 'quiet' | 'attacked' | 'killed'

export type Request = { readonly phase: Phase; readonly durationMs: number; readonly isServed: boolean }

/** A push as it was answered, beside when. */
export type SentAt = Sent & { readonly phase: Phase; answeredAt: number }

export type Honest = {
  /** The platforms of the eMSPs, in the order of `received`. */
  readonly eMspIds: readonly string[]
  readonly sent: readonly SentAt[]
  /** What each eMSP got of these, in its order, and when it had each of them first. */
  readonly received: readonly { readonly serials: number[]; readonly firstAt: Map<number, number> }[]
  readonly requests: readonly Request[]
  /** Answers of 401 to a token that is good. */
  readonly lockedOut: () => number
  readonly enter: (phase: Phase) => void
  /** Objects pushed from now on are others, so that no later push hides that one was lost. */
  readonly nextObjects: () => void
  readonly stop: () => Promise<void>
}

/** Two honest CPOs that push numbers, and two honest eMSPs that take them and ask for locations. */
export async function startHonest(hub: HubClient): Promise<Honest> {
  const sent: SentAt[] = []
  const requests: Request[] = []
  const received: { serials: number[]; firstAt: Map<number, number> }[] = []
  const eMspIds: string[] = []
  let phase: Phase = 'quiet'
  let isOver = false
  let lives = 0
  let serial = 0
  let lockedOut = 0

  async function keepOn(act: () => Promise<void>): Promise<void> {
    for (let next = performance.now(); !isOver; ) {
      await act().catch(() => {})
      next += EVERY_MS
      await pause(Math.max(0, next - performance.now()))
    }
  }

  async function push(cpo: Partner, partyId: string): Promise<void> {
    const object = `K${lives}L${serial % OBJECTS}`
    const method = Math.random() < 0.1 ? 'PUT' : 'PATCH'
    const each: SentAt = {
      object: `${partyId}/${object}`,
      serial: ++serial,
      method,
      phase,
      isAnswered: false,
      answeredAt: 0,
    }
    sent.push(each)
    const body = { serial: each.serial, last_updated: new Date().toISOString() }
    const call = { method, path: `/NL/${partyId}/${object}`, to: HUB, body, signal: AbortSignal.timeout(60_000) }
    const answer = await cpo.call('locations', 'RECEIVER', call)
    if (answer.status === 401) lockedOut++
    each.isAnswered = answer.statusCode === 1000
    each.answeredAt = performance.now()
  }

  async function ask(emsp: Partner, partyId: string): Promise<void> {
    const startedAt = performance.now()
    const during = phase
    let isServed = false
    try {
      const to = { country_code: 'NL', party_id: partyId }
      const answer = await emsp.call('locations', 'SENDER', { to, signal: AbortSignal.timeout(60_000) })
      if (answer.status === 401) lockedOut++
      isServed = answer.statusCode === 1000
    } finally {
      requests.push({ phase: during, isServed, durationMs: performance.now() - startedAt })
    }
  }

  const tasks: (() => Promise<void>)[] = []
  for (const [i, partyId] of ['HC1', 'HC2'].entries()) {
    const cpo = await hub.join(
      { name: `honest CPO ${partyId}`, parties: [{ country_code: 'NL', party_id: partyId, role: 'CPO' }] },
      { delivery: DELIVERY },
    )
    const emsp = await hub.join(
      { name: `honest eMSP ${i}`, parties: [{ country_code: 'DE', party_id: `HE${i}`, role: 'EMSP' }] },
      { delivery: DELIVERY },
    )
    const got = { serials: [] as number[], firstAt: new Map<number, number>() }
    received.push(got)
    emsp.on('locations', 'RECEIVER', ({ suffix, json }) => {
      if (!suffix.startsWith('/NL/HC')) return {}
      const { serial: number } = json() as { serial: number }
      got.serials.push(number)
      if (!got.firstAt.has(number)) got.firstAt.set(number, performance.now())
      return {}
    })
    // What a partner records would be the memory of this process in the end.
    const forget = setInterval(() => [cpo, emsp].forEach((each) => (each.requests.length = 0)), 1_000)
    forget.unref()
    eMspIds.push(emsp.platformId)
    tasks.push(
      () => push(cpo, partyId),
      () => ask(emsp, partyId),
    )
  }
  // Not before all are there: who comes later starts at the end of what was pushed.
  const working = tasks.map(keepOn)

  return {
    eMspIds,
    sent,
    received,
    requests,
    lockedOut: () => lockedOut,
    enter: (next) => (phase = next),
    nextObjects: () => void lives++,
    async stop() {
      isOver = true
      await Promise.all(working)
    },
  }
}
