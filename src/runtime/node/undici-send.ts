import { Agent, type Dispatcher } from 'undici'
import { freeMemory } from '../../hub/free-memory.ts'
import type { ByteStream } from '../../hub/message.ts'
import type { NoteCertificate } from '../../hub/network/certificates.ts'
import type { OutboundRequest, Send, SendFailure, SendResult } from '../../hub/ports.ts'
import { isAtHand, maySendTwice } from '../shared/send-twice.ts'
import { SlashRedirects } from '../shared/slash-redirects.ts'
import { AnswerStream } from './answer-stream.ts'
import { ALLOW_H2, FORBIDDEN, guardedConnector, UNRESOLVED } from './guarded-connector.ts'
import type { Lookup } from './shared-lookup.ts'

export type SendOptions = {
  /** Whether an IP address may be called. Asked of the address really connected to. */
  readonly isAddressAllowed: (address: string) => boolean
  /** Whether the hub itself listens at an address that was connected to. @default nowhere */
  readonly isOwnListener?: (address: string, port: number) => boolean
  /** Calls https only: endpoints are kept by the network's rules of the day they were learnt. @default false */
  readonly isTlsRequired?: boolean
  /** Told of certificates that are shown. @default nobody */
  readonly onCertificate?: NoteCertificate
  /** @default 10_000 */
  readonly connectTimeoutMs?: number
  /** @default the system's */
  readonly lookup?: Lookup
  /** A streamed answer that brings nothing for so long is ended. @default 30_000 */
  readonly streamIdleMs?: number
  /** A streamed message is ended after so long. @default 600_000 */
  readonly streamTotalMs?: number
}

