import { connect, type Socket } from 'node:net'

// A load generator in a process of its own: `node load.ts '{"port":…,"request":…,"body":…,"connections":50,"seconds":2}'`.
// Writes the same bytes again and again on raw sockets and compares every answer with what is expected.

type Job = {
  readonly port: number
  readonly request: string
  /** What every answer's body must be. */
  readonly body: string
  readonly connections: number
  readonly warmupSeconds: number
  readonly seconds: number
}

export type LoadResult = {
  readonly perSecond: number
  readonly requests: number
  readonly wrong: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const job = JSON.parse(process.argv[2] ?? '{}') as Job
const requestBytes = Buffer.from(job.request, 'latin1')
const expected = Buffer.from(job.body)
const END_OF_HEAD = Buffer.from('\r\n\r\n')

let isCounting = false
let isOver = false
let requests = 0
let wrong = 0
const latenciesNs: number[] = []

function drive(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: job.port, host: '127.0.0.1', noDelay: true })
    let pending: Buffer = Buffer.alloc(0)
    let sentAt = 0n
    const send = () => {
      sentAt = process.hrtime.bigint()
      socket.write(requestBytes)
    }
    socket.on('error', reject)
    socket.on('connect', () => {
      resolve(socket)
      send()
    })
    socket.on('close', () => {
      if (!isOver) throw new Error('a connection was closed')
    })
    socket.on('data', (chunk: Buffer) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      const head = pending.indexOf(END_OF_HEAD)
      if (head === -1) return
      const answer = readAnswer(pending, head)
      if (answer === null) return
      pending = pending.subarray(answer.end)
      if (isCounting) {
        requests++
        if (!answer.isRight) wrong++
        latenciesNs.push(Number(process.hrtime.bigint() - sentAt))
      }
      if (!isOver) send()
    })
  })
}

/** Null while the answer is not all there. */
function readAnswer(bytes: Buffer, head: number): { end: number; isRight: boolean } | null {
  const text = bytes.toString('latin1', 0, head)
  const start = head + 4
  const isOk = text.startsWith('HTTP/1.1 200')
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)
  if (length) {
    const end = start + Number(length[1])
    if (bytes.length < end) return null
    return { end, isRight: isOk && bytes.subarray(start, end).equals(expected) }
  }
  const last = bytes.indexOf('0\r\n\r\n', start, 'latin1')
  if (last === -1) return null
  const end = last + 5
  return { end, isRight: isOk && dechunk(bytes.subarray(start, end)).equals(expected) }
}

function dechunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf('\r\n', at, 'latin1')
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16)
    if (size === 0) break
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
  return Buffer.concat(parts)
}

const sockets = await Promise.all(Array.from({ length: job.connections }, drive))
setTimeout(() => {
  isCounting = true
  const startedAt = process.hrtime.bigint()
  setTimeout(() => {
    isCounting = false
    isOver = true
    const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
    latenciesNs.sort((a, b) => a - b)
    const at = (share: number) => (latenciesNs[Math.floor(latenciesNs.length * share)] ?? 0) / 1e6
    const result: LoadResult = { perSecond: requests / seconds, requests, wrong, p50Ms: at(0.5), p99Ms: at(0.99) }
    process.stdout.write(JSON.stringify(result))
    for (const socket of sockets) socket.destroy()
  }, job.seconds * 1000)
}, job.warmupSeconds * 1000)
