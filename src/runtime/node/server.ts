import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context, Hono } from 'hono'
import { nothingHereAnswer } from '../../admin/problem.ts'
import type { Exchanger, Handle } from '../../http/app.ts'
import { isRelayed } from '../../hub/corridor/relayed.ts'
import { messageIds, replyHeaders } from '../../hub/message/message-ids.ts'
import { type Refusal, refuse } from '../../hub/message/refusal.ts'
import type { Answer, Message } from '../../hub/message.ts'
import { envelopeBytes } from '../../ocpi/envelope.ts'
import { isSafePath } from '../../ocpi/path.ts'
import { STATUS } from '../../ocpi/status.ts'
import { clientAddress, type TrustedProxies } from '../shared/client-address.ts'
import { splitTarget } from '../shared/request-target.ts'
import { random } from '../shared/secrets.ts'
import type { StreamLimits } from '../shared/stream-limits.ts'
import { readNodeMessage, writeNodeAnswer } from './exchange.ts'

type NodeContext = { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }

/** Reads and writes on Node's own messages: the bytes stay what they were, and the web's objects are never made. */
export type NodeExchanger = Exchanger & {
  readonly readRaw: (incoming: IncomingMessage, outgoing: ServerResponse) => Message
  readonly writeRaw: (outgoing: ServerResponse, answer: Answer) => void
}

export function nodeExchanger(trusted: TrustedProxies, limits: StreamLimits): NodeExchanger {
  const readRaw: NodeExchanger['readRaw'] = (incoming, outgoing) =>
    readNodeMessage(incoming, outgoing, () => addressOf(incoming, trusted), Date.now(), limits)
  const writeRaw: NodeExchanger['writeRaw'] = (outgoing, answer) => writeNodeAnswer(outgoing, answer, limits)
  return {
    readRaw,
    writeRaw,
    read(c) {
      const { incoming, outgoing } = c.env as NodeContext
      return readRaw(incoming, outgoing)
    },
    write(c, answer) {
      // To HEAD Hono answers with a copy, which has lost the mark that all is sent.
      if (c.req.method === 'HEAD') return headOf(answer)
      writeRaw((c.env as NodeContext).outgoing, answer)
      return RESPONSE_ALREADY_SENT
    },
  }
}

function headOf({ status, headers }: Answer): Response {
  const copied = new Headers()
  for (let i = 0; i < headers.length; i += 2) copied.append(headers[i] as string, headers[i + 1] as string)
  return new Response(null, { status, headers: copied })
}

export function nodeClientAddress(trusted: TrustedProxies): (c: Context) => string {
  return (c) => addressOf((c.env as NodeContext).incoming, trusted)
}

function addressOf(incoming: IncomingMessage, trusted: TrustedProxies): string {
  return clientAddress(incoming.socket.remoteAddress ?? '', incoming.headersDistinct['x-forwarded-for'] ?? [], trusted)
}

export type NodeServer = {
  readonly listen: (port: number, host: string) => Promise<{ readonly port: number }>
  /** Takes nothing new and resolves when what is in flight is answered, or after `timeoutMs`. */
  readonly drain: (timeoutMs: number) => Promise<void>
}

/**
 * The hub's HTTP server. Bounds headers and how slowly a request may arrive. Relayed messages, nearly all there are, take the
 * short way past the web's objects and the router; everything else goes through the app.
 */
