import { beforeEach, describe, expect, test } from 'vitest'
import { createLockOuts, type LockOut, type LockOutStore } from '../../../src/hub/administration/lock-outs.ts'

const ADDRESS = '192.0.2.7'

let now: number
let ids: number
/** As all processes see it. */
let rows: Map<string, LockOut & { liftedAt: number | null }>
let notes: number

const store: LockOutStore = {
  async note(lockOut) {
    notes++
    const key = `${lockOut.address} ${lockOut.name}`
    rows.set(key, { ...lockOut, id: rows.get(key)?.id ?? lockOut.id, liftedAt: null })
  },
  list: async () => [...rows.values()].filter(({ liftedAt }) => liftedAt === null),
  lifted: async () =>
    [...rows.values()].flatMap((row) => (row.liftedAt === null ? [] : [{ ...row, liftedAt: row.liftedAt }])),
}

const startProcess = (own: Partial<LockOutStore> = {}) =>
  createLockOuts({
    store: { ...store, ...own },
    random: { id: () => String(++ids) },
    now: () => now,
    perMinute: 30,
    onFailed: () => undefined,
  })

beforeEach(() => {
  now = Date.UTC(2026, 0, 1)
  ids = 0
  notes = 0
  rows = new Map()
})

async function fail(process: ReturnType<typeof startProcess>, times: number, name?: string): Promise<void> {
  for (let time = 0; time < times; time++) await process.failed(ADDRESS, name)
}

function lift(name: string | null): void {
  const row = rows.get(`${ADDRESS} ${name}`)
  if (row) row.liftedAt = now
}

describe('Whoever fails to sign in too often', () => {
  test('waits with that name from that address, and is listed', async () => {
    const process = startProcess()
    await fail(process, 9, 'Ada')
    expect([await process.mayTry(ADDRESS, 'ada'), await process.list()]).toEqual([true, []])
    await fail(process, 1, 'ADA')
    expect(await process.mayTry(ADDRESS, 'Ada')).toBe(false)
    expect([await process.mayTry(ADDRESS, 'Bob'), await process.mayTry('192.0.2.8', 'Ada')]).toEqual([true, true])
    const listed = {
      id: '1',
      address: ADDRESS,
      name: 'ada',
      since: now,
      nextTryAt: now + 60_000,
      endsAt: now + 600_000,
    }
    expect(await process.list()).toMatchObject([listed])
    now += 60_000
    expect(await process.mayTry(ADDRESS, 'Ada')).toBe(true)
  })

  test('waits with all names once the address has failed too often', async () => {
    const process = startProcess()
    await fail(process, 30)
    expect(await process.mayTry(ADDRESS, 'Bob')).toBe(false)
    expect(await process.failed(ADDRESS)).toEqual({ kind: 'empty', retryAfterSeconds: 2 })
    expect(await process.list()).toMatchObject([{ name: null, nextTryAt: now + 2_000, endsAt: now + 60_000 }])
  })

  test('is noted every five seconds, however often they try', async () => {
    const process = startProcess()
    await fail(process, 1_000)
    expect(notes).toBe(1)
    now += 5_000
    await fail(process, 1_000)
    expect(notes).toBe(2)
  })

  test('may try again in every process once an administrator lifts it, and is shut out anew by failing again', async () => {
    const [one, other] = [startProcess(), startProcess()]
    await fail(one, 10, 'Ada')
    await fail(other, 10, 'Ada')
    lift('ada')
    now += 1_000
    expect([await one.mayTry(ADDRESS, 'Ada'), await other.mayTry(ADDRESS, 'Ada')]).toEqual([true, true])
    now += 5_000
    await fail(one, 10, 'Ada')
    expect([await one.mayTry(ADDRESS, 'Ada'), await other.mayTry(ADDRESS, 'Ada')]).toEqual([false, true])
    expect(await one.list()).toHaveLength(1)
  })

  test('waits all the same while the database is away', async () => {
    const away = () => Promise.reject(new Error('away'))
    const process = startProcess({ note: away, lifted: away })
    await fail(process, 10, 'Ada')
    expect(await process.mayTry(ADDRESS, 'Ada')).toBe(false)
  })

  test('is let in once for what was lifted, and not again once a database that was away is back', async () => {
    let isAway = false
    const process = startProcess({
      note: async (lockOut) => void (notes === 0 && (await store.note(lockOut, now))),
      lifted: (at) => (isAway ? Promise.reject(new Error('away')) : store.lifted(at)),
    })
    await fail(process, 10, 'Ada')
    lift('ada')
    expect(await process.mayTry(ADDRESS, 'Ada')).toBe(true)
    await fail(process, 10, 'Ada')
    const tries: boolean[] = []
    for (isAway of [true, false]) {
      now += 1_000
      tries.push(await process.mayTry(ADDRESS, 'Ada'))
    }
    expect(tries).toEqual([false, false])
  })
})
