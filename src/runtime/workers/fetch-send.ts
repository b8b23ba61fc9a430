import { type ByteStream, letGo } from '../../hub/message.ts'
import type { OutboundRequest, Send, SendFailure, SendResult } from '../../hub/ports.ts'
import { type Headers as HeaderList, header } from '../../ocpi/headers.ts'
import { NOWHERE_TO_CALL } from '../shared/address-guard.ts'
import { isAtHand, maySendTwice } from '../shared/send-twice.ts'
import { SlashRedirects } from '../shared/slash-redirects.ts'
import type { WaitingPlaces } from './waiting-places.ts'
import { readAhead, restOfStream, webStream } from './web-stream.ts'

const LENGTH_NAME = 'content-length'

/** With less of its time left, or with half of it, a request that waited is not sent any more. */
const LEAST_LEFT_MS = 1_000

/** Origins of which it is remembered whether they may be called. */
const MOST_ORIGINS = 1_000

export type FetchSendOptions = {
  /** Whether a URL's host may be called: asked of literal addresses and of names, before any name is looked up. */
  readonly isHostAllowed: (hostname: string) => boolean
  /** Makes a stream that announces its length; others go out chunked. */
  readonly ofLength: (stream: ReadableStream<Uint8Array>, bytes: number) => ReadableStream<Uint8Array>
  /** Where a request takes a place until its answer begins; null where who sends sees to it that there are few enough. */
  readonly places: (() => WaitingPlaces) | null
  readonly streamIdleMs: number
  readonly streamTotalMs: number
}

/**
 * Sends with `fetch`, for runtimes that have nothing beneath it. `fetch` inflates gzip and br and joins headers of one name, so an answer loses that Content-Encoding and a list of Links comes as one value; an answer that
 * is no HTTP cannot be told from a refused connection.
 */
export function createFetchSend(options: FetchSendOptions): Send {
  const { isHostAllowed, ofLength, streamIdleMs, streamTotalMs } = options
  const limits = { idleMs: streamIdleMs, totalMs: streamTotalMs }
  const redirects = new SlashRedirects()

  /** Whether an origin's host may be called, which never changes. */
  const allowed = new Map<string, boolean>()

  function isAllowed(origin: string): boolean {
    const known = allowed.get(origin)
    if (known !== undefined) return known
    const isGood = isHostAllowed(new URL(origin).hostname)
    if (allowed.size >= MOST_ORIGINS) allowed.clear()
    allowed.set(origin, isGood)
    return isGood
  }

  return async function send(request) {
    if (!isAllowed(request.origin)) return failed('forbidden-address', NOWHERE_TO_CALL)
    let headers: Headers
    try {
      headers = sent(request.headers)
    } catch (error) {
      return failed('broken-answer', describe(error))
    }

    const call = createCall(request, streamIdleMs)
    const places = options.places?.()
    const init = {
      method: request.method,
      headers,
      body: bodyOf(request, call.uploading, ofLength),
      redirect: 'manual' as const,
      cache: 'no-store' as const,
      signal: call.signal,
      // Asked for by the Fetch standard with a streamed body.
      duplex: 'half' as const,
    }
    answer().then(call.settle, call.fail)
    return call.ended

    async function answer(): Promise<SendResult> {
      const path = redirects.pathFor(request)
      const result = await answerTo(request.origin + path, init)
      if (result.kind === 'failed' || result.status < 300) return result
      const other = redirects.learn(request, path, result)
      if (other === null || !isAtHand(request.body)) return result
      await letGo(result.body)
      return answerTo(request.origin + other, init)
    }

    async function answerTo(url: string, to: RequestInit, isAgain = false): Promise<SendResult> {
      let hasBegun = false
      try {
        // Nothing is awaited where a place is free, as it is for a request that asks one partner.
        if (places && !places.enter(request.origin) && !(await call.waitIn(places)))
          return failed('no-place', 'it waited behind other requests for too long')
        let response: Response
        try {
          if (request.mayLeave?.() === false) return failed('aborted', 'it may not leave any more')
          response = await fetch(url, to)
        } finally {
          if (call.isLate()) places?.noteSlow(request.origin)
          places?.leave()
        }
        hasBegun = true
        const answerHeaders = headersOf(response.headers)
        const unreached = saidByCloudflare(response.status, answerHeaders)
        if (unreached) {
          await response.body?.cancel()
          return failed(unreached, `HTTP ${response.status}`)
        }
        const answer = { kind: 'answer', status: response.status, headers: answerHeaders } as const
        // The runtime reads it faster, and makes no stream of it; but only one whose length is known is sure to fit.
        const bytes = header(answerHeaders, 'content-length')
        if (bytes !== undefined && Number(bytes) <= request.bufferBytes)
          return { ...answer, body: new Uint8Array(await response.arrayBuffer()) }
        if (!response.body) return { ...answer, body: new Uint8Array(0) }
        const reader = response.body.getReader()
        const read = await readAhead(reader, request.bufferBytes)
        if (read.kind === 'whole') return { ...answer, body: read.bytes }
        return { ...answer, body: restOfStream(read.chunks, reader, limits) }
      } catch (error) {
        if (!hasBegun && !isAgain && !call.signal.aborted && maySendTwice(request)) return answerTo(url, to, true)
        return failed(hasBegun ? 'broken-answer' : 'unreachable', describe(error))
      }
    }
  }
}

