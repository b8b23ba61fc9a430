import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BY_ADMIN } from '../../../src/hub/administration/events.ts'
import type { Finding, Outcome, ProbeName } from '../../../src/hub/check/check.ts'
import { HANDSHAKE_SETTLES_MS, type HeldRun, RUNS_KEPT } from '../../../src/hub/check/runs/check-runs.ts'
import { countProbes } from '../../../src/hub/check/runs/probe-counts.ts'
import { createConcernStore } from '../../../src/storage/administration/concerns.ts'
import { createEventStore } from '../../../src/storage/administration/events.ts'
import { createCheckCommands } from '../../../src/storage/check/commands.ts'
import { openRun } from '../../../src/storage/check/open-run.ts'
import { scheduleChecks } from '../../../src/storage/check/schedule.ts'
import { createCheckViews } from '../../../src/storage/check/views.ts'
import { unwaive, waive } from '../../../src/storage/check/waivers.ts'
import { createCheckWork } from '../../../src/storage/check/work.ts'
import { createRegistry } from '../../../src/storage/network/registry.ts'
import { attachPartner } from '../../../src/storage/network/sandbox.ts'
import { OPEN_ADMISSION } from '../../support/admission.ts'
import { DAY_MS, handshake, newPlatform, openTestRegistry } from '../../support/registry.ts'

let hub: Awaited<ReturnType<typeof openTestRegistry>>
let work: ReturnType<typeof createCheckWork>
let views: ReturnType<typeof createCheckViews>
let required: ReturnType<typeof createRegistry>

beforeAll(async () => {
  hub = await openTestRegistry()
  const { orm } = hub.database
  const now = () => hub.clock.at
  work = createCheckWork({ orm, now })
  views = createCheckViews(orm)
  required = createRegistry({
    ...{ orm, now, admission: OPEN_ADMISSION, noteBound: () => {}, connectionCheck: 'required' },
  })
})
afterAll(() => hub.close())

test('a command of a check has the result that came first, from its own platform and in time; what is past its time goes with the next', async () => {
  const { orm } = hub.database
  const { open, result, take } = createCheckCommands({ orm, now: () => hub.clock.at })
  const [own, other] = [await connected(), await connected()]
  await open('a', own, hub.clock.at + 1_000)
  expect([await take('a', other, 'ACCEPTED'), await result('a')]).toEqual([false, null])
  expect([await take('a', own, 'REJECTED'), await take('a', own, 'ACCEPTED')]).toEqual([true, true])
  expect(await result('a')).toBe('REJECTED')
  hub.clock.at += 1_000
  expect(await take('a', own, 'ACCEPTED')).toBe(false)
  await open('b', own, hub.clock.at + 1_000)
  expect([await result('a'), await take('b', own, 'FAILED')]).toEqual([null, true])
})

let parties = 0

async function connected(registry = hub.registry) {
  const platform = newPlatform()
  await registry.createPlatform(platform)
  await registry.storeHandshake(handshake(platform.id, [`NL-A${String(++parties).padStart(2, '0')} CPO`]))
  return platform.id
}

function ask(platformId: string, askedBy: 'admin' | 'partner' = 'admin') {
  const at = ++hub.clock.at
  return hub.database.orm.transaction((tx) =>
    openRun(tx, { platformId, askedBy, askedAt: at, dueAt: at, consent: false, skipsWrongToken: false }),
  )
}

/** The run of a platform, which is the only one that waits. */
async function taken(platformId: string): Promise<HeldRun> {
  const run = await work.take(randomUUID(), randomUUID())
  expect(run?.platformId).toBe(platformId)
  return run as HeldRun
}

function finding(probe: ProbeName, outcome: Outcome = 'pass'): Finding {
  return {
    probe,
    party: null,
    module: null,
    outcome,
    detail: 'as it is',
    advice: null,
    chapter: null,
    messageIds: ['m'],
  }
}

function add(run: HeldRun, ...findings: Finding[]) {
  return work.add(run, findings, countProbes(findings))
}

/** The lease of the only run under way is over, as of a process that died. */
async function lapse() {
  await hub.database.orm.execute(sql`update check_runs set held_until = 0 where ended_at is null`)
}

async function eventsOf(platformId: string) {
  const kinds = ['check.started', 'check.probe', 'check.ended'] as const
  const found = await createEventStore(hub.database.orm).after(0, { platformId, kinds }, 100)
  return found.map(({ kind, data }) => ({ kind, ...data }))
}

