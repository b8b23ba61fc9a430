import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createRoom } from '../../../src/hub/limits.ts'
import type { ByteStream } from '../../../src/hub/message.ts'
import type { Bound } from '../../../src/hub/ports.ts'
import { createStreamInflater } from '../../../src/runtime/shared/inflate-stream.ts'

const MB = 1024 * 1024
const TEXT = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, i) => ({ id: `L${i}` }))))

function inflater(roomBytes: number) {
  const bounds: Bound[] = []
  const inflateStream = createStreamInflater({ room: createRoom(roomBytes), noteBound: (bound) => bounds.push(bound) })
  return {
    bounds,
    inflate: (encoding: string, stream: ByteStream) => inflateStream({ encoding, stream, platformId: 'a' }),
  }
}

/** In pieces of 1,000 bytes. `taken` says how many were asked for, `isEnded` whether somebody let it go. */
function source(bytes: Uint8Array) {
  const state = { taken: 0, isEnded: false }
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const at = state.taken++ * 1_000
      return at >= bytes.length
        ? { done: true, value: undefined }
        : { done: false, value: bytes.subarray(at, at + 1_000) }
    },
    async return() {
      state.isEnded = true
      return { done: true, value: undefined }
    },
  }
  return { state, stream: { [Symbol.asyncIterator]: () => iterator } }
}

async function all(stream: ByteStream | string): Promise<Buffer> {
  if (typeof stream === 'string') throw new Error(stream)
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}

test.each([
  ['gzip', gzipSync],
  ['X-GZIP ', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', (text: Buffer) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
] as const)('a stream in %s comes out as it went in', async (encoding, compress) => {
  const { inflate } = inflater(64 * MB)
  expect((await all(inflate(encoding, source(compress(TEXT)).stream))).equals(TEXT)).toBe(true)
})

test('a stream that is cut, or no such coding, fails and lets its sender go', async () => {
  const { inflate } = inflater(64 * MB)
  await expect(all(inflate('gzip', source(gzipSync(TEXT).subarray(0, 5_000)).stream))).rejects.toThrow()
  const { state, stream } = source(TEXT)
  await expect(all(inflate('gzip', stream))).rejects.toThrow()
  expect(state.isEnded).toBe(true)
  expect(inflate('zstd', source(TEXT).stream)).toBe('unreadable')
})

test('who takes nothing holds the sender back, and what is let go is let go at the sender too', async () => {
  const { inflate } = inflater(64 * MB)
  const { state, stream } = source(gzipSync(Buffer.alloc(60 * MB), { level: 1 }))
  const plain = inflate('gzip', stream) as ByteStream
  const iterator = plain[Symbol.asyncIterator]()
  expect((await iterator.next()).value?.length).toBeLessThanOrEqual(64 * 1024)
  await new Promise(setImmediate)
  expect(state.taken).toBeLessThan(150)
  await iterator.return?.()
  expect(state.isEnded).toBe(true)
})

test('as many as there is room for go on at once, and an end makes room', async () => {
  const { inflate, bounds } = inflater(MB)
  expect(inflate('br', source(TEXT).stream)).toBe('no-room')
  const open = [1, 2, 3].map(() => inflate('gzip', source(gzipSync(TEXT)).stream))
  expect(inflate('gzip', source(gzipSync(TEXT)).stream)).toBe('no-room')
  expect(bounds).toEqual(['inflated-bytes', 'inflated-bytes'])
  for (const stream of open) await all(stream)
  expect((await all(inflate('gzip', source(gzipSync(TEXT)).stream))).equals(TEXT)).toBe(true)
})

test('who goes away while the sender is still lets it go at once', async () => {
  const { inflate } = inflater(64 * MB)
  const compressed = gzipSync(TEXT, { level: 0 })
  const still = Promise.withResolvers<IteratorResult<Uint8Array>>()
  let taken = 0
  const sender: AsyncIterator<Uint8Array> = {
    next: async () => (taken++ === 0 ? { done: false, value: compressed.subarray(0, 10) } : still.promise),
    async return() {
      still.resolve({ done: true, value: undefined })
      return { done: true, value: undefined }
    },
  }
  const plain = inflate('gzip', { [Symbol.asyncIterator]: () => sender }) as ByteStream
  const iterator = plain[Symbol.asyncIterator]()
  const waiting = expect(iterator.next()).rejects.toThrow()
  await new Promise(setImmediate)
  await iterator.return?.()
  await waiting
})
