import type { After } from '../ports.ts'
import type { Exchange, ExchangeKind, Observe } from './exchange.ts'
import type { LegBody, SecondLeg } from './second-leg.ts'

/**
 * Exchanges on their way to the store, in the form they go in. They are brought into it when they are added: what waits is
 * bytes, not the many small objects of a request, which the garbage collector would have to carry from generation to generation.
 */
export type LogBatch = {
  readonly rows: number
  /** What they take up in memory. */
  readonly byteLength: number
  readonly add: (exchange: Exchange) => void
}

/** Where exchanges are stored. */
export type LogStore<Batch extends LogBatch> = {
  readonly open: () => Batch
  /**
   * Stores a batch, all of it or none. Rejects, within seconds, when it cannot; the batch may be given again. A stored batch
   * is the store's: its memory serves others.
   */
  readonly append: (batch: Batch) => Promise<void>
}

export type MessageLogLimits = {
  /** Exchanges that may wait in memory, those being written included. @default 20000 */
  readonly rows?: number
  /** What these may take up together, in bytes, roughly. @default 67108864 */
  readonly bytes?: number
  /** What is kept of one body; 0 keeps no bodies. @default 16384 */
  readonly bodyBytes?: number
  /** How long after its first row a batch goes that is not full, in milliseconds. @default 200 */
  readonly batchMs?: number
}

export type MessageLogPorts<Batch extends LogBatch> = {
  readonly store: LogStore<Batch>
  readonly after: After
  readonly limits?: MessageLogLimits
  /** Kinds of which no body is kept. @default none */
  readonly withoutBodies?: readonly ExchangeKind[]
  /** Called now and then with how many exchanges were dropped since the last call. */
  readonly onDropped?: (dropped: number) => void
}

export type MessageLogStats = {
  readonly waiting: number
  readonly waitingBytes: number
  /** Since the start. */
  readonly written: number
  readonly dropped: number
}

/** Writes exchanges to the log behind their answers. */
export type MessageLog = {
  readonly observe: Observe
  /** Resolves once all that was observed before is stored, or could not be: then it waits on. Never rejects. */
  readonly flush: () => Promise<void>
  /** Takes no more, tries to store what waits, and counts as dropped what it could not within `withinMs`. */
  readonly close: (withinMs: number) => Promise<void>
  readonly stats: () => MessageLogStats
}

/**
 * A batch goes when it has this many rows or bytes. Larger ones would cost the hub a little
 * less, but reach the database as bursts of milliseconds, in which it takes the processor from everything beside it.
 */
const BATCH_ROWS = 120
const BATCH_BYTES = 4 * 1024 * 1024

/** While the store is away: 0.5 s, then twice as long each time. */
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 10_000

/**
 * A bounded buffer in front of the message log, one batch on its way at a time. When it is full, because the store is slow or
 * away, the newest exchanges are dropped and counted: nothing else waits for the log, and memory stays what it is.
 */
