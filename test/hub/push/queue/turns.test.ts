import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SendResult } from '../../../../src/hub/ports.ts'
import { Turns } from '../../../../src/hub/push/queue/turns.ts'
import { createTestDatabase } from '../../../support/database.ts'
import { DELIVERED, emsp, holdQueues } from '../held.ts'
import { until } from '../receiver.ts'
import { openRig, type Rig } from '../rig.ts'

const CPO = { id: 'cpo', party: 'NL*CPO', roles: ['CPO'] } as const
const PARTNERS = 50

describe('With many partners', () => {
  let rig: Rig
  let drop: () => Promise<void>
  let begun: number

  beforeEach(async () => {
    const database = await createTestDatabase()
    drop = database.drop
    begun = 0
    rig = openRig(database.url, {
      async send(): Promise<SendResult> {
        begun++
        const endsAt = performance.now() + 1
        while (performance.now() < endsAt);
        return { kind: 'answer', status: 200, headers: [], body: new Uint8Array(0) }
      },
    })
    await rig.put(CPO, ...Array.from({ length: PARTNERS }, (_, n) => emsp(n)))
    await rig.start()
  })
  afterEach(async () => {
    await rig.close()
    await drop()
  })

  test('a sender has its answer before its push goes out', async () => {
    await rig.push('cpo', { path: '/NL/CPO/L1' })
    expect(begun).toBe(0)
    await until(() => begun === PARTNERS, 'it to go out to all')
  })

  test('no more than a few deliveries are begun before everything else has its turn', async () => {
    const pushing = rig.push('cpo', { path: '/NL/CPO/L1' })
    let most = 0
    while (begun < PARTNERS) {
      const before = begun
      await new Promise((resolve) => setImmediate(resolve))
      most = Math.max(most, begun - before)
    }
    await pushing
    expect(most).toBeLessThan(10)
  })
})

test('Partners that hang with all that they may have at once take nothing from the others', async () => {
  const held = await holdQueues(Array.from({ length: 101 }, (_, n) => emsp(n)))
  held.answer = (_, to) => (to === 'emsp100' ? DELIVERED : null)
  await held.push(...Array.from({ length: 200 }, (_, i) => ({ path: `/NL/CPO/L${i}` })))
  expect(held.underWay).toHaveLength(800)
  expect(held.begun.filter(({ to }) => to === 'emsp100')).toHaveLength(200)
})

describe('Turns', () => {
  function turns() {
    const due: (() => void)[] = []
    const faults: unknown[] = []
    let time = 0
    const line = new Turns({
      soon: (callback) => due.push(callback),
      clock: () => time,
      onFault: (error) => faults.push(error),
    })
    const lineUp = (takeTurn: () => void) => line.lineUp(takeTurn)
    return { lineUp, faults, due, proceed: () => due.shift()?.(), pass: (ms: number) => (time += ms) }
  }

  test('come round equally to all who have more and more to do', () => {
    const { lineUp, proceed, pass } = turns()
    const had = Array.from({ length: 10 }, () => 0)
    const takeTurn = (n: number) => () => {
      had[n]!++
      pass(0.05)
      lineUp(takeTurn(n))
    }
    for (let n = 0; n < 10; n++) lineUp(takeTurn(n))
    for (let i = 0; i < 100; i++) proceed()
    expect(Math.min(...had)).toBeGreaterThan(50)
    expect(Math.max(...had) - Math.min(...had)).toBeLessThanOrEqual(1)
  })

  test('go on after one that failed, and end when nobody is in line', () => {
    const { lineUp, proceed, faults, due } = turns()
    let had = 0
    lineUp(() => {
      throw new Error('broken')
    })
    lineUp(() => had++)
    proceed()
    expect(had).toBe(1)
    expect(faults).toEqual([new Error('broken')])
    expect(due).toEqual([])
    lineUp(() => had++)
    proceed()
    expect(had).toBe(2)
  })
})
