import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { partyNumber } from './party-number.ts'
import { createPushObjects } from './push-objects.ts'
import { answerQuestions, nowMs } from './questions.ts'

// Platforms that push to the hub, all in one process, each on a connection of its own: `node push-senders.ts`. Every answer
// is looked at.

export type Sender = { readonly n: number; readonly token: string }

export type PushJob = {
  readonly port: number
  /** Several connections of the same sender are several times the sender. */
  readonly senders: readonly Sender[]
  /** The number of the first object. */
  readonly from: number
  readonly bytes: number
  /** Ends after so many pushes, or so many seconds. */
  readonly until: { readonly count: number } | { readonly seconds: number }
  /** Pushes per second; as fast as the answers come by default. */
  readonly perSecond?: number
}

export type PushResult = {
  readonly sent: number
  readonly wrong: number
  readonly startedAt: number
  readonly endedAt: number
  /** By push: when it left and when its answer was there. */
  readonly sentAt: readonly number[]
  readonly answeredAt: readonly number[]
}

type Line = { readonly push: (n: number) => Promise<boolean>; readonly socket: Socket }

async function open(port: number, { n: platform, token }: Sender, bytes: number): Promise<Line> {
  const party = partyNumber(platform)
  const objects = createPushObjects(party, bytes)
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let pending = ''
  let onAnswer = (_isRight: boolean) => {}
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1')
    const headEnd = pending.indexOf('\r\n\r\n')
    if (headEnd === -1) return
    const end = headEnd + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(pending)?.[1] ?? 0)
    if (pending.length < end) return
    const isRight = pending.startsWith('HTTP/1.1 200') && pending.includes('"status_code":1000', headEnd)
    pending = pending.slice(end)
    onAnswer(isRight)
  })
  const headers = [
    'Host: hub.example',
    `Authorization: Token ${btoa(token)}`,
    'OCPI-to-country-code: NL',
    'OCPI-to-party-id: HUB',
    `OCPI-from-country-code: ${party.countryCode}`,
    `OCPI-from-party-id: ${party.partyId}`,
    'Content-Type: application/json',
    `Content-Length: ${bytes}`,
  ].join('\r\n')
  const ids = (n: number) => `X-Request-ID: bench-request-${n}\r\nX-Correlation-ID: bench-push-${n}`
  return {
    socket,
    push: (n) =>
      new Promise((resolve) => {
        onAnswer = resolve
        const line = `PUT /ocpi/2.2.1/receiver/locations${objects.path(n)} HTTP/1.1`
        socket.cork()
        socket.write(`${line}\r\n${headers}\r\n${ids(n)}\r\n\r\n`, 'latin1')
        socket.write(objects.body(n))
        socket.uncork()
      }),
  }
}

async function run({ port, senders, from, bytes, until, perSecond }: PushJob): Promise<PushResult> {
  const lines = await Promise.all(senders.map((sender) => open(port, sender, bytes)))
  const sentAt: number[] = []
  const answeredAt: number[] = []
  const most = 'count' in until ? until.count : Number.POSITIVE_INFINITY
  let wrong = 0
  let next = 0
  const startedAt = nowMs()
  const endsAt = 'seconds' in until ? startedAt + until.seconds * 1000 : Number.POSITIVE_INFINITY
  const drive = async (line: Line) => {
    for (let i = next++; i < most && nowMs() < endsAt; i = next++) {
      if (perSecond) await sleepUntil(startedAt + (i * 1000) / perSecond)
      sentAt[i] = nowMs()
      const isRight = await line.push(from + i)
      answeredAt[i] = nowMs()
      if (!isRight) wrong++
    }
  }
  await Promise.all(lines.map(drive))
  const endedAt = nowMs()
  for (const { socket } of lines) socket.destroy()
  return { sent: answeredAt.length, wrong, startedAt, endedAt, sentAt, answeredAt }
}

function sleepUntil(at: number): Promise<void> {
  const delayMs = at - nowMs()
  return delayMs <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, delayMs))
}

answerQuestions<PushJob>(run)
