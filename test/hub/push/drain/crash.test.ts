import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { disorder, leftBehind, lost, type Sent } from '../../../support/acknowledged.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { type Receiver, startReceiver, until } from '../receiver.ts'
import type { RigPlatform } from '../rig.ts'
import { startWorker, type WorkerProcess } from '../worker-process.ts'

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 6)
const OBJECTS = 12

let database: TestDatabase
let receivers: Receiver[]
let platforms: RigPlatform[]

beforeEach(async () => {
  database = await createTestDatabase()
  receivers = await Promise.all([startReceiver(), startReceiver(), startReceiver()])
  platforms = receivers.map(({ origin }, i) => ({
    ...{ id: `emsp${i}`, party: `NL*M0${i}`, roles: ['EMSP'], origin },
    delivery: { concurrency: 4 },
  }))
  platforms.push({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'] })
})

afterEach(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()))
  await database.drop()
})

describe('A hub process that is killed', () => {
  test('loses nothing it answered for: each push, or a newer one that replaced it, reaches every partner in order', async () => {
    for (const [i, receiver] of receivers.entries()) {
      receiver.answer = async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * i))
        return i === 2 && Math.random() < 0.05 ? { status: 503, headers: { 'Retry-After': '0' } } : {}
      }
    }
    const sent: Sent[] = []
    /** How many requests each receiver had when a process died. */
    const deaths: number[][] = []
    let serial = 0
    let worker: WorkerProcess
    for (let round = 0; round < ROUNDS; round++) {
      worker = await startWorker({ url: database.url, platforms, name: `${round}`, takesOver: true })
      let isDead = false
      const senders = Array.from({ length: OBJECTS }, async (_, i) => {
        while (!isDead) {
          // Objects of this life only, seldom put: no later push hides that one was lost.
          const object = `R${round}L${i}`
          const each: Sent = {
            object,
            serial: ++serial,
            method: Math.random() < 0.1 ? 'PUT' : 'PATCH',
            isAnswered: false,
          }
          sent.push(each)
          const push = { method: each.method, path: `/NL/CPO/${each.object}`, body: { serial: each.serial } }
          each.isAnswered = (await worker.push('cpo', push)) !== null
        }
      })
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 900))
      await worker.kill()
      isDead = true
      await Promise.all(senders)
      await until(() => receivers.every((receiver) => receiver.inFlight() === 0), 'connections of the dead are gone')
      deaths.push(receivers.map((receiver) => receiver.received.length))
    }
    expect(sent.filter((each) => each.isAnswered).length).toBeGreaterThan(ROUNDS * OBJECTS)

    worker = await startWorker({ url: database.url, platforms, name: 'last', takesOver: true })
    for (const [i, receiver] of receivers.entries()) {
      await until(() => lost(sent, serialsOf(receiver)).length === 0, `partner ${i} has everything`).catch(() => {
        expect(lost(sent, serialsOf(receiver))).toEqual([])
      })
    }
    await worker.stop()

    for (const [i, receiver] of receivers.entries()) {
      const bounds = [0, ...deaths.map((each) => each[i] ?? 0), receiver.received.length]
      for (let life = 1; life < bounds.length; life++) {
        expect(disorder(sent, serialsOf(receiver).slice(bounds[life - 1], bounds[life]))).toEqual([])
      }
      expect(leftBehind(sent, serialsOf(receiver))).toEqual([])
    }
  }, 120_000)
})

function serialsOf(receiver: Receiver): number[] {
  return receiver.received.map((request) => (JSON.parse(request.body) as { serial: number }).serial)
}
