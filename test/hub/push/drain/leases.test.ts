import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { BUSY_SECOND_MS } from '../../../support/stamps.ts'
import { type Received, type Receiver, startReceiver, until } from '../receiver.ts'
import type { RigPlatform } from '../rig.ts'
import { startWorker, type WorkerProcess } from '../worker-process.ts'

const PARTNERS = 12
const RATE = 20

let database: TestDatabase
let receivers: Receiver[]
let workers: WorkerProcess[]
let platforms: RigPlatform[]

beforeEach(async () => {
  database = await createTestDatabase()
  receivers = await Promise.all(Array.from({ length: PARTNERS }, () => startReceiver()))
  platforms = receivers.map(({ origin }, i) => ({
    id: `emsp-${i}`,
    party: `NL*${100 + i}`,
    roles: ['EMSP'],
    origin,
    delivery: { requestsPerSecond: RATE },
  }))
  platforms.push({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'] })
  workers = []
})

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.kill()))
  await Promise.all(receivers.map((receiver) => receiver.close()))
  await database.drop()
})

describe('Several hub processes on one database', () => {
  test('share the partners, take over from a killed and from a frozen one, and keep each partner rate throughout', async () => {
    for (const name of ['a', 'b', 'c']) {
      workers.push(await startWorker({ url: database.url, platforms, name, takesOver: false }))
    }
    const [a, b, c] = workers as [WorkerProcess, WorkerProcess, WorkerProcess]
    let isOver = false
    let serial = 0
    const pushing = (async () => {
      while (!isOver) {
        // More than the rate, so that work always waits.
        await c.push('cpo', { path: `/NL/CPO/L${serial}`, body: { serial: serial++ } })
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    })()
    try {
      await until(() => new Set(receivers.map(latestSender)).size === 3, 'all three send')

      await a.kill()
      const killedAt = performance.now()
      const ofA = receivers.filter((receiver) => latestSender(receiver) === 'a')
      await until(() => ofA.every((receiver) => latestSender(receiver) !== 'a'), 'taken over from the killed one')

      const ofB = receivers.filter((receiver) => latestSender(receiver) === 'b')
      b.child.kill('SIGSTOP')
      await until(() => ofB.every((receiver) => latestSender(receiver) !== 'b'), 'taken over from the frozen one')
      const known = receivers.map((receiver) => new Set(receiver.received.map(serialOf)))
      const before = receivers.map((receiver) => receiver.received.length)
      b.child.kill('SIGCONT')
      await until(() => receivers.some((receiver) => latestSender(receiver) === 'b'), 'the thawed one takes part again')

      for (const [i, receiver] of receivers.entries()) {
        const repeated = receiver.received
          .slice(before[i])
          .filter((each) => senderOf(each) === 'b' && known[i]?.has(serialOf(each)))
        expect(repeated.map(serialOf)).toEqual([])
        // By the senders' clock, which is the same for all here: a busy machine delays one request more than another.
        const times = receiver.received.map((each) => Number(each.headers['x-test-sent-at'])).sort((x, y) => x - y)
        for (let n = RATE; n < times.length; n++) {
          expect((times[n] as number) - (times[n - RATE] as number)).toBeGreaterThan(BUSY_SECOND_MS)
        }
      }
      expect(performance.now() - killedAt).toBeLessThan(40_000)
    } finally {
      isOver = true
      await pushing
    }
    await Promise.all([b.stop(), c.stop()])
  }, 90_000)
})

function senderOf(request: Received): string {
  return String(request.headers['x-test-sender'])
}

function latestSender(receiver: Receiver): string | null {
  const latest = receiver.received.at(-1)
  return latest ? senderOf(latest) : null
}

function serialOf(request: Received): number {
  return (JSON.parse(request.body) as { serial: number }).serial
}
