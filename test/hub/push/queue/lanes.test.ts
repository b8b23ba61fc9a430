import { describe, expect, test } from 'vitest'
import { Circuit } from '../../../../src/hub/push/attempt/circuit.ts'
import type { Lane } from '../../../../src/hub/push/queue/lane.ts'
import { Lanes } from '../../../../src/hub/push/queue/lanes.ts'
import type { LogLane } from '../../../../src/hub/push/queue/log-lane.ts'

/** A lane of which so many entries wait, and none is ever in flight for long. */
function laneOf(module: string, waiting: number): Lane & { waiting: number } {
  const lane: Lane & { waiting: number } = {
    ...{ module, waiting, circuit: new Circuit(() => 0), givesUp: true },
    readyCount: () => lane.waiting,
    take() {
      lane.waiting--
      return null
    },
    ...{ advance() {}, settle() {}, putBack() {}, forgetFailures() {}, stop() {} },
    wakesAt: () => null,
    state: () => ({ waiting: lane.waiting, unread: 0, inFlight: 0, oldestAt: null }),
  }
  return lane
}

function lanesOf(infos: number, pushes: number) {
  const lanes = new Lanes()
  const first = laneOf('hubclientinfo', infos)
  const log = laneOf('locations', pushes)
  lanes.first = first
  // Of a lane of the log nothing but this is asked here.
  lanes.add(log as unknown as LogLane)
  function turns(count: number): string {
    let order = ''
    for (let i = 0; i < count; i++) {
      const lane = lanes.next(0)
      lane?.take()
      order += lane === undefined ? '' : lane === first ? 'i' : 'p'
    }
    return order
  }
  return { first, log, turns }
}

describe('What the hub tells of clients', () => {
  test('goes before pushes that wait, while it is little', () => {
    expect(lanesOf(5, 5).turns(20)).toBe('iiiiippppp')
  })

  test('takes turns with pushes when it is much: of a thousand, an honest push is among the first few', () => {
    expect(lanesOf(1_000, 3).turns(14)).toBe('iiiiipipipiiii')
  })

  test('does so also when there is more of it again and again', () => {
    const { first, turns } = lanesOf(0, 1_000)
    let order = ''
    for (let i = 0; i < 100; i++) {
      first.waiting = 5
      order += turns(2)
      first.waiting = 0
      order += turns(1)
    }
    expect(order).toHaveLength(300)
    expect(order.split('p').length - 1).toBeGreaterThan(140)
  })

  test('has all turns while no push waits, and still goes before the next ones', () => {
    const { log, turns } = lanesOf(100, 0)
    expect(turns(50)).toBe('i'.repeat(50))
    log.waiting = 2
    expect(turns(9)).toBe('iiiiipipi')
  })
})
