import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { partyNumber } from './party-number.ts'
import { createPushObjects, numberIn, type PushObjects } from './push-objects.ts'
import { answerQuestions, nowMs } from './questions.ts'

// Partners that take pushes and answer at once, all in one process, each at a port of its own: `node partners.ts <how many>`.
// On raw sockets, so that they cost the machine as little as possible. Every push is compared with what it must be.

/** What to expect: `count` pushes numbered from `from` on, of a party's objects, at each partner. */
export type Expectation = {
  readonly from: number
  readonly count: number
  readonly owner: number
  readonly bytes: number
  /** The platform number of the partner at the first port. */
  readonly firstPartner: number
}

export type PartnersQuestion =
  | { readonly kind: 'ports' }
  /** Forgets what came and counts anew. With null, pushes are answered and not looked at. */
  | { readonly kind: 'expect'; readonly expectation: Expectation | null }
  /** Settles when everything expected has come, or so much time has passed. */
  | { readonly kind: 'report'; readonly withinMs: number }

export type PartnersReport = {
  readonly ports: readonly number[]
  readonly received: number
  readonly expected: number
  /** Not what they must be, or for another partner. */
  readonly wrong: number
  readonly repeated: number
  readonly firstAt: number
  readonly lastAt: number
  /** When each push had come to the last of its partners. */
  readonly completedAt: readonly number[]
  /** When the first partner had each of its pushes, in the order they came. */
  readonly timesAtFirst: readonly number[]
}

const ENVELOPE = '{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}'
const DONE = answer(ENVELOPE)
const END_OF_HEAD = '\r\n\r\n'

const ports: number[] = []
let expectation: Expectation | null = null
let objects: PushObjects | null = null
let seen = new Uint8Array(0)
let completedAt = new Float64Array(0)
let timesAtFirst: number[] = []
let received = 0
let wrong = 0
let repeated = 0
let firstAt = 0
let lastAt = 0
let onComplete = () => {}

function expected(): number {
  return expectation ? expectation.count * ports.length : 0
}

function expect(next: Expectation | null): void {
  expectation = next
  objects = next && createPushObjects(partyNumber(next.owner), next.bytes)
  seen = new Uint8Array(expected())
  completedAt = new Float64Array(next?.count ?? 0)
  timesAtFirst = []
  received = wrong = repeated = firstAt = lastAt = 0
}

function take(partner: number, head: string, bytes: Buffer, start: number, end: number): void {
  if (!expectation || !objects) {
    received++
    return
  }
  const at = nowMs()
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/'))
  const n = numberIn(path)
  const index = n - expectation.from
  const platform = partner + expectation.firstPartner
  const { partyId } = partyNumber(platform)
  const isRight =
    index >= 0 &&
    index < expectation.count &&
    path === `/${platform}/RECEIVER/locations${objects.path(n)}` &&
    head.startsWith('PUT ') &&
    head.includes(`\r\nOCPI-to-party-id: ${partyId}\r\n`) &&
    objects.isBody(n, bytes, start, end)
  if (!isRight) {
    wrong++
    return
  }
  const place = partner * expectation.count + index
  if (seen[place] === 1) {
    repeated++
    return
  }
  seen[place] = 1
  if (received === 0) firstAt = at
  lastAt = at
  completedAt[index] = at
  if (partner === 0) timesAtFirst.push(at)
  if (++received === expected()) onComplete()
}

function serve(partner: number, socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const headEnd = pending.indexOf(END_OF_HEAD)
      if (headEnd === -1) return
      const head = pending.toString('latin1', 0, headEnd + 2)
      const start = headEnd + END_OF_HEAD.length
      const end = start + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (pending.length < end) return
      if (head.startsWith('GET ')) socket.write(versions(partner))
      else {
        take(partner, head, pending, start, end)
        socket.write(DONE)
      }
      pending = pending.subarray(end)
    }
  })
}

/** What the still-alive check asks for. */
function versions(partner: number): string {
  const data = [{ version: '2.2.1', url: `http://127.0.0.1:${ports[partner]}/2.2.1` }]
  return answer(JSON.stringify({ data, status_code: 1000, timestamp: '2026-01-01T00:00:00Z' }))
}

function answer(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

async function report(withinMs: number): Promise<PartnersReport> {
  if (expectation && received < expected()) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs)
      onComplete = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    onComplete = () => {}
  }
  const counts = { received, expected: expected(), wrong, repeated, firstAt, lastAt }
  return { ports, ...counts, completedAt: [...completedAt], timesAtFirst }
}

for (let partner = 0; partner < Number(process.argv[2]); partner++) {
  const server = createServer((socket) => serve(partner, socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ports.push((server.address() as AddressInfo).port)
}
answerQuestions<PartnersQuestion>((question) => {
  if (question.kind === 'expect') expect(question.expectation)
  return report(question.kind === 'report' ? question.withinMs : 0)
})
