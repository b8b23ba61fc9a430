import { describe, expect, test } from 'vitest'
import { machineOf } from '../scale/node.ts'
import { scalePieces } from '../scale/tables.ts'
import { awakeShare, gathered, trafficOf } from '../scale/traffic.ts'
import { billOf, loadOf } from '../scale/workers.ts'
import { readPage } from './pages.ts'

// The operators' chapter on scale, held against `npm run scale`.

const [, chapter = ''] = /^## Scale\n(.*?)^## /ms.exec(readPage('docs/operators.md')) ?? []

describe('the chapter on scale', () => {
  test.each(scalePieces())('holds what npm run scale prints: $title', ({ text }) => {
    expect(chapter).toContain(text)
  })

  test('says in words what its tables say', () => {
    const small = billOf(loadOf(trafficOf({ platforms: 10, chargePoints: 1_000 })))
    const dollars = Object.values(small).reduce((sum, item) => sum + item, 0)
    expect(chapter).toContain(`it costs $${Math.round(dollars)} a month`)
    const { processes } = machineOf(trafficOf({ platforms: 1_000, chargePoints: 1_000_000 }))
    expect(chapter).toContain(`\`PROCESSES=${processes}\``)
    const busy = {
      platforms: 0,
      chargePoints: 0,
      pushes: 0,
      directs: 0,
      receivers: 100,
      perReceiver: 20,
      deliveries: 2_000,
    }
    const callsOfAQueue = loadOf(busy).logCalls / busy.receivers
    expect(chapter).toContain(`some ${Math.round(1_000 / callsOfAQueue / 10) * 10} queues that are busy all the time`)
  })
})

describe('what the tables are computed with', () => {
  const SECONDS = 50_000

  /** Moments of events that come at random, the same at each run. */
  function* momentsOf(rate: number): Generator<number> {
    let seed = 42
    for (let at = 0; ; ) {
      seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32
      at += -Math.log(1 - seed / 2 ** 32) / rate
      if (at > SECONDS) return
      yield at
    }
  }

  test.each([0.05, 1, 20])('counts calls that gather events as they come, %d a second', (rate) => {
    const everyS = 0.25
    let calls = 0
    let freeAt = 0
    let hasWaiting = false
    for (const at of momentsOf(rate)) {
      if (at >= freeAt && hasWaiting) {
        calls++
        freeAt += everyS
        hasWaiting = false
      }
      if (at < freeAt) hasWaiting = true
      else {
        calls++
        freeAt = at + everyS
      }
    }
    expect(gathered(rate, everyS) / (calls / SECONDS)).toBeCloseTo(1, 1)
  })

  test.each([0.05, 1])('counts how long something is awake that rests after %d events a second', (rate) => {
    const restS = 2
    let awake = 0
    let until = 0
    for (const at of momentsOf(rate)) {
      awake += at + restS - Math.max(until, at)
      until = at + restS
    }
    expect(awakeShare(rate, restS) / (awake / SECONDS)).toBeCloseTo(1, 1)
  })
})
