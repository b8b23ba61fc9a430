// What whoever follows a hub sees of its restart.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCli } from './run-cli.ts'

const words = (line: string) => line.split(' ')
const AWAY = /^The hub at \S+ cannot be reached: .+\. Trying again until it is there\nThe hub is there again\n$/

/** What the hub answers, request by request; of those that are left it has gone in the middle. */
const answers: Readonly<Record<string, ((answer: ServerResponse) => void)[]>> = {
  '/admin/api/messages': [
    (answer) => json(answer, [{ id: 'old' }]),
    (answer) => void answer.destroy(),
    (answer) => void answer.writeHead(503, { 'Content-Type': 'text/html' }).end('<h1>No upstream'),
    (answer) => json(answer, [{ id: 'meanwhile' }, { id: 'old' }]),
  ],
  '/admin/api/events': [
    (answer) => stream(answer, 'id: 7\n\n'),
    (answer) => void answer.destroy(),
    (answer) => stream(answer, 'id: 8\nevent: alarm\ndata: {"id":8}\n\n'),
  ],
}
const asked: IncomingMessage[] = []
const hub = createServer((request, answer) => {
  asked.push(request)
  answers[request.url?.split('?')[0] ?? '']?.shift()?.(answer)
})
let cli: ReturnType<typeof createCli>

beforeAll(async () => {
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve))
  cli = createCli({ OCPI_HUB_URL: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`, OCPI_HUB_KEY: 'key' })
})
afterAll(() => void hub.close())

function json(answer: ServerResponse, value: unknown): void {
  answer.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

function stream(answer: ServerResponse, text: string): void {
  answer.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(text)
}

test('a tail waits for a hub that restarts, says so, and shows what it missed', async () => {
  const [messages, events] = await Promise.all([
    cli(words('messages tail --count 1 --json')),
    cli(words('events tail --count 1 --json')),
  ])
  expect(messages).toEqual({ code: 0, out: '{"id":"meanwhile"}\n', err: expect.stringMatching(AWAY) })
  expect(events).toEqual({ code: 0, out: '{"id":8}\n', err: expect.stringMatching(AWAY) })
  const of = (path: string) => asked.filter(({ url }) => url?.startsWith(`/admin/api/${path}`))
  const since = of('messages').map(({ url }) => new URL(url ?? '', 'http://hub').searchParams.get('since'))
  expect(since[3], 'the search goes back to before the hub was away').toBe(since[1])
  expect(of('events').map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '7', '7'])
})

test('a tail does not wait for a hub that was never there', async () => {
  const env = { OCPI_HUB_URL: 'http://127.0.0.1:9' }
  for (const what of ['messages', 'events']) expect((await cli([what, 'tail'], { env })).code).toBe(6)
})
