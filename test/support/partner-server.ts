import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Headers, header } from '../../src/ocpi/headers.ts'
import type { InterfaceRole } from '../../src/ocpi/modules.ts'
import { freePort } from './free-port.ts'

/** A request as it came, whole. */
export type RecordedRequest = {
  readonly method: string
  /** Path and query as on the request line. */
  readonly target: string
  readonly path: string
  /** With its `?`; empty when there is none. */
  readonly query: string
  /** Names and values in turn, as sent. */
  readonly headers: Headers
  /** First value, by lower-case name. */
  readonly header: (lowerName: string) => string | undefined
  readonly body: Buffer
  /** The body parsed; throws when it is no JSON. */
  readonly json: () => unknown
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Counts the requests that came, of whatever kind: 1, 2, 3. */
  readonly nth: number
  /** Module and interface role of the endpoint it reached; null elsewhere. */
  readonly module: string | null
  readonly interfaceRole: InterfaceRole | null
  /** What follows the endpoint's URL in the path, `/LOC1`; the whole path elsewhere. */
  readonly suffix: string
}

/**
 * What to answer. With `body` exactly those bytes go out; otherwise an envelope of `data`, `statusCode` (1000) and
 * `statusMessage`. Message IDs and swapped routing headers are added unless `isBare`.
 */
export type Reply = {
  readonly status?: number
  readonly headers?: Headers
  readonly body?: Buffer | string
  readonly data?: unknown
  readonly statusCode?: number
  readonly statusMessage?: string
  readonly isBare?: boolean
}

/** Answers; or says that it wrote to `response` or its socket by itself; or leaves the request to what would come next. */
export type Handler = (
  request: RecordedRequest,
  response: ServerResponse,
) => Reply | 'handled' | 'pass' | Promise<Reply | 'handled' | 'pass'>

/** Sees a request before its body is read. True: it took over. For bodies that are streamed or never read. */
export type RawHandler = (incoming: IncomingMessage, response: ServerResponse) => boolean

export type PartnerServer = {
  readonly origin: string
  /** Every complete request so far but those of `told`. Set its length to 0 to forget them. */
  readonly requests: RecordedRequest[]
  /**
   * Of hubclientinfo: what the hub tells by itself of others, a moment after they joined or changed, and so amidst what a test does next.
   * Set its length to 0 to forget it.
   */
  readonly told: RecordedRequest[]
  /** The first request of either that matches, now or later. */
  readonly waitForRequest: (
    matches: (request: RecordedRequest) => boolean,
    timeoutMs?: number,
  ) => Promise<RecordedRequest>
  /** Stops listening and cuts every connection: callers are refused. */
  readonly refuse: () => Promise<void>
  /** Listens again at the same port. */
  readonly listenAgain: () => Promise<void>
  readonly close: () => Promise<void>
}

export type Waiter = {
  matches: (request: RecordedRequest) => boolean
  resolve: (request: RecordedRequest) => void
  reject: (error: Error) => void
}

export type ServerOptions = {
  readonly name: string
  readonly rawHandlers: readonly RawHandler[]
  readonly locate: (path: string) => Pick<RecordedRequest, 'module' | 'interfaceRole' | 'suffix'>
  readonly handle: Handler
}

