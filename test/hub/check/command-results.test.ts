import { expect, test } from 'vitest'
import { type CheckCommands, createCommandResults } from '../../../src/hub/check/command-results.ts'

const ABOUT = { platformId: 'cpo' }

/** A hub in which time passes only while somebody waits. */
function createResults(commands: Partial<CheckCommands> = {}, signal = new AbortController().signal) {
  const results = new Map<string, string>()
  const opened: unknown[][] = []
  let time = 1_000_000
  const { open } = createCommandResults(
    {
      commands: {
        open: async (...row) => void opened.push(row),
        result: async (id) => results.get(id) ?? null,
        take: () => Promise.reject(new Error('Nobody posts here')),
        ...commands,
      },
      publicUrl: 'https://hub.example',
      random: { token: () => 'abcdefghijklmnopqrstuvwxyz' },
      now: () => time,
      after: (ms, act) => {
        queueMicrotask(() => {
          time += ms
          act()
        })
        return () => undefined
      },
    },
    { ...ABOUT, signal },
  )
  return { open, results, opened, time: () => time }
}

test('a command of a check has a URL of the hub, for the platform that is checked, which ends after the check', async () => {
  const { open, opened } = createResults()
  expect((await open()).url).toBe('https://hub.example/ocpi/check/abcdefghijklmnopqrstuv')
  expect(opened).toEqual([['abcdefghijklmnopqrstuv', 'cpo', 1_600_000]])
})

test('a result is waited for as long as the command may take, and no longer', async () => {
  const { open, results, time } = createResults()
  const { within } = await open()
  expect(await within(30_200)).toBeNull()
  expect(time()).toBe(1_030_200)
  results.set('abcdefghijklmnopqrstuv', 'REJECTED')
  expect(await within(1)).toBe('REJECTED')
  expect(time()).toBe(1_030_200)
})

test('a database that is away for a moment is no fault of the partner', async () => {
  let asked = 0
  const { open } = createResults({
    result: () => (++asked < 3 ? Promise.reject(new Error('away')) : Promise.resolve('FAILED')),
  })
  expect(await (await open()).within(5_000)).toBe('FAILED')
})

test('a check that ends waits for nothing', async () => {
  const { open, time } = createResults({}, AbortSignal.abort())
  expect(await (await open()).within(60_000)).toBeNull()
  expect(time()).toBe(1_000_000)
})