test('a run is taken once, tells what it finds as it comes, and is counted by probes', async () => {
  const id = await connected()
  expect(await ask(id)).toEqual({ kind: 'asked', number: 1 })
  const run = await taken(id)
  expect(await work.take(randomUUID(), randomUUID())).toBeNull()
  const found = [finding('limit-1', 'fail'), finding('limit-1'), finding('speed'), finding('tls', 'skipped')]
  expect(await work.add(run, found, countProbes(found))).toEqual({ kind: 'kept' })
  await work.end(run)
  const report = await views.find(id, 1)
  expect(report?.run).toMatchObject({ state: 'ended', counts: { pass: 1, warn: 0, fail: 1, skipped: 1 }, why: null })
  expect(report?.findings).toEqual(found)
  expect((await eventsOf(id)).map(({ kind }) => kind)).toEqual([
    ...['check.started', 'check.probe', 'check.probe', 'check.probe', 'check.probe', 'check.ended'],
  ])
  expect((await eventsOf(id)).at(-1)).toMatchObject({ run: 1, outcome: 'ended', passed: 1, failed: 1, skipped: 1 })
})

test('while one has not ended a second is not begun, and its number is told', async () => {
  const id = await connected()
  await ask(id)
  expect(await ask(id)).toEqual({ kind: 'under-way', number: 1 })
  const other = await connected()
  expect(await Promise.all([ask(other), ask(other), ask(other)])).toContainEqual({ kind: 'asked', number: 1 })
  expect(await views.list(other)).toHaveLength(1)
  for (const platform of [id, other]) await work.end(await taken(platform))
})

test('a run whose process died is begun anew: what it found before makes place, what may be tried once stays', async () => {
  const id = await connected()
  await ask(id)
  const first = await taken(id)
  await add(first, finding('limit-1', 'fail'), finding('wrong-token'))
  await lapse()
  const second = await taken(id)
  expect(second.already).toEqual([finding('wrong-token')])
  expect(await add(first, finding('speed'))).toEqual({ kind: 'lost' })
  await work.end(first)
  expect((await views.find(id, 1))?.run).toMatchObject({ state: 'running', counts: { fail: 0 } })
  await add(second, finding('limit-1'))
  await work.end(second)
  expect((await views.find(id, 1))?.findings).toEqual([finding('wrong-token'), finding('limit-1')])
})

test('one that ends its process three times is let be', async () => {
  const id = await connected()
  await ask(id)
  for (let i = 0; i < 3; i++) {
    await taken(id)
    await lapse()
  }
  expect(await work.take(randomUUID(), randomUUID())).toBeNull()
  expect((await views.find(id, 1))?.run).toMatchObject({ state: 'broken-off', why: expect.stringContaining('3 times') })
  expect((await eventsOf(id)).at(-1)).toMatchObject({ kind: 'check.ended', outcome: 'broken-off' })
  expect(await ask(id)).toEqual({ kind: 'asked', number: 2 })
  await work.end(await taken(id))
})

test('a hub that is stopped gives its run back, which does not count as a failure', async () => {
  const id = await connected()
  await ask(id)
  for (let i = 0; i < 5; i++) {
    await work.breakOff(await taken(id), 'The hub was stopped', 'stopped')
    hub.clock.at += HANDSHAKE_SETTLES_MS
  }
  expect((await views.find(id, 1))?.run).toMatchObject({ state: 'broken-off', endedAt: null })
  await work.end(await taken(id))
})

test('a platform that is suspended, disconnected or deleted meanwhile keeps nothing more', async () => {
  const over = async (change: (id: string) => Promise<unknown>) => {
    const id = await connected()
    await ask(id)
    const run = await taken(id)
    await add(run, finding('tls'))
    await change(id)
    const verdict = await add(run, finding('speed', 'fail'))
    expect(await work.renew(run)).toEqual(verdict)
    expect((await views.find(id, 1))?.findings ?? []).not.toContainEqual(finding('speed', 'fail'))
    if (verdict.kind === 'over') await work.breakOff(run, verdict.why, 'over')
    expect(await work.take(randomUUID(), randomUUID())).toBeNull()
    return verdict
  }
  expect(await over((id) => hub.registry.setStatus(id, 'SUSPENDED', 'because', [], BY_ADMIN))).toEqual({
    ...{ kind: 'over', why: 'The platform was suspended' },
  })
  expect(await over((id) => hub.registry.endConnection(id, 'over', BY_ADMIN))).toMatchObject({ kind: 'over' })
  expect(await over((id) => hub.registry.deletePlatform(id))).toEqual({ kind: 'lost' })
})