export function createNodeServer(options: {
  readonly app: Hono
  readonly relay: Handle
  readonly exchanger: NodeExchanger
  readonly maxHeaderBytes: number
  /** Told what nobody caught. */
  readonly onError: (error: unknown) => void
}): NodeServer {
  const { app, relay, exchanger } = options
  // Health checks of HTTP/1.0 name no host, and no answer depends on it.
  const listener = getRequestListener(app.fetch, { hostname: 'localhost' })

  function relayRaw(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const failed = (error: unknown) => fail(outgoing, error)
    try {
      relay(exchanger.readRaw(incoming, outgoing))
        .then((answer) => exchanger.writeRaw(outgoing, answer))
        .catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  /** For what no part foresaw: one request fails, not the process. */
  function fail(outgoing: ServerResponse, error: unknown): void {
    options.onError(error)
    if (outgoing.headersSent) outgoing.destroy()
    else exchanger.writeRaw(outgoing, refuseRaw(outgoing.req, FAILED))
  }

  const server = createServer(
    {
      maxHeaderSize: options.maxHeaderBytes,
      // A partner's connections are worth keeping; many ingresses close theirs after 60 s.
      keepAliveTimeout: 65_000,
      headersTimeout: 15_000,
      // Node looks for heads that are late only now and then: every 30 s unless told, so that one could take 45 s.
      connectionsCheckingInterval: 1_000,
      // Bodies have limits of their own: size, stillness and time in all.
      requestTimeout: 0,
      noDelay: true,
    },
    (incoming, outgoing) => {
      const { path } = splitTarget(incoming.url ?? '/')
      // The web's URL would resolve `..` and so route another path than the one that was sent; `OPTIONS *` has none.
      if (!path.startsWith('/') || !isSafePath(path)) exchanger.writeRaw(outgoing, refusePath(incoming, path))
      else if (isRelayed(path)) relayRaw(incoming, outgoing)
      else void listener(incoming, outgoing)
    },
  )
  server.on('clientError', refuseBroken)
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const address = server.address()
          resolve({ port: typeof address === 'object' && address ? address.port : port })
        })
      }),
    drain: (timeoutMs) =>
      new Promise((resolve) => {
        if (!server.listening) return resolve()
        const cut = setTimeout(() => server.closeAllConnections(), timeoutMs)
        // Node closes connections that are idle now; one that is answered later would stay for its keep-alive time.
        const closing = setInterval(() => server.closeIdleConnections(), 20)
        server.close(() => {
          clearTimeout(cut)
          clearInterval(closing)
          resolve()
        })
      }),
  }
}

const NOWHERE: Refusal = { kind: 'unknown-path', detail: 'Unknown path' }
const FAILED: Refusal = { kind: 'hub-failure', detail: 'The hub failed to handle this request' }

/** For a path that no part of the hub is asked about. */
function refusePath(incoming: IncomingMessage, path: string): Answer {
  return path.startsWith('/admin/') ? nothingHereAnswer(random.id()) : refuseRaw(incoming, NOWHERE)
}

function refuseRaw(incoming: IncomingMessage, refusal: Refusal): Answer {
  return refuse(refusal, replyHeaders(messageIds(incoming.rawHeaders, random.id), null, null), Date.now())
}

/** What Node's parser refuses, by its code. Everything else is no HTTP. */
const BROKEN: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The headers took too long'],
}
/** What still comes is thrown away for so long: a connection cut at once would take the answer with it. */
const LINGER_MS = 2_000

/** Answers that such a refusal waits for, so that it waits once. */
const awaited = new WeakSet<ServerResponse>()

/** Answers what never became a request, on the socket, behind the answers to those that did. The socket then ends. */
function refuseBroken(
  error: NodeJS.ErrnoException,
  socket: Duplex & { readonly _httpMessage?: ServerResponse | null },
): void {
  if (socket.writableEnded) return
  // The field is Node's own, asked by its own handler too: the answer whose turn it is on this socket.
  const due = socket._httpMessage
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  if (due?.req.complete) {
    if (!awaited.has(due)) due.once('finish', () => refuseBroken(error, socket))
    awaited.add(due)
    return
  }
  if (due?.headersSent) return void socket.destroy()
  const [status, message] = BROKEN[error.code ?? ''] ?? ['400 Bad Request', 'This is no HTTP request']
  const body = envelopeBytes(STATUS.clientError, message, undefined, new Date().toISOString())
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.on('error', () => {}).once('close', () => clearTimeout(timer))
}
