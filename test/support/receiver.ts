import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = { readonly headers: IncomingHttpHeaders; readonly text: string; readonly path: string }

/** Answers what a receiver of webhooks is sent. */
export type AnswerReceived = (received: Received, response: ServerResponse) => void

/** A receiver of webhooks on loopback. It takes all until `answer` is set otherwise. */
export async function startReceiver() {
  const received: Received[] = []
  const receiver = {
    url: '',
    received,
    answer: ((_, response) => void response.end()) as AnswerReceived,
    /** Types of what was received, in its order. */
    types: () => received.map(({ text }) => String(JSON.parse(text).type)),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { headers: request.headers, text: Buffer.concat(chunks).toString(), path: request.url ?? '' }
      received.push(one)
      receiver.answer(one, response)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return receiver
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>

export function answerWith(status: number, headers: Record<string, string> = {}, body = ''): AnswerReceived {
  return (_, response) => void response.writeHead(status, headers).end(body)
}