export function createMessageLog<Batch extends LogBatch>(ports: MessageLogPorts<Batch>): MessageLog {
  const { store } = ports
  const {
    rows: maxRows = 20_000,
    bytes: maxBytes = 64 * 1024 * 1024,
    bodyBytes = 16 * 1024,
    batchMs = 200,
  } = ports.limits ?? {}
  const withoutBodies = new Set(ports.withoutBodies)
  /** Waiting to be written, or being written: the first. */
  const full: Batch[] = []
  let filling: Batch | null = null
  let waiting = 0
  let waitingBytes = 0
  let written = 0
  let dropped = 0
  let reported = 0
  let failures = 0
  let isClosed = false
  let isAbandoned = false
  let writing: Promise<void> | null = null
  let cancelTimer: (() => void) | null = null
  let isTimerUrgent = false

  function observe(exchange: Exchange): void {
    if (isClosed || waiting >= maxRows || waitingBytes >= maxBytes) dropped += 1
    else add(keptOf(exchange, withoutBodies.has(exchange.kind) ? 0 : bodyBytes))
    const isUrgent = failures === 0 && full.length > 0
    if (writing === null && (cancelTimer === null || (isUrgent && !isTimerUrgent))) arm(isUrgent)
  }

  function add(exchange: Exchange): void {
    filling ??= store.open()
    const before = filling.byteLength
    filling.add(exchange)
    waiting += 1
    waitingBytes += filling.byteLength - before
    if (filling.rows === BATCH_ROWS || filling.byteLength >= BATCH_BYTES) endBatch()
  }

  function endBatch(): void {
    if (filling) full.push(filling)
    filling = null
  }

  function disarm(): void {
    cancelTimer?.()
    cancelTimer = null
  }

  function arm(isUrgent: boolean): void {
    disarm()
    isTimerUrgent = isUrgent
    const waits = failures === 0 ? batchMs : Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS)
    cancelTimer = ports.after(isUrgent ? 0 : waits, () => {
      cancelTimer = null
      void write()
    })
  }

  /** Writes one batch, unless one is on its way: then that one is waited for. */
  function write(): Promise<void> {
    writing ??= writeBatch().then(() => {
      writing = null
      report()
      if (waiting > 0 && cancelTimer === null) arm(failures === 0 && full.length > 0)
    })
    return writing
  }

  async function writeBatch(): Promise<void> {
    if (full.length === 0) endBatch()
    const [batch] = full
    if (!batch) return
    const { rows, byteLength } = batch
    try {
      await store.append(batch)
      if (isAbandoned) return
      full.shift()
      waiting -= rows
      waitingBytes -= byteLength
      written += rows
      failures = 0
    } catch {
      failures += 1
    }
  }

  function report(): void {
    if (dropped === reported) return
    const since = dropped - reported
    reported = dropped
    ports.onDropped?.(since)
  }

  async function flush(): Promise<void> {
    const due = written + waiting
    await writing
    for (let isStored = true; isStored && waiting > 0 && written < due; ) {
      disarm()
      await write()
      isStored = failures === 0
    }
  }

  async function close(withinMs: number): Promise<void> {
    isClosed = true
    let cancel: () => void = () => undefined
    const late = new Promise<void>((resolve) => {
      cancel = ports.after(withinMs, resolve)
    })
    await Promise.race([flush(), late])
    cancel()
    disarm()
    isAbandoned = true
    dropped += waiting
    full.length = waiting = waitingBytes = 0
    filling = null
    report()
  }

  return { observe, flush, close, stats: () => ({ waiting, waitingBytes, written, dropped }) }
}

/** An exchange as it is logged: its bodies cut. */
export function keptOf(exchange: Exchange, bodyBytes: number): Exchange {
  const requestBody = keepBody(exchange.requestBody, bodyBytes)
  const responseBody = keepBody(exchange.responseBody, bodyBytes)
  const secondLeg = exchange.secondLeg && keepLeg(exchange.secondLeg, bodyBytes)
  const isCut = requestBody !== exchange.requestBody || responseBody !== exchange.responseBody
  return isCut || secondLeg !== exchange.secondLeg ? { ...exchange, requestBody, responseBody, secondLeg } : exchange
}

function keepLeg(leg: SecondLeg, bodyBytes: number): SecondLeg {
  const [request, response] = [keepLegBody(leg.request, bodyBytes), keepLegBody(leg.response, bodyBytes)]
  return request === leg.request && response === leg.response ? leg : { request, response }
}

function keepLegBody(part: LegBody | null, bodyBytes: number): LegBody | null {
  if (part === null) return null
  const body = keepBody(part.body, bodyBytes)
  return body === part.body ? part : { ...part, body }
}

function keepBody(body: Uint8Array | null, bodyBytes: number): Uint8Array | null {
  if (body === null || bodyBytes === 0) return null
  return body.byteLength > bodyBytes ? body.subarray(0, bodyBytes) : body
}
