import { describe, expect, test } from 'vitest'
import type { CheckedPlatform, Finding, ProbeName } from '../../../src/hub/check/check.ts'
import type { AskedCheck } from '../../../src/hub/check/ports.ts'
import type { CheckWork, HeldRun, Kept } from '../../../src/hub/check/runs/check-runs.ts'
import { type CheckWorkerPorts, createCheckWorker } from '../../../src/hub/check/runs/worker.ts'

const PLATFORM: CheckedPlatform = {
  ...{ id: 'p', name: 'P', versionsUrl: 'https://p.example/versions', version: '2.2.1', token: 't', encoding: 'raw' },
  ...{ parties: [], endpoints: [], endpointOverrides: [] },
}

function finding(probe: ProbeName): Finding {
  return { probe, party: null, module: null, outcome: 'pass', detail: '', advice: null, chapter: null, messageIds: [] }
}

function heldRun(platformId: string): HeldRun {
  return {
    ...{ platformId, number: 1, holder: 'h', correlationId: 'c', consent: false, skipsWrongToken: false },
    already: [finding('wrong-token')],
  }
}

/** A worker for runs that wait, which notes what it does with them. */
function stage(
  ports: Partial<Omit<CheckWorkerPorts, 'work'>> & {
    readonly waiting?: string[]
    readonly work?: Partial<CheckWork>
  } = {},
) {
  const { waiting = ['p'], work = {}, ...others } = ports
  const told: string[] = []
  const errors: unknown[] = []
  const settled = Promise.withResolvers<void>()
  const settle = (text: string) => {
    told.push(text)
    settled.resolve()
  }
  const renewals: (() => void)[] = []
  const worker = createCheckWorker({
    work: {
      take: async () => {
        const id = waiting.shift()
        return id === undefined ? null : heldRun(id)
      },
      renew: async () => ({ kind: 'kept' }),
      add: async (_, findings, counts) => {
        told.push(`add ${findings.map(({ probe }) => probe).join(' ')} of ${counts.pass}`)
        return { kind: 'kept' }
      },
      end: async ({ platformId }) => settle(`end ${platformId}`),
      breakOff: async (_, why, how) => settle(`${how}: ${why}`),
      ...work,
    },
    read: async () => PLATFORM,
    runCheck: async function* () {
      yield finding('tls')
      yield finding('speed')
    },
    after: (_, callback) => {
      renewals.push(callback)
      return () => void renewals.splice(renewals.indexOf(callback), 1)
    },
    random: { id: () => 'id' },
    onError: (error) => void errors.push(error),
    ...others,
  })
  return { worker, told, errors, settled: settled.promise, renew: () => renewals.splice(0).forEach((renew) => renew()) }
}

/** Finds one thing, and then waits for its signal or for good. */
async function* never({ signal }: AskedCheck) {
  yield finding('tls')
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
}

describe('A worker of connection checks', () => {
  test('writes what is found as it comes, with what stayed of a run before, and ends the run', async () => {
    const { worker, told, settled } = stage()
    await worker.look()
    await settled
    expect(told.filter((text) => text.startsWith('add')).at(-1)).toContain('of 3')
    expect(told.at(-1)).toBe('end p')
  })

  test('takes four at a time, and the next when one has ended', async () => {
    const ends: (() => void)[] = []
    const { worker } = stage({
      waiting: ['a', 'b', 'c', 'd', 'e'],
      runCheck: async function* () {
        yield finding('tls')
        await new Promise<void>((resolve) => void ends.push(resolve))
      },
    })
    await worker.look()
    await expect.poll(() => ends.length).toBe(4)
    ends[0]?.()
    await expect.poll(() => ends.length).toBe(5)
  })

  test.each<[Kept, string | undefined]>([
    [{ kind: 'over', why: 'The connection ended' }, 'over: The connection ended'],
    [{ kind: 'anew', why: 'New tokens' }, 'anew: New tokens'],
    [{ kind: 'lost' }, undefined],
  ])('ends at once when what it found is %j', async (kept, expected) => {
    const aborted = Promise.withResolvers<void>()
    const { worker, told } = stage({
      work: { add: async () => kept },
      runCheck: async function* (asked) {
        asked.signal.addEventListener('abort', () => aborted.resolve())
        yield* never(asked)
      },
    })
    await worker.look()
    await aborted.promise
    await worker.stop()
    expect(told).toEqual(expected === undefined ? [] : [expected])
  })

  test('is told by its renewals while the partner takes its time', async () => {
    const { worker, told, settled, renew } = stage({
      work: { renew: async () => ({ kind: 'over', why: 'The platform was suspended' }) },
      runCheck: never,
    })
    await worker.look()
    renew()
    await settled
    expect(told.at(-1)).toBe('over: The platform was suspended')
  })

  test('gives the run back when the database is away, and goes on with the next', async () => {
    const { worker, told, errors, settled } = stage({
      waiting: ['p', 'q'],
      work: {
        add: async () => {
          throw new Error('away')
        },
      },
    })
    await worker.look()
    await settled
    await worker.stop()
    expect(told[0]).toBe('failed: The hub could not go on with it')
    expect(told).toHaveLength(2)
    expect(String(errors[0])).toContain('away')
  })

  test('lets the lease lapse when the run cannot even be given back', async () => {
    const away = async () => Promise.reject(new Error('away'))
    const { worker, errors } = stage({ work: { add: away, breakOff: away } })
    await worker.look()
    await expect.poll(() => errors.length).toBe(2)
  })

  test('ends a run of a platform that has no connection', async () => {
    const { worker, told, settled } = stage({ read: async () => null })
    await worker.look()
    await settled
    expect(told).toEqual(['over: There is no connection to check'])
  })

  test('stops without waiting for the partner, gives back what is under way and takes nothing more', async () => {
    const waiting = ['p']
    const { worker, told } = stage({
      waiting,
      runCheck: async function* () {
        yield finding('tls')
        await new Promise(() => {})
      },
    })
    await worker.look()
    await worker.stop()
    expect(told.at(-1)).toBe('stopped: The hub was stopped')
    waiting.push('q')
    await worker.look()
    expect(waiting).toEqual(['q'])
  })
})
