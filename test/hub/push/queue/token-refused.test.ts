import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../../../src/hub/push/attempt/deliver.ts'
import { DELIVERED, emsp, type Held, holdQueues } from '../held.ts'

const REFUSED: Delivery = { kind: 'token-refused', reason: 'HTTP 401' }

function locations(count: number) {
  return Array.from({ length: count }, (_, i) => ({ path: `/NL/CPO/L${i}` }))
}

function countChecks(held: Held, isAlive: boolean): () => number {
  let checks = 0
  held.isAlive = async () => {
    checks++
    return isAlive
  }
  return () => checks
}

function pauseCause(held: Held) {
  return held.queues().states()[0]?.pauseCause
}

async function pass(held: Held, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 4; i++) await held.pass(250)
}

describe("A partner that does not take the hub's token", () => {
  test('is sent nothing until it is asked for a sign of life, and then everything: nothing is lost', async () => {
    const held = await holdQueues([emsp(0)])
    let isAsked: (isAlive: boolean) => void = () => {}
    held.isAlive = () => new Promise((resolve) => (isAsked = resolve))
    held.answer = () => REFUSED
    await held.push(...locations(50))
    expect(held.begun).toHaveLength(8)
    expect(pauseCause(held)).toBe('token-refused')
    held.answer = () => DELIVERED
    await pass(held, 60)
    expect(held.begun).toHaveLength(8)
    isAsked(true)
    await pass(held, 1)
    expect(held.queues().states()).toMatchObject([
      { delivered: 50, failed: 0, missed: 0, waiting: 0, pauseCause: null },
    ])
  })

  test('thirty times, and then takes it, loses nothing', async () => {
    const held = await holdQueues([emsp(0)])
    held.answer = () => (held.begun.length <= 30 ? REFUSED : DELIVERED)
    await held.push(...locations(30))
    await pass(held, 20)
    expect(held.queues().states()).toMatchObject([{ delivered: 30, failed: 0, missed: 0 }])
    expect(held.missed).toEqual([])
  })

  test('though it is alive is asked ever more seldom, and misses what was tried for too long', async () => {
    const held = await holdQueues([emsp(0, { maxAgeSeconds: 900 })], undefined, () => 0.99)
    const checks = countChecks(held, true)
    held.answer = () => REFUSED
    await held.push(...locations(8))
    await pass(held, 60)
    expect(held.begun.length).toBeLessThanOrEqual(8 * 7)
    await pass(held, 860)
    expect(held.begun.length).toBeLessThan(8 * 25)
    expect(checks()).toBeLessThan(180)
    expect(held.missed.map(({ path }) => path).sort()).toEqual(locations(8).map(({ path }) => path))
    expect(held.queues().states()).toMatchObject([{ delivered: 0, failed: 0, missed: 8, waiting: 0 }])
  })

  test('though it is alive misses a long backlog too, and is never asked at full rate', async () => {
    const held = await holdQueues([emsp(0, { maxAgeSeconds: 900 })], undefined, () => 0.99)
    held.answer = () => REFUSED
    await held.push(...locations(300))
    await pass(held, 600)
    expect(held.begun.length).toBeLessThan((8 * 600) / 4)
    await pass(held, 3_000)
    expect(held.queues().states()).toMatchObject([{ delivered: 0, failed: 0, missed: 300, waiting: 0 }])
  })

  test('gets everything at once when it has given the hub a new one', async () => {
    const held = await holdQueues([emsp(0)], undefined, () => 0.99)
    held.isAlive = () => new Promise(() => {})
    held.answer = () => REFUSED
    await held.push(...locations(20))
    expect(pauseCause(held)).toBe('token-refused')
    held.answer = () => DELIVERED
    await held.change({ ...emsp(0), token: 'new' })
    expect(held.queues().states()).toMatchObject([{ delivered: 20, pauseCause: null }])
  })

  test('gets at once what was refused only because the token was replaced meanwhile', async () => {
    const held = await holdQueues([emsp(0)])
    const checks = countChecks(held, true)
    held.answer = () => (held.begun.length <= 8 ? { kind: 'token-replaced' } : DELIVERED)
    await held.push(...locations(20))
    expect(held.queues().states()).toMatchObject([{ delivered: 20, pauseCause: null }])
    expect(checks()).toBe(0)
  })

  test('for one object gets all others meanwhile', async () => {
    const held = await holdQueues([emsp(0)])
    held.answer = ({ path }) => (path === '/NL/CPO/L0' ? REFUSED : DELIVERED)
    await held.push(...locations(40))
    await pass(held, 2)
    expect(held.queues().states()).toMatchObject([{ delivered: 39, waiting: 1 }])
  })

  test('for one module gets the others meanwhile', async () => {
    const held = await holdQueues([emsp(0)], undefined, () => 0.99)
    held.answer = ({ module }) => (module === 'tariffs' ? REFUSED : DELIVERED)
    for (let i = 0; i < 60; i++) {
      await held.push({ path: `/NL/CPO/L${i}` }, { module: 'tariffs', path: `/NL/CPO/T${i}` })
      await held.pass(1_000)
    }
    await pass(held, 5)
    expect(held.queues().states()).toMatchObject([{ delivered: 60, missed: 0 }])
    const tried = held.begun.filter(({ push }) => push.module === 'tariffs').length
    expect(tried).toBeLessThan(40)
  })
})