test('new tokens begin it anew', async () => {
  const id = await connected()
  await ask(id)
  const run = await taken(id)
  await hub.registry.storeHandshake(handshake(id, [], { roles: 'unchanged' }))
  const verdict = await add(run, finding('speed', 'fail'))
  expect(verdict).toMatchObject({ kind: 'anew' })
  await work.breakOff(run, 'The tokens were exchanged meanwhile', 'anew')
  hub.clock.at += HANDSHAKE_SETTLES_MS
  const second = await taken(id)
  expect(await add(second, finding('speed'))).toEqual({ kind: 'kept' })
  await work.end(second)
})

test('the newest 20 are kept', async () => {
  const id = await connected()
  for (let i = 0; i < RUNS_KEPT + 2; i++) {
    await ask(id)
    const run = await taken(id)
    await add(run, finding('tls'))
    await work.end(run)
  }
  const numbers = (await views.list(id)).map(({ number }) => number)
  expect(numbers).toHaveLength(RUNS_KEPT)
  expect(numbers[0]).toBe(RUNS_KEPT + 2)
  expect(await views.find(id, 2)).toBeNull()
  expect((await views.findBefore(id, 10))?.run.number).toBe(9)
})

test('with the schedule live platforms are checked when their last check is long ago', async () => {
  const id = await connected()
  const { orm } = hub.database
  const simulated = { id: randomUUID(), role: 'CPO', sealedToken: 's', accessDigest: randomUUID() } as const
  await attachPartner(orm, simulated, hub.clock.at)
  await scheduleChecks(orm, DAY_MS, hub.clock.at)
  expect(await views.list(id)).toEqual([])
  hub.clock.at += 2 * DAY_MS
  await scheduleChecks(orm, DAY_MS, hub.clock.at)
  await scheduleChecks(orm, DAY_MS, hub.clock.at)
  expect(await views.list(id)).toMatchObject([{ number: 1, askedBy: 'schedule', state: 'waiting' }])
  for (let run = await work.take('x', 'x'); run !== null; run = await work.take('x', 'x')) await work.end(run)
  await scheduleChecks(orm, DAY_MS, hub.clock.at)
  expect(await views.list(id)).toHaveLength(1)
  expect(await views.list(simulated.id)).toEqual([])
})

test('where a check is required a new connection waits for it, and goes live with the one that finds nothing', async () => {
  const id = await connected(required)
  const statusOf = async () => (await required.findPlatform(id))?.status
  expect(await required.findPlatform(id)).toMatchObject({ status: 'PLANNED', awaitsCheck: true })
  expect(await work.take('too', 'early')).toBeNull()
  hub.clock.at += HANDSHAKE_SETTLES_MS
  const first = await taken(id)
  await add(first, finding('versions-answer'), finding('limit-1', 'fail'))
  await work.end(first)
  expect(await statusOf()).toBe('PLANNED')
  expect(await required.setHeld(id, false)).toEqual({ kind: 'awaits-check' })

  const empty = await ask(id)
  expect(empty).toEqual({ kind: 'asked', number: 2 })
  await work.end(await taken(id))
  expect(await statusOf(), 'one that found nothing at all').toBe('PLANNED')

  await ask(id)
  const last = await taken(id)
  await add(last, finding('versions-answer'), finding('limit-1', 'warn'))
  await work.end(last)
  expect(await required.findPlatform(id)).toMatchObject({ status: 'CONNECTED', awaitsCheck: false })
  const [event] = await createEventStore(hub.database.orm).before(
    null,
    { platformId: id, kinds: ['platform.status'] },
    1,
  )
  expect(event?.data).toMatchObject({ from: 'PLANNED', to: 'CONNECTED', by: 'check' })

  await required.storeHandshake(handshake(id, [], { roles: 'unchanged' }))
  expect(await statusOf(), 'what is live stays live').toBe('CONNECTED')
  expect(await ask(id)).toMatchObject({ kind: 'asked' })
  await work.end(await taken(id))
})

