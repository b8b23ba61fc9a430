import type { After, Random } from '../../ports.ts'
import type { CheckedPlatform, Finding } from '../check.ts'
import type { AskedCheck } from '../ports.ts'
import type { CheckWork, HeldRun, Kept } from './check-runs.ts'
import { countProbes } from './probe-counts.ts'

/** Runs that one process makes at a time, each of another platform: a run mostly waits. */
const RUNS_AT_ONCE = 4
/** Well within the lease. */
const RENEWS_EVERY_MS = 8_000

/** Takes the runs that wait, one after the other, and makes them. */
export type CheckWorker = {
  /** Takes what waits, as long as there is room, and returns: what was taken goes on behind it. Rejects when the database is away. */
  readonly look: () => Promise<void>
  /** Takes nothing any more, and gives back what is under way: another process begins it anew. */
  readonly stop: () => Promise<void>
}

export type CheckWorkerPorts = {
  readonly work: CheckWork
  /** The platform as it is now; null when it has no connection. */
  readonly read: (platformId: string) => Promise<CheckedPlatform | null>
  readonly runCheck: (asked: AskedCheck) => AsyncIterable<Finding>
  readonly after: After
  readonly random: Pick<Random, 'id'>
  readonly onError: (error: unknown) => void
}

/** Why a run does not come to its end. */
type Cut = Exclude<Kept, { kind: 'kept' }> | { readonly kind: 'failed' | 'stopped'; readonly why: string }

type Making = { readonly done: Promise<void>; readonly cut: (by: Cut) => void }

const STOPPED: Cut = { kind: 'stopped', why: 'The hub was stopped' }

export function createCheckWorker(ports: CheckWorkerPorts): CheckWorker {
  const { work, random, onError } = ports
  const underWay = new Map<Promise<void>, Making['cut']>()
  let looking: Promise<void> | null = null
  let looksAgain = false
  let isStopped = false

  async function takeAll(): Promise<void> {
    while (looksAgain) {
      looksAgain = false
      while (!isStopped && underWay.size < RUNS_AT_ONCE) {
        const run = await work.take(random.id(), random.id())
        if (run === null) break
        begin(run)
      }
    }
  }

  function begin(run: HeldRun): void {
    const { done, cut } = makeRun(ports, run)
    const over = done.catch(onError).then(() => {
      underWay.delete(over)
      // Another may have waited for this one's place.
      void look().catch(() => undefined)
    })
    underWay.set(over, cut)
    if (isStopped) cut(STOPPED)
  }

  function look(): Promise<void> {
    if (isStopped) return Promise.resolve()
    looksAgain = true
    looking ??= takeAll().finally(() => {
      looking = null
    })
    return looking
  }

  return {
    look,
    async stop() {
      isStopped = true
      await looking?.catch(() => undefined)
      for (const cut of underWay.values()) cut(STOPPED)
      await Promise.all(underWay.keys())
    },
  }
}

/** Makes one run, and writes what it finds as it comes. */
function makeRun({ work, read, runCheck, after, onError }: CheckWorkerPorts, run: HeldRun): Making {
  const ended = new AbortController()
  const whenCut = Promise.withResolvers<void>()
  const found: Finding[] = [...run.already]
  let unwritten: Finding[] = []
  let writing = Promise.resolve()
  let isWriting = false
  let why: Cut | null = null
  let cancelRenewal = () => {}

  function cut(by: Cut): void {
    why ??= by
    ended.abort()
    whenCut.resolve()
  }

  function failed(error: unknown): void {
    if (why === null) onError(error)
    cut({ kind: 'failed', why: 'The hub could not go on with it' })
  }

  function write(finding: Finding): void {
    found.push(finding)
    unwritten.push(finding)
    if (!isWriting) writing = writeAll()
  }

  /** All that came while one write was under way is the next. */
  async function writeAll(): Promise<void> {
    isWriting = true
    try {
      while (unwritten.length > 0 && why === null) {
        const batch = unwritten
        unwritten = []
        const kept = await work.add(run, batch, countProbes(found))
        if (kept.kind !== 'kept') cut(kept)
      }
    } catch (error) {
      failed(error)
    }
    isWriting = false
  }

  /** A partner may take its time. One that fails is no matter: the lease lasts for more, and what is written renews it too. */
  function renewSoon(): void {
    cancelRenewal = after(RENEWS_EVERY_MS, () => {
      void work
        .renew(run)
        .then((kept) => {
          if (kept.kind !== 'kept') cut(kept)
        })
        .catch(() => undefined)
        .finally(() => {
          if (!ended.signal.aborted) renewSoon()
        })
    })
  }

  async function findAll(): Promise<void> {
    const platform = await read(run.platformId)
    if (platform === null) return cut({ kind: 'over', why: 'There is no connection to check' })
    const { correlationId, consent, skipsWrongToken, already } = run
    const asked = { platform, correlationId, consent, skipsWrongToken, already, signal: ended.signal }
    for await (const finding of runCheck(asked)) {
      if (why !== null) return
      write(finding)
    }
    await writing
  }

  async function settle(): Promise<void> {
    if (why === null) return work.end(run)
    if (why.kind !== 'lost') await work.breakOff(run, why.why, why.kind)
  }

  async function makeAll(): Promise<void> {
    renewSoon()
    // What is cut does not wait for the call that is under way.
    await Promise.race([findAll().catch(failed), whenCut.promise])
    cancelRenewal()
    await settle()
    ended.abort()
  }

  return { done: makeAll(), cut }
}