/** A bare HTTP server on loopback that keeps what it was sent. */
export async function startPartnerServer(options: ServerOptions): Promise<PartnerServer> {
  const requests: RecordedRequest[] = []
  const told: RecordedRequest[] = []
  let came = 0
  const waiters = new Set<Waiter>()

  const onRequest = async (incoming: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => {})
    if (options.rawHandlers.some((take) => take(incoming, response))) return
    const chunks: Buffer[] = []
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
    } catch {
      return // The caller went away in the middle of its body: there is no request to keep.
    }
    const request = { ...record(incoming, Buffer.concat(chunks), options.locate), nth: ++came }
    const kept = request.module === 'hubclientinfo' ? told : requests
    kept.push(request)
    for (const waiter of waiters) if (waiter.matches(request)) waiter.resolve(request)
    const reply = await options.handle(request, response)
    if (reply === 'pass') throw new Error(`${options.name}: nothing answered ${request.method} ${request.target}`)
    if (reply !== 'handled' && !response.destroyed) writeReply(request, response, reply)
  }

  const listen = async (port: number): Promise<Server> => {
    const server = createServer({ keepAliveTimeout: 5_000 }, (incoming, response) => {
      onRequest(incoming, response).catch((error: unknown) => {
        const text = `${options.name}: ${error instanceof Error ? error.stack : String(error)}`
        if (response.headersSent) response.destroy()
        else response.writeHead(500, { 'Content-Type': 'text/plain' }).end(text)
      })
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  // Its own also while it refuses: it listens there again.
  const port = await freePort()
  let server: Server | null = await listen(port)

  const refuse = async () => {
    if (!server) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    server = null
    await closed
  }

  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    told,
    waitForRequest: (matches, timeoutMs = 20_000) =>
      waitFor(options.name, () => [...requests, ...told], waiters, matches, timeoutMs),
    refuse,
    listenAgain: async () => {
      server ??= await listen(port)
    },
    close: async () => {
      for (const waiter of waiters) waiter.reject(new Error(`${options.name} closed while a test waited for a request`))
      await refuse()
    },
  }
}

function waitFor(
  name: string,
  requests: () => readonly RecordedRequest[],
  waiters: Set<Waiter>,
  matches: (request: RecordedRequest) => boolean,
  timeoutMs: number,
): Promise<RecordedRequest> {
  const found = requests().find(matches)
  if (found) return Promise.resolve(found)
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      waiters.delete(waiter)
    }
    const waiter: Waiter = {
      matches,
      resolve: (request) => {
        settle()
        resolve(request)
      },
      reject: (error) => {
        settle()
        reject(error)
      },
    }
    const timer = setTimeout(() => {
      const came = requests()
        .map((request) => `${request.method} ${request.target}`)
        .join(', ')
      waiter.reject(
        new Error(`${name}: the request waited for did not come within ${timeoutMs} ms; came: ${came || 'none'}`),
      )
    }, timeoutMs)
    waiters.add(waiter)
  })
}

function record(
  incoming: IncomingMessage,
  body: Buffer,
  locate: ServerOptions['locate'],
): Omit<RecordedRequest, 'nth'> {
  const target = incoming.url ?? ''
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return {
    method: incoming.method ?? '',
    target,
    path,
    query: mark < 0 ? '' : target.slice(mark),
    headers: incoming.rawHeaders,
    header: (lowerName) => header(incoming.rawHeaders, lowerName),
    body,
    json: () => JSON.parse(body.toString('utf8')) as unknown,
    at: Date.now(),
    ...locate(path),
  }
}

function writeReply(request: RecordedRequest, response: ServerResponse, reply: Reply): void {
  const headers: string[] = []
  if (!reply.isBare) {
    headers.push('Content-Type', 'application/json')
    for (const [to, from] of ANSWER_HEADERS) {
      const value = request.header(from)
      if (value !== undefined) headers.push(to, value)
    }
  }
  const own = reply.headers ?? []
  const replaced = new Set(own.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()))
  const flat = headers.filter((_, i) => !replaced.has((headers[i - (i % 2)] as string).toLowerCase())).concat(own)
  const body =
    reply.body ??
    JSON.stringify({
      data: reply.data,
      status_code: reply.statusCode ?? 1000,
      ...(reply.statusMessage !== undefined && { status_message: reply.statusMessage }),
      timestamp: new Date().toISOString(),
    })
  if (!replaced.has('content-length') && !replaced.has('transfer-encoding'))
    flat.push('Content-Length', String(Buffer.byteLength(body)))
  response.writeHead(reply.status ?? 200, flat)
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** An answer's headers and the request's headers they are taken from [transport_and_format: Message Routing Headers]. */
const ANSWER_HEADERS = [
  ['X-Request-ID', 'x-request-id'],
  ['X-Correlation-ID', 'x-correlation-id'],
  ['OCPI-to-country-code', 'ocpi-from-country-code'],
  ['OCPI-to-party-id', 'ocpi-from-party-id'],
  ['OCPI-from-country-code', 'ocpi-to-country-code'],
  ['OCPI-from-party-id', 'ocpi-to-party-id'],
] as const