test('the last fault that is waived lets it go live, unless an administrator holds it too', async () => {
  const { orm } = hub.database
  const waiver = (probe: ProbeName) => ({ probe, reason: 'known', by: 'ada' })
  for (const isHeld of [false, true]) {
    const id = await connected(required)
    if (isHeld) await required.setHeld(id, true)
    hub.clock.at += HANDSHAKE_SETTLES_MS
    const run = await taken(id)
    await add(run, finding('versions-answer'), finding('limit-1', 'fail'), finding('link-next', 'fail'))
    await work.end(run)
    const faults = async () =>
      (await createConcernStore(orm).concerns(hub.clock.at, 100)).filter((c) => c.platformId === id)
    expect(await faults()).toMatchObject([{ kind: 'check-failed', run: 1, faults: 2 }])
    expect(await waive(orm, id, waiver('limit-1'), hub.clock.at, BY_ADMIN)).toEqual({ kind: 'changed' })
    expect(await faults()).toMatchObject([{ faults: 1 }])
    expect((await required.findPlatform(id))?.status).toBe('PLANNED')
    await waive(orm, id, waiver('link-next'), hub.clock.at, BY_ADMIN)
    expect(await faults()).toEqual([])
    expect(await required.findPlatform(id)).toMatchObject({
      status: isHeld ? 'PLANNED' : 'CONNECTED',
      awaitsCheck: false,
    })
    if (isHeld) expect(await required.setHeld(id, false)).toEqual({ kind: 'changed' })
    expect((await required.findPlatform(id))?.status).toBe('CONNECTED')
    await unwaive(orm, id, 'limit-1')
    expect((await required.findPlatform(id))?.status).toBe('CONNECTED')
    expect(await faults()).toMatchObject([{ faults: 1 }])
    expect((await views.waivers(id)).map(({ probe }) => probe)).toEqual(['link-next'])
  }
  expect(await waive(orm, randomUUID(), waiver('tls'), 0, BY_ADMIN)).toEqual({ kind: 'unknown-platform' })
})

test('one that passed while it is held is checked once more when it sends other credentials', async () => {
  const id = await connected(required)
  await required.setHeld(id, true)
  hub.clock.at += HANDSHAKE_SETTLES_MS
  const run = await taken(id)
  await add(run, finding('versions-answer'))
  await work.end(run)
  expect(await required.findPlatform(id)).toMatchObject({ status: 'PLANNED', awaitsCheck: false })
  await required.storeHandshake(
    handshake(id, [], { roles: 'unchanged', versionsUrl: 'https://other.example/versions' }),
  )
  expect(await required.findPlatform(id)).toMatchObject({ status: 'PLANNED', awaitsCheck: true })
  await required.setHeld(id, false)
  expect((await required.findPlatform(id))?.status).toBe('PLANNED')
  hub.clock.at += HANDSHAKE_SETTLES_MS
  const second = await taken(id)
  await add(second, finding('versions-answer'))
  await work.end(second)
  expect((await required.findPlatform(id))?.status).toBe('CONNECTED')
})

test('a check of the connection before lets nobody go live', async () => {
  const id = await connected(required)
  hub.clock.at += HANDSHAKE_SETTLES_MS
  const run = await taken(id)
  await add(run, finding('versions-answer'), finding('limit-1', 'fail'))
  await work.end(run)
  await required.endConnection(id, 'over', BY_ADMIN)
  await required.storeHandshake(handshake(id, [], { roles: 'unchanged' }))
  await waive(hub.database.orm, id, { probe: 'limit-1', reason: 'known', by: 'ada' }, hub.clock.at, BY_ADMIN)
  expect((await required.findPlatform(id))?.status).toBe('PLANNED')
  hub.clock.at += HANDSHAKE_SETTLES_MS
  const second = await taken(id)
  await add(second, finding('versions-answer'), finding('limit-1', 'fail'))
  await work.end(second)
  expect((await required.findPlatform(id))?.status).toBe('CONNECTED')
})

test('once checks are not required any more an administrator releases who waits', async () => {
  const id = await connected(required)
  expect(await hub.registry.setHeld(id, false)).toEqual({ kind: 'changed' })
  expect(await hub.registry.findPlatform(id)).toMatchObject({ status: 'CONNECTED', awaitsCheck: false })
})
