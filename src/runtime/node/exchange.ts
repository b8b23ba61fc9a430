import type { IncomingMessage, ServerResponse } from 'node:http'
import { freeMemory } from '../../hub/free-memory.ts'
import { type Answer, type ByteStream, letGo, type Message, type ReadBody } from '../../hub/message.ts'
import { splitTarget } from '../shared/request-target.ts'
import type { StreamLimits } from '../shared/stream-limits.ts'

/** A partner's request on Node, read from the raw incoming message so that its bytes stay what they were. */
export function readNodeMessage(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  clientAddress: () => string,
  now: number,
  limits: StreamLimits,
): Message {
  const { path, query } = splitTarget(incoming.url ?? '/')
  return {
    method: incoming.method ?? 'GET',
    path,
    query,
    headers: incoming.rawHeaders,
    clientAddress,
    receivedAt: now,
    readBody: (bufferBytes) => readNodeBody(incoming, bufferBytes, limits),
    onGone(callback) {
      const onClose = () => {
        if (!outgoing.writableEnded) callback()
      }
      outgoing.on('close', onClose)
      return () => outgoing.off('close', onClose)
    },
  }
}

function readNodeBody(
  incoming: IncomingMessage,
  bufferBytes: number,
  limits: StreamLimits,
): Promise<ReadBody> | ReadBody {
  if (Number(incoming.headers['content-length'] ?? 0) > bufferBytes) {
    return { kind: 'stream', stream: rest([], incoming, limits) }
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => settle({ kind: 'broken' }), limits.idleMs)
    const settle = (result: ReadBody) => {
      clearTimeout(timer)
      incoming.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      resolve(result)
    }
    const onData = (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size <= bufferBytes) return
      incoming.pause()
      settle({ kind: 'stream', stream: rest(chunks, incoming, limits) })
    }
    const onEnd = () => {
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)
      settle({ kind: 'whole', bytes })
    }
    const onClose = () => settle({ kind: 'broken' })
    incoming.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

/** What was read and what is still to come, bounded in stillness and in all. */
async function* rest(read: readonly Buffer[], incoming: IncomingMessage, limits: StreamLimits): ByteStream {
  const total = setTimeout(() => incoming.destroy(new Error('The body took too long')), limits.totalMs)
  let idle: NodeJS.Timeout | undefined
  try {
    yield* read
    const iterator = incoming[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    for (;;) {
      idle = setTimeout(() => incoming.destroy(new Error('The body stood still')), limits.idleMs)
      const next = await iterator.next()
      clearTimeout(idle)
      if (next.done) return
      yield next.value
    }
  } finally {
    clearTimeout(total)
    clearTimeout(idle)
  }
}

/**
 * Up to this size an answer's head and body leave in one write: Node joins them when both are text, and latin1 gives each
 * byte back as it was. Two buffers would cost a gathering write, a tenth of the whole request.
 */
const ONE_WRITE_BYTES = 65_536

/**
 * Writes an answer. A stream that fails ends the connection, since its status has gone out already; so does a caller that
 * takes nothing of its answer for `idleMs`, or takes it too slowly.
 */
export function writeNodeAnswer(outgoing: ServerResponse, answer: Answer, limits: StreamLimits): void {
  const { idleMs } = limits
  if (outgoing.destroyed) {
    void letGo(answer.body)
    return
  }
  if (answer.body instanceof Uint8Array) {
    const { buffer, byteOffset, length } = answer.body
    outgoing.writeHead(answer.status, [...answer.headers, 'Content-Length', String(length)])
    if (outgoing.req.method === 'HEAD') outgoing.end()
    else if (length > ONE_WRITE_BYTES) endWith(outgoing, answer.body, answer.ownsBody ?? false)
    else outgoing.end(Buffer.from(buffer, byteOffset, length).toString('latin1'), 'latin1')
    if (outgoing.writableLength > 0) {
      endWhenIdle(outgoing, idleMs)
      endWhenLate(outgoing, limits)
    }
    endLateBody(outgoing.req, idleMs)
    return
  }
  outgoing.writeHead(answer.status, answer.headers as string[])
  endWhenIdle(outgoing, idleMs)
  void pump(answer.body, outgoing).then(() => endLateBody(outgoing.req, idleMs))
}

/** What was sent may be given back behind this turn's bookkeeping; what is not, the system may still be reading from. */
function endWith(outgoing: ServerResponse, body: Uint8Array, isOwned: boolean): void {
  if (isOwned) outgoing.once('finish', () => setImmediate(freeMemory, body))
  outgoing.end(body)
}

/** Node takes this back when the answer is out. */
function endWhenIdle(outgoing: ServerResponse, idleMs: number): void {
  outgoing.setTimeout(idleMs, () => outgoing.destroy())
}

/** For what the network does not take at once: a caller that takes a byte now and then would have the hub hold the rest for ever. */
function endWhenLate(outgoing: ServerResponse, { idleMs, totalMs, leastBytesPerSecond }: StreamLimits): void {
  const leastMs = leastBytesPerSecond === 0 ? totalMs : (outgoing.writableLength / leastBytesPerSecond) * 1000
  const timer = setTimeout(() => outgoing.destroy(), Math.min(totalMs, idleMs + leastMs))
  outgoing.once('close', () => clearTimeout(timer))
}

/**
 * A request that was answered before its body had come: the rest is thrown away, for a while, since a connection cut at once
 * would take the answer with it.
 */
function endLateBody(incoming: IncomingMessage, idleMs: number): void {
  if (incoming.complete || incoming.destroyed) return
  const timer = setTimeout(() => incoming.destroy(), idleMs)
  incoming.once('close', () => clearTimeout(timer))
  // Whoever read it so far listens for this, which keeps it from flowing.
  incoming.removeAllListeners('readable').resume()
}

async function pump(stream: ByteStream, outgoing: ServerResponse): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]()
  outgoing.once('close', () => void iterator.return?.())
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      if (outgoing.destroyed) break
      if (!outgoing.write(next.value)) await drained(outgoing)
    }
    outgoing.end()
  } catch {
    outgoing.destroy()
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done).off('close', done)
      resolve()
    }
    outgoing.once('drain', done).once('close', done)
  })
}