/** Sending, and how many connections are open. */
export type UndiciSend = {
  readonly send: Send
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/**
 * Sends with undici: a pool of HTTP/1.1 connections per origin, the address checked when a connection is made. Works on `dispatch`, below the promises of `undici.request`, since this is the hub's hottest call.
 */
export function createUndiciSend(options: SendOptions): UndiciSend {
  const { isAddressAllowed, connectTimeoutMs = 10_000, streamIdleMs = 30_000, streamTotalMs = 600_000 } = options
  const agent = new Agent({
    allowH2: ALLOW_H2,
    connect: guardedConnector({
      isAddressAllowed,
      isOwnListener: options.isOwnListener ?? (() => false),
      isTlsRequired: options.isTlsRequired ?? false,
      onCertificate: options.onCertificate,
      timeout: connectTimeoutMs,
      lookup: options.lookup,
    }),
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 32_768,
    // Where a server names no time of its own. Many close after 5 s, and what is sent at that moment is lost.
    keepAliveTimeout: 4_000,
  })
  const redirects = new SlashRedirects()
  const dispatch: Dispatch = (request, handler) => {
    try {
      agent.dispatch(dispatchOptions(request, handler), handler)
    } catch (error) {
      handler.onResponseError(null, error as Error)
    }
  }
  return {
    send: (request) =>
      new Promise((resolve) => {
        dispatch(request, new AnswerHandler(request, resolve, dispatch, redirects, streamIdleMs, streamTotalMs))
      }),
    connections: () =>
      Object.values(agent.stats).reduce((sum, pool) => sum + (pool.connected ? Number(pool.connected) : 0), 0),
    close: () => agent.destroy(),
  }
}

type Dispatch = (request: OutboundRequest, handler: AnswerHandler) => void

function dispatchOptions(request: OutboundRequest, { path, body }: AnswerHandler): Dispatcher.DispatchOptions {
  return {
    origin: request.origin,
    path,
    method: request.method as Dispatcher.HttpMethod,
    headers: request.headers as string[],
    // undici takes an async iterable as a streamed body and waits for the socket between chunks.
    body: body as (Dispatcher.DispatchOptions['body'] & object) | null,
  }
}

/** Collects one answer: whole up to the buffer's size, as a stream with backpressure beyond. */
class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #request: OutboundRequest
  readonly #resolve: (result: SendResult) => void
  readonly #dispatch: Dispatch
  readonly #redirects: SlashRedirects
  readonly #streamIdleMs: number
  readonly #streamTotalMs: number
  readonly #isUploading: boolean
  /** The request's body, watched on its way when it is a stream. */
  readonly body: OutboundRequest['body']
  /** Path and query that are asked, which a redirect may change. */
  path: string
  #deadline: NodeJS.Timeout
  #controller: Dispatcher.DispatchController | null = null
  #isSettled = false
  #hasTriedAgain = false
  #hasFollowed = false
  #endedBy: { why: SendFailure; detail: string } | null = null
  #status = 0
  #headers: string[] = []
  #chunks: Buffer[] = []
  #size = 0
  #stream: AnswerStream | null = null

  constructor(
    request: OutboundRequest,
    resolve: (result: SendResult) => void,
    dispatch: Dispatch,
    redirects: SlashRedirects,
    streamIdleMs: number,
    streamTotalMs: number,
  ) {
    this.#request = request
    this.#resolve = resolve
    this.#dispatch = dispatch
    this.#redirects = redirects
    this.path = redirects.pathFor(request)
    this.#streamIdleMs = streamIdleMs
    this.#streamTotalMs = streamTotalMs
    // A large upload takes its time: until it is sent, what is bounded is standing still.
    this.#isUploading = request.body !== null && !(request.body instanceof Uint8Array)
    this.body = request.body === null || request.body instanceof Uint8Array ? request.body : this.#watch(request.body)
    this.#deadline = this.#expire(this.#isUploading ? streamIdleMs : request.timeoutMs)
    request.onAbortable?.(() => this.#end('aborted', 'the caller went away'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#request.mayLeave?.() === false) this.#end('aborted', 'it may not leave any more')
    if (this.#endedBy) controller.abort(new Error(this.#endedBy.detail))
  }

  onRequestSent(): void {
    if (!this.#isUploading) return
    clearTimeout(this.#deadline)
    if (!this.#isSettled) this.#deadline = this.#expire(this.#request.timeoutMs)
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return
    this.#status = status
    const raw = controller.rawHeaders as readonly (Buffer | string)[] | undefined
    this.#headers = raw ? raw.map((item) => (typeof item === 'string' ? item : item.toString('latin1'))) : []
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream) return this.#stream.push(chunk)
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size <= this.#request.bufferBytes || this.#isSettled) return
    this.#stream = new AnswerStream(controller, this.#chunks, this.#streamIdleMs, this.#streamTotalMs)
    this.#chunks = []
    this.#settle({ kind: 'answer', status: this.#status, headers: this.#headers, body: this.#stream })
  }

  onResponseEnd(): void {
    if (this.#stream) return this.#stream.finish(null)
    if (this.#status >= 300 && this.#follow()) return
    this.#settle({ kind: 'answer', status: this.#status, headers: this.#headers, body: this.#wholeBody() })
  }

  /** Asks once more where the answer was a redirect of the one kind that is followed. */
  #follow(): boolean {
    const path = this.#redirects.learn(this.#request, this.path, { status: this.#status, headers: this.#headers })
    if (path === null || this.#hasFollowed || this.#isSettled || !isAtHand(this.#request.body)) return false
    this.#hasFollowed = true
    this.path = path
    this.#status = this.#size = 0
    this.#headers = []
    this.#chunks = []
    this.#sendAgain()
    return true
  }

  #wholeBody(): Buffer {
    if (this.#chunks.length === 1) return this.#chunks[0] as Buffer
    const body = Buffer.concat(this.#chunks, this.#size)
    // The last one is still in the parser's hands.
    for (const chunk of this.#chunks.slice(0, -1)) freeMemory(chunk)
    return body
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#stream) return this.#stream.finish(error)
    if (this.#mayTryAgain(error)) {
      this.#hasTriedAgain = true
      return this.#sendAgain()
    }
    const hasBegun = this.#status !== 0
    this.#settle({ kind: 'failed', ...(this.#endedBy ?? { why: failureOf(error, hasBegun), detail: describe(error) }) })
  }

  /**
   * Servers close idle connections, some just as a request comes. What may be carried out twice is sent once more then, on what
   * is left of its time; whether anything else was carried out nobody knows [RFC 9110, section 9.2.2; RFC 9112, section 9.3.1].
   */
  #mayTryAgain(error: Error & { code?: string }): boolean {
    if (!maySendTwice(this.#request) || this.#hasTriedAgain || this.#isSettled) return false
    const wasSent = this.#controller !== null && this.#status === 0
    return wasSent && (error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.message === OTHER_SIDE_CLOSED)
  }

  #sendAgain(): void {
    this.#controller = null
    // The pool has not let go of the connection yet.
    queueMicrotask(() => {
      if (!this.#isSettled) this.#dispatch(this.#request, this)
    })
  }

  /** An upload's time runs while the receiver takes a piece, not while the next one is awaited: that is the caller's. */
  async *#watch(body: ByteStream): ByteStream {
    clearTimeout(this.#deadline)
    try {
      for await (const chunk of body) {
        if (!this.#isSettled) this.#deadline = this.#expire(this.#streamIdleMs)
        yield chunk
        clearTimeout(this.#deadline)
      }
    } catch (error) {
      this.#end('aborted', describe(error as Error))
      throw error
    }
  }

  #expire(afterMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#end('timeout', `nothing within ${afterMs} ms`), afterMs)
  }

  #end(why: SendFailure, detail: string): void {
    if (this.#isSettled) {
      if (why === 'aborted') this.#stream?.cancel()
      return
    }
    this.#endedBy = { why, detail }
    this.#controller?.abort(new Error(detail))
    this.#settle({ kind: 'failed', why, detail })
  }

  #settle(result: SendResult): void {
    if (this.#isSettled) return
    this.#isSettled = true
    clearTimeout(this.#deadline)
    this.#resolve(result)
  }
}

function failureOf(error: Error & { code?: string }, hasBegun: boolean): SendFailure {
  if (error.code === FORBIDDEN) return 'forbidden-address'
  if (hasBegun || error.code?.startsWith('HPE_') || error.name === 'HTTPParserError') return 'broken-answer'
  return BROKEN_ANSWERS.has(error.code ?? '') || BROKEN_ANSWERS.has(error.message) ? 'broken-answer' : 'unreachable'
}

/** What undici says, by code or by message, of a receiver that did answer. */
const BROKEN_ANSWERS: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'bad response',
  'bad upgrade',
])

const OTHER_SIDE_CLOSED = 'other side closed'

/** undici's one code for all that befalls a socket says less than its message; of the hub's own codes nobody has heard. */
const IN_WORDS: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', FORBIDDEN, UNRESOLVED])

function describe(error: Error & { code?: string }): string {
  const { code } = error
  return code === undefined || IN_WORDS.has(code) || isOfAnAnswer(code) ? error.message : code
}

/** What is wrong with an answer the message says in words, and names no address. */
function isOfAnAnswer(code: string): boolean {
  return code.startsWith('HPE_') || BROKEN_ANSWERS.has(code)
}
