import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import type { Observe } from '../../../hub/message/exchange.ts'
import type { MessageLogStats } from '../../../hub/message/message-log.ts'
import type { After } from '../../../hub/ports.ts'
import { putExchange } from './exchange-frame.ts'
import { createLogMemory, type LogMemory, readCounts } from './log-memory.ts'
import { createRingWriter } from './ring.ts'

/** What the hub tells the thread: to store what it has, taking no more, and then to end. */
export type ToLogThread = { readonly kind: 'store'; readonly withinMs: number } | { readonly kind: 'end' }

export type FromLogThread =
  /** It counted exchanges as dropped. */
  | { readonly kind: 'dropped' }
  /** An exchange could not be made a row; it is dropped, and the others go on. */
  | { readonly kind: 'fault'; readonly why: string }
  | { readonly kind: 'stored' }

export type LogThreadPorts = {
  /** Starts the thread that takes exchanges out of this memory. */
  readonly start: (memory: LogMemory) => Worker
  readonly after: After
  /** What is kept of one body; 0 keeps no bodies. */
  readonly bodyBytes: number
  /** Called now and then with how many exchanges were dropped since the last call. */
  readonly onDropped: (dropped: number) => void
  readonly onFault: (error: Error) => void
  /** Called when the thread ended by itself, or could not be started again; another is started. `lost` exchanges were with it. */
  readonly onEnded: (why: string, lost: number) => void
}

export type LogThread = {
  readonly observe: Observe
  readonly stats: () => Pick<MessageLogStats, 'waiting' | 'written' | 'dropped'>
  /** Takes no more, has the thread try to store what waits, and counts as dropped what it could not within `withinMs`. */
  readonly store: (withinMs: number) => Promise<void>
  /** Ends the thread. */
  readonly close: () => Promise<void>
}

/** Before a thread that ended by itself is started again; after each that wrote nothing twice as long, up to the longest. */
const RESTART_AFTER_MS = 1_000
const LONGEST_RESTART_MS = 30_000

/** Exchanges that find no room come in numbers: they are told of together. */
const REPORT_AFTER_MS = 200

/** A thread that has not said it is done by then hangs. */
const ANSWER_MS = 100

/**
 * The hub's side of a message log on a thread of its own. An exchange is written into memory that both share, and the hub has no more to do
 * with it; nothing waits for the thread. One that ends by itself takes along what it had, no more: what comes until the next one has started
 * waits for that.
 */
export function createLogThread(ports: LogThreadPorts): LogThread {
  /** Of threads that ended, and what never reached one. */
  let written = 0
  let dropped = 0
  let reported = 0
  let failures = 0
  let isClosed = false
  let isReporting = false
  let cancelRestart = () => {}
  let life = begin()
  let thread: Worker | null = start()

  /** Memory for the next thread. `put` exchanges were written into it. */
  function begin() {
    const memory = createLogMemory(ports.bodyBytes)
    return { memory, ring: createRingWriter(memory.ring), put: 0 }
  }

  function start(): Worker {
    const started = ports.start(life.memory)
    let why = 'it ended'
    started.on('error', (error: unknown) => (why = inWords(error)))
    started.on('message', hear)
    started.once('exit', () => onExit(why))
    return started
  }

  function hear(message: FromLogThread): void {
    if (message.kind === 'dropped') report()
    else if (message.kind === 'fault') ports.onFault(new Error(message.why))
  }

  function onExit(why: string): void {
    const counts = readCounts(life.memory)
    const lost = waiting()
    written += counts.written
    dropped += counts.dropped + lost
    life = begin()
    thread = null
    if (!isClosed) {
      ports.onEnded(why, lost)
      failures = counts.written > 0 ? 0 : failures + 1
      startLater()
    }
    report()
  }

  function startLater(): void {
    const waitMs = Math.min(RESTART_AFTER_MS * 2 ** failures, LONGEST_RESTART_MS)
    cancelRestart = ports.after(waitMs, startAgain)
  }

  /** Where the system gives the process no more threads the hub goes on, and the memory takes what it has room for. */
  function startAgain(): void {
    try {
      thread = start()
    } catch (error) {
      ports.onEnded(inWords(error), 0)
      failures += 1
      startLater()
    }
  }

  function waiting(): number {
    const counts = readCounts(life.memory)
    return life.put - counts.written - counts.dropped
  }

  function report(): void {
    isReporting = false
    const since = dropped + readCounts(life.memory).dropped - reported
    if (since === 0) return
    reported += since
    ports.onDropped(since)
  }

  function drop(): void {
    dropped += 1
    if (isReporting || isClosed) return
    isReporting = true
    ports.after(REPORT_AFTER_MS, report)
  }

  return {
    observe(exchange) {
      if (!isClosed && putExchange(life.ring, exchange, ports.bodyBytes)) life.put += 1
      else drop()
    },
    stats: () => {
      const counts = readCounts(life.memory)
      return { waiting: waiting(), written: written + counts.written, dropped: dropped + counts.dropped }
    },
    async store(withinMs) {
      isClosed = true
      cancelRestart()
      if (thread === null) {
        dropped += life.put
        life = begin()
      } else if (!(await isStored(thread, withinMs))) await thread.terminate()
      report()
    },
    async close() {
      if (thread === null) return
      const ended = once(thread, 'exit')
      thread.postMessage({ kind: 'end' } satisfies ToLogThread)
      await ended
    },
  }

  /** Whether the thread has said in time that it is done, or has ended. */
  async function isStored(asked: Worker, withinMs: number): Promise<boolean> {
    const answer = Promise.withResolvers<boolean>()
    asked.on('message', (message: FromLogThread) => message.kind === 'stored' && answer.resolve(true))
    asked.once('exit', () => answer.resolve(true))
    const cancel = ports.after(withinMs + ANSWER_MS, () => answer.resolve(false))
    asked.postMessage({ kind: 'store', withinMs } satisfies ToLogThread)
    return await answer.promise.finally(cancel)
  }
}

/** What a thread threw, which may be anything. */
function inWords(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