/** The life of one call: until its answer is there it may end by its deadline or because the caller went away. */
function createCall({ origin, body, timeoutMs, withinMs = timeoutMs, onAbortable }: OutboundRequest, idleMs: number) {
  const startedAt = performance.now()
  const controller = new AbortController()
  const ended = Promise.withResolvers<SendResult>()
  const isStreamed = body !== null && !(body instanceof Uint8Array)
  let isSettled = false
  let isLate = false
  // A large upload takes its time: until it is sent, what is bounded is standing still.
  let deadline = expire(isStreamed ? idleMs : timeoutMs)
  onAbortable?.(() => end('aborted', 'the caller went away'))

  function expire(afterMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      isLate = true
      end('timeout', `nothing within ${afterMs} ms`)
    }, afterMs)
  }

  function restart(afterMs: number): void {
    clearTimeout(deadline)
    if (!isSettled) deadline = expire(afterMs)
  }

  function end(why: SendFailure, detail: string): void {
    if (isSettled) return
    ended.resolve(failed(why, detail))
    controller.abort(new Error(detail))
  }

  function settle(result: SendResult): void {
    isSettled = true
    clearTimeout(deadline)
    ended.resolve(result)
  }

  function fail(error: unknown): void {
    isSettled = true
    clearTimeout(deadline)
    ended.reject(error)
  }

  /** The body with an eye on its progress. A caller's body that breaks off is not the receiver's failure. */
  async function* uploading(stream: ByteStream): ByteStream {
    try {
      for await (const chunk of stream) {
        restart(idleMs)
        yield chunk
      }
      restart(timeoutMs)
    } catch (error) {
      end('aborted', `the body broke off: ${describe(error)}`)
      throw error
    }
  }

  /** Waits for a place for as long as there is time. Resolves to whether it has one. */
  async function waitIn(places: WaitingPlaces): Promise<boolean> {
    clearTimeout(deadline)
    const leftMs = () => startedAt + withinMs - performance.now()
    const hasPlace = await places.wait(origin, leftMs() - Math.min(LEAST_LEFT_MS, withinMs / 2), controller.signal)
    restart(Math.min(timeoutMs, leftMs()))
    return hasPlace
  }

  return { signal: controller.signal, ended: ended.promise, settle, fail, uploading, waitIn, isLate: () => isLate }
}

function bodyOf(
  { body, headers }: OutboundRequest,
  watched: (stream: ByteStream) => ByteStream,
  ofLength: FetchSendOptions['ofLength'],
): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null {
  if (body === null || body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer> | null
  const stream = webStream(watched(body))
  const bytes = header(headers, 'content-length')
  return bytes === undefined ? stream : ofLength(stream, Number(bytes))
}

/** Without the length, which the runtime says by itself. One by one, which costs it less than a list. Throws for what is no header. */
function sent(list: HeaderList): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i] as string
    if (name.length !== LENGTH_NAME.length || name.toLowerCase() !== LENGTH_NAME)
      headers.append(name, list[i + 1] as string)
  }
  return headers
}

/** Without what no longer holds: of these encodings the body was freed, and its length is another. */
function headersOf(headers: Headers): string[] {
  const encoding = headers.get('content-encoding')
  const isUndone = encoding === 'gzip' || encoding === 'br'
  const list: string[] = []
  headers.forEach((value, name) => {
    if (!isUndone || (name !== 'content-encoding' && name !== 'content-length')) list.push(name, value)
  })
  return list
}

/**
 * The network between a Worker and the Internet answers in the place of a host it cannot reach: refused, timed out, no route,
 * TLS, DNS. Partners' own answers of such a status are JSON.
 */
function saidByCloudflare(status: number, headers: HeaderList): SendFailure | null {
  if (status < 520 || status > 530 || header(headers, 'content-type')?.includes('json')) return null
  if (status === 524) return 'timeout'
  return [521, 522, 523, 525, 526, 530].includes(status) ? 'unreachable' : null
}

function failed(why: SendFailure, detail: string): SendResult {
  return { kind: 'failed', why, detail }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
