import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEventStore } from '../../../src/storage/administration/events.ts'
import { noteSeenPlatforms } from '../../../src/storage/administration/seen-events.ts'
import { noteTokensThatEnd } from '../../../src/storage/administration/token-events.ts'
import { newPlatform, openTestRegistry } from '../../support/registry.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

let hub: Awaited<ReturnType<typeof openTestRegistry>>
let id: string
let now: number

beforeEach(async () => {
  hub = await openTestRegistry()
  const platform = newPlatform()
  id = platform.id
  await hub.registry.createPlatform(platform)
  now = hub.clock.at
})
afterEach(() => hub.close())

/** What is told of the platform by a look in this moment. */
async function told(look: typeof noteSeenPlatforms) {
  const store = createEventStore(hub.database.orm)
  const before = await store.last()
  await look(hub.database.orm, now)
  const events = await store.after(before, { platformId: id, kinds: null }, 100)
  return events.map(({ at, kind, data }) => ({ at, kind, ...data }))
}

describe('An administrator is told that a platform was heard', () => {
  const hear = (at: number) => hub.registry.noteSeen(new Map([[id, at]]))

  test('at most once a minute, however often it is heard', async () => {
    await hear(now)
    expect(await told(noteSeenPlatforms)).toEqual([{ at: now, kind: 'platform.seen' }])
    now += MINUTE_MS - 1
    await hear(now)
    expect(await told(noteSeenPlatforms)).toEqual([])
    now += 1
    expect(await told(noteSeenPlatforms)).toEqual([{ at: now - 1, kind: 'platform.seen' }])
  })

  test('not while it is silent', async () => {
    await hear(now)
    await told(noteSeenPlatforms)
    now += 10 * MINUTE_MS
    expect(await told(noteSeenPlatforms)).toEqual([])
  })

  test('once where two processes look in the same moment', async () => {
    await hear(now)
    const { orm } = hub.database
    const look = () => noteSeenPlatforms(orm, now)
    expect(await told(() => Promise.all([look(), look()]).then(() => undefined))).toHaveLength(1)
  })
})

describe('An administrator is told that a registration token ends', () => {
  let endsAt: number

  beforeEach(async () => {
    endsAt = now + 30 * DAY_MS
    await hub.registry.putRegistration(id, 'digest of a token', endsAt)
  })

  test('7, 3 and 1 days before, once each, whichever process looks', async () => {
    const days: unknown[] = []
    for (; now < endsAt + DAY_MS; now += DAY_MS / 4) {
      const events = await told(noteTokensThatEnd)
      days.push(...events)
    }
    expect(days).toEqual(
      [7, 3, 1].map((each) => ({
        at: endsAt - each * DAY_MS,
        kind: 'token.expires-soon',
        days: each,
        expires_at: new Date(endsAt).toISOString(),
      })),
    )
  })

  test('by the next event that is due where nobody looked for days', async () => {
    now = endsAt - DAY_MS / 2
    expect(await told(noteTokensThatEnd)).toMatchObject([{ days: 1 }])
  })

  test('anew of the token that takes its place', async () => {
    now = endsAt - 5 * DAY_MS
    await told(noteTokensThatEnd)
    await hub.registry.putRegistration(id, 'digest of another', now + 6 * DAY_MS)
    expect(await told(noteTokensThatEnd)).toMatchObject([{ days: 7 }])
  })
})
