import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context, Hono } from 'hono'
import type { Exchanger, Handle } from '../http/app.ts'
import type { Answer, Message } from '../hub/message.ts'
import { messageIds, replyHeaders } from '../hub/message-ids.ts'
import { refuse } from '../hub/refusal.ts'
import { isSafePath } from '../ocpi/path.ts'
import { clientAddress, type TrustedProxies } from './client-address.ts'
import { readNodeMessage, splitTarget, type StreamLimits, writeNodeAnswer } from './node-exchange.ts'
import { random } from './secrets.ts'

type NodeContext = { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }

/** Reads and writes on Node's own messages: the bytes stay what they were, and the web's objects are never made. */
export type NodeExchanger = Exchanger & {
  readonly readRaw: (incoming: IncomingMessage, outgoing: ServerResponse) => Message
}

export function nodeExchanger(trusted: TrustedProxies, limits: StreamLimits): NodeExchanger {
  const readRaw: NodeExchanger['readRaw'] = (incoming, outgoing) =>
    readNodeMessage(incoming, outgoing, () => addressOf(incoming, trusted), Date.now(), limits)
  return {
    readRaw,
    read(c) {
      const { incoming, outgoing } = c.env as NodeContext
      return readRaw(incoming, outgoing)
    },
    write(c, answer) {
      const { incoming, outgoing } = c.env as NodeContext
      writeNodeAnswer(outgoing, answer, incoming.method ?? 'GET')
      return RESPONSE_ALREADY_SENT
    },
  }
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

/** What the relay answers whatever the router says: functional modules and URLs led through the hub. */
const RELAYED = /^\/ocpi\/(?:[^/]+\/(?:sender|receiver)|via|next)\//

/**
 * The hub's HTTP server. Bounds headers and how slowly a request may arrive. Relayed messages, nearly all there are, take the
 * short way past the web's objects and the router; everything else goes through the app.
 */
export function createNodeServer(options: {
  readonly app: Hono
  readonly relay: Handle
  readonly exchanger: NodeExchanger
  readonly maxHeaderBytes: number
}): NodeServer {
  const { app, relay, exchanger } = options
  const listener = getRequestListener(app.fetch)

  async function relayRaw(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    writeNodeAnswer(outgoing, await relay(exchanger.readRaw(incoming, outgoing)), incoming.method ?? 'GET')
  }
  const server = createServer(
    {
      maxHeaderSize: options.maxHeaderBytes,
      // A partner's connections are worth keeping; many ingresses close theirs after 60 s.
      keepAliveTimeout: 65_000,
      headersTimeout: 15_000,
      // Bodies have limits of their own: size, stillness and time in all.
      requestTimeout: 0,
      noDelay: true,
    },
    (incoming, outgoing) => {
      const { path } = splitTarget(incoming.url ?? '/')
      // The web's URL would resolve `..` and so route another path than the one that was sent.
      if (!isSafePath(path)) writeNodeAnswer(outgoing, nowhere(incoming), incoming.method ?? 'GET')
      else if (RELAYED.test(path)) void relayRaw(incoming, outgoing)
      else void listener(incoming, outgoing)
    },
  )
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

function nowhere(incoming: IncomingMessage): Answer {
  const back = replyHeaders(messageIds(incoming.rawHeaders, random.id), null, null)
  return refuse({ kind: 'unknown-path', detail: 'Unknown path' }, back, Date.now())
}
