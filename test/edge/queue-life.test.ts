import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createQueueLife } from '../../src/runtime/workers/objects/queue-life.ts'

/** A queue that takes what was handed over whenever it looks; each step of its life ends when the test says so. */
function setUp() {
  const world = {
    inbox: [] as number[],
    taken: [] as number[],
    rests: 0,
    isOpen: false,
    failsToStart: false,
    isStale: false,
  }
  let step: { readonly name: string; readonly end: () => void } | null = null
  const until = (name: string) =>
    new Promise<void>((resolve) => {
      step = { name, end: resolve }
    })
  const take = () => world.taken.push(...world.inbox.splice(0))
  const life = createQueueLife({
    async start() {
      world.isStale = false
      await until('start')
      if (world.failsToStart) throw new Error('away')
      world.isOpen = true
    },
    look() {
      expect(world.isOpen).toBe(true)
      take()
    },
    untilQuiet: () => until('quiet'),
    async stop() {
      world.isOpen = false
      await until('stop')
    },
    async rest() {
      await until('rest')
      world.rests++
    },
  })
  /** Ends the step that is under way, and lets what follows begin. */
  async function next(): Promise<void> {
    step?.end()
    step = null
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  return { world, life, next }
}

test('whatever is handed over, at whichever moment of its life, a queue takes it before it is at rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('hand', 'next', 'again'), { maxLength: 60 }), async (moves) => {
      const { world, life, next } = setUp()
      let handed = 0
      for (const move of moves) {
        if (move === 'next') await next()
        else if (move === 'again') {
          const isUnderWay = life.state() !== 'resting'
          life.again()
          // A start that is under way already will not do.
          world.isStale = isUnderWay
        } else {
          world.inbox.push(++handed)
          life.wake()
        }
        if (life.state() === 'resting') expect(world.taken.length).toBe(handed)
      }
      for (let i = 0; i < 20 && life.state() !== 'resting'; i++) await next()
      expect(life.state()).toBe('resting')
      expect(world.isStale).toBe(false)
      expect(world.taken).toEqual(Array.from({ length: handed }, (_, i) => i + 1))
      expect(world.rests > 0).toBe(handed > 0 || moves.includes('again'))
    }),
    { numRuns: 500 },
  )
})

test('a queue that cannot be opened comes to rest, and is opened when it is woken again', async () => {
  const { world, life, next } = setUp()
  world.failsToStart = true
  world.inbox.push(1)
  life.wake()
  for (let i = 0; i < 3; i++) await next()
  expect([life.state(), world.rests, world.taken]).toEqual(['resting', 1, []])
  world.failsToStart = false
  life.wake()
  await next()
  expect([life.state(), world.taken]).toEqual(['running', [1]])
})
