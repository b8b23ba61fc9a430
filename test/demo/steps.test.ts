import { expect, test } from 'vitest'
import { runSteps, type Step } from '../../src/demo/step.ts'
import { createTerminal } from '../../src/demo/terminal.ts'

const step = (name: string, came: () => Promise<string>, more: Partial<Step> = {}): Step => ({
  section: 'A',
  name,
  expected: 'good',
  run: came,
  ...more,
})
const good = () => Promise.resolve('good')
const outcome = async (steps: Step[]) =>
  (await runSteps(steps, () => {})).map(({ name, came, isAsExpected }) => `${name} ${isAsExpected} ${came}`)

test('a step is as expected only when just that came', async () => {
  const broken = () => Promise.reject(new Error('outer', { cause: new Error('inner') }))
  expect(await outcome([step('1', good), step('2', () => Promise.resolve('bad')), step('3', broken)])).toEqual([
    '1 true good',
    '2 false bad',
    '3 false outer (inner)',
  ])
})

test('what builds on a failure is not tried and counts as failed, in its section only', async () => {
  const bad = () => Promise.resolve('bad')
  const steps = [
    step('1', bad),
    step('2', good),
    step('3', good, { buildsOnSection: true }),
    step('4', good, { section: 'B', buildsOnSection: true }),
  ]
  expect(await outcome(steps)).toEqual(['1 false bad', '2 true good', '3 false not tried', '4 true good'])
})

test('a queue is one line, with why it is paused', () => {
  const lines: string[] = []
  const queue = { platform_id: 'p', waiting: 8, in_flight: 0, delivered: 14, collapsed: 1, missed: 0, paused: true }
  createTerminal((text) => void lines.push(text), false).queue('NL-EMA', {
    ...queue,
    oldest_age_seconds: 6,
    pause_cause: 'offline',
  })
  expect(lines).toEqual([
    '  queue of NL-EMA  waiting  8  in flight  0  delivered 14  collapsed  1  missed  0  oldest 6 s  paused: offline\n',
  ])
})

test('the summary says which step failed, what was expected and what came; no colours unless a person looks', () => {
  const lines: string[] = []
  const write = (text: string) => void lines.push(text)
  const results = [
    { section: 'A', name: 'one', expected: 'x', came: 'x', isAsExpected: true },
    { section: 'A', name: 'two', expected: 'y', came: 'z', isAsExpected: false },
  ]
  createTerminal(write, false).summary(results)
  expect(lines.join('')).toBe(
    '\nSummary: 1 of 2 steps as expected\n  ok    one  x\n  FAIL  two  z\n        expected: y\n',
  )
  createTerminal(write, true).summary(results)
  expect(lines.join('')).toContain('\x1b[31mFAIL\x1b[0m')
})
