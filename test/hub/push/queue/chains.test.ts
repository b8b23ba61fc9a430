import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covers } from '../../../../src/hub/push/log/superseded.ts'
import type { Push } from '../../../../src/hub/push/push.ts'
import { ChainBook } from '../../../../src/hub/push/queue/chains.ts'
import { type Entry, entryOf } from '../../../../src/hub/push/queue/entry.ts'
import { newPush, platformOf } from '../rig.ts'

const CPO = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://cpo' })
const PUSH = newPush(CPO, { path: '/NL/CPO/L1' })

const PATHS = ['l1', 'l1/e1', 'l1/e1/c1', 'l1/e2', 'l1/e10', 'l2', 'l2/e1']

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      path: fc.constantFrom(...PATHS),
      method: fc.constantFrom('PUT' as const, 'PATCH' as const, 'DELETE' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(3), fails: fc.boolean(), wait: fc.nat(3) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const) }) },
)

/** Plays steps, then lets everything be sent. Returns all that was accepted, and what was delivered, in order. */
function play(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) {
  const book = new ChainBook()
  const accepted: Entry[] = []
  const delivered: Entry[] = []
  const superseded: Entry[] = []
  const flying: Entry[] = []
  let now = 1

  function take(): boolean {
    const entry = book.take()
    if (!entry) return false
    expect(flying.some((other) => other.push.chainKey === entry.push.chainKey)).toBe(false)
    flying.push(entry)
    return true
  }

  function end(which: number, fails: boolean, wait: number): void {
    const [entry] = flying.splice(which % Math.max(1, flying.length), 1)
    if (!entry) return
    if (fails) {
      if (!book.putBack(entry, now + 1 + wait)) superseded.push(entry)
    } else {
      delivered.push(entry)
      book.settle(entry)
    }
  }

  for (const each of steps) {
    if (each.kind === 'add') {
      const { path, method } = each
      const keys = { number: accepted.length + 1, chainKey: path.slice(0, 2), pathKey: path }
      const entry = entryOf({ ...PUSH, method, ...keys })
      accepted.push(entry)
      superseded.push(...book.add(entry))
    } else if (each.kind === 'take') take()
    else if (each.kind === 'end') end(each.which, each.fails, each.wait)
    else book.advance(++now)
  }
  for (let guard = 0; guard < 10_000 && (book.waitingCount() > 0 || flying.length > 0); guard++) {
    book.advance((now += 10))
    take()
    end(0, false, 0)
  }
  expect(book.waitingCount()).toBe(0)
  expect(book.readyCount()).toBe(0)
  const pushesOf = (entries: readonly Entry[]) => entries.map(({ push }) => push)
  return { accepted: pushesOf(accepted), delivered: pushesOf(delivered), superseded: pushesOf(superseded) }
}

describe('Waiting pushes of a chain', () => {
  test('are each delivered once or superseded, and only by a newer PUT or DELETE of their path or above', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { accepted, delivered, superseded } = play(steps)
        expect([...delivered, ...superseded].map(({ number }) => number).sort((a, b) => a - b)).toEqual(
          accepted.map(({ number }) => number),
        )
        for (const gone of superseded) {
          expect(
            accepted.some(
              (newer) => newer.number > gone.number && newer.method !== 'PATCH' && covers(newer.pathKey, gone.pathKey),
            ),
          ).toBe(true)
        }
      }),
    )
  })

  test('never overtake one another, also across retries', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { delivered } = play(steps)
        for (const key of ['l1', 'l2']) {
          const numbers = delivered.filter(({ chainKey }) => chainKey === key).map(({ number }) => number)
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
        }
      }),
    )
  })

  test('leave a partner in the state it would have had with all of them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { accepted, delivered } = play(steps)
        expect(stateAfter(delivered)).toEqual(stateAfter(accepted))
      }),
    )
  })
})

/** What was last said of each path, PATCHes since then included. A PUT or DELETE ends all that was said beneath. */
function stateAfter(pushes: readonly Push[]): Record<string, number[]> {
  const state: Record<string, number[]> = {}
  for (const { number, pathKey, method } of pushes) {
    if (method !== 'PATCH') {
      for (const path of Object.keys(state)) if (covers(pathKey, path)) delete state[path]
      state[pathKey] = [number]
    } else (state[pathKey] ??= []).push(number)
  }
  return state
}

test('A path covers itself and what lies beneath, not its namesakes', () => {
  expect(covers('l1', 'l1')).toBe(true)
  expect(covers('l1', 'l1/e1')).toBe(true)
  expect(covers('l1', 'l10')).toBe(false)
  expect(covers('l1/e1', 'l1')).toBe(false)
})
