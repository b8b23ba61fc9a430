import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** When its head was read, on the clock of `performance.now()`. */
  readonly at: number
}

export type Scripted = {
  readonly status?: number
  readonly code?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** A partner's RECEIVER side: records every request and answers as told, with 1000 unless told otherwise. */
export type Receiver = {
  readonly origin: string
  readonly received: Received[]
  /** Null answers nothing, ever. */
  answer: (request: Received) => Scripted | null | Promise<Scripted | null>
  readonly waitFor: (matches: () => boolean, what: string, timeoutMs?: number) => Promise<void>
  readonly inFlight: () => number
  readonly mostInFlight: () => number
  readonly close: () => Promise<void>
}

export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = []
  let inFlight = 0
  let mostInFlight = 0
  const server = createServer((incoming, response) => {
    inFlight++
    mostInFlight = Math.max(mostInFlight, inFlight)
    response.on('close', () => inFlight--)
    void answerOne(incoming, response)
  })

  async function answerOne(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now()
    const chunks: Buffer[] = []
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const request: Received = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      at,
    }
    received.push(request)
    const scripted = await receiver.answer(request)
    if (!scripted) return
    const { status = 200, code = 1000, headers = {} } = scripted
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    response.end(scripted.body ?? JSON.stringify({ status_code: code, timestamp: '2026-01-01T00:00:00Z' }))
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: () => ({}),
    waitFor: (matches, what, timeoutMs = 20_000) => until(matches, what, timeoutMs),
    inFlight: () => inFlight,
    mostInFlight: () => mostInFlight,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}

/** Looks again and again until it holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Expected within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
