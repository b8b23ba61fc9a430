import { describe, expect, test } from 'vitest'
import { processesOn, thisMachine } from '../../../src/runtime/node/processes.ts'

const GB = 1024 ** 3
const POSTGRES = { databaseUrl: 'postgres://db.example/hub', databasePool: 10 }
const EMBEDDED = { databaseUrl: null, databasePool: 10 }

describe('PROCESSES=auto', () => {
  test.each([
    ['one processor', { processors: 1, memory: 4 * GB }, 1, 1],
    ['two', { processors: 2, memory: 4 * GB }, 2, 1],
    ['four', { processors: 4, memory: 8 * GB }, 4, 3],
    ['four with half a gigabyte', { processors: 4, memory: GB / 2 }, 1, 1],
    ['four with next to nothing', { processors: 4, memory: 1024 }, 1, 1],
    ['more than a Postgres has connections for', { processors: 64, memory: 256 * GB }, 8, 8],
  ])('on a machine of %s', (_what, machine, withPostgres, withEmbedded) => {
    expect(processesOn(machine, { processes: 'auto', ...POSTGRES })).toBe(withPostgres)
    expect(processesOn(machine, { processes: 'auto', ...EMBEDDED })).toBe(withEmbedded)
  })

  test.each([
    [10, 8],
    [20, 4],
    [50, 1],
    [200, 1],
  ])('leaves a Postgres of 100 connections room for those of all, with DATABASE_POOL=%i', (databasePool, processes) => {
    const machine = { processors: 16, memory: 64 * GB }
    expect(processesOn(machine, { processes: 'auto', databaseUrl: POSTGRES.databaseUrl, databasePool })).toBe(processes)
    expect(processesOn(machine, { processes: 'auto', databaseUrl: null, databasePool })).toBe(processes)
  })

  test('is overruled by a number', () => {
    expect(processesOn({ processors: 2, memory: GB }, { processes: 5, ...POSTGRES })).toBe(5)
  })

  test('asks this machine', () => {
    const { processors, memory } = thisMachine()
    expect(processors).toBeGreaterThan(0)
    expect(memory).toBeGreaterThan(64 * 1024 ** 2)
    expect(memory).toBeLessThan(2 ** 50)
  })
})
