import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createRoom } from '../../../src/hub/limits.ts'
import type { Bound, Inflated } from '../../../src/hub/ports.ts'
import { createInflater } from '../../../src/runtime/shared/inflate.ts'

const MB = 1024 * 1024

function inflater(roomBytes: number, now = () => 0) {
  const bounds: Bound[] = []
  const inflate = createInflater({ room: createRoom(roomBytes), now, noteBound: (bound) => bounds.push(bound) })
  return {
    bounds,
    inflate: (bytes: Uint8Array, encoding = 'gzip', platformId = 'a', limitBytes = MB, until = Infinity) =>
      inflate({ encoding, bytes, platformId, limitBytes, until }),
  }
}

const textOf = (found: Inflated) => (found.kind === 'whole' ? Buffer.from(found.bytes).toString() : found.kind)

/** As few bytes as brotli makes of a text of so many equal letters. */
function bomb(bytes: number): Buffer {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 }
  return brotliCompressSync(Buffer.alloc(bytes, 0x20), { params })
}

describe('inflating a body', () => {
  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ])('gives all of %s up to the limit, in one piece or many', async (encoding, compress) => {
    const { inflate } = inflater(4 * MB)
    for (const text of ['', '{"a":1}', 'x'.repeat(20_000), Array.from({ length: 90_000 }, (_, i) => i % 97).join()]) {
      const found = await inflate(compress(Buffer.from(text)), encoding)
      expect(textOf(found)).toBe(text)
      if (found.kind === 'whole') found.letGo()
    }
  })

  test('ends at the limit, and says how the body begins', async () => {
    const { inflate } = inflater(4 * MB)
    const found = await inflate(gzipSync(`{"a":"${'x'.repeat(3 * MB)}"}`))
    expect(found.kind).toBe('more')
    const beginning = found.kind === 'more' ? found.beginning : new Uint8Array(0)
    expect(beginning.length).toBeLessThanOrEqual(64 * 1024)
    expect(Buffer.from(beginning).toString()).toMatch(/^\{"a":"x+$/)
    expect((await inflate(gzipSync('x'.repeat(MB)))).kind).toBe('whole')
    expect((await inflate(gzipSync('x'.repeat(MB + 1)), 'gzip', 'b')).kind).toBe('more')
  })

  test('what is cut short, no such coding or in another is unreadable', async () => {
    const { inflate } = inflater(MB)
    for (const [bytes, encoding] of [
      [gzipSync('text').subarray(0, 12), 'gzip'],
      [Buffer.from('text'), 'gzip'],
      [Buffer.from('text'), 'br'],
      [gzipSync('text'), 'zstd'],
      [gzipSync('text'), 'constructor'],
    ] as const)
      expect((await inflate(bytes, encoding)).kind).toBe('unreadable')
  })

  test('a hundred bodies of some bytes that become 31 MB each take up no more than they may together', async () => {
    const { inflate } = inflater(8 * MB)
    const body = bomb(31 * MB)
    expect(body.length).toBeLessThan(100)
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }, 1)
    const found = await Promise.all(Array.from({ length: 100 }, () => inflate(body, 'br')))
    clearInterval(watch)
    expect(found.map(({ kind }) => kind)).toEqual(Array(100).fill('more'))
    // What may be in hand, and the beginnings.
    expect(most).toBeLessThan(8 * MB + 100 * 64 * 1024)
  })

  test('of a platform that has its part in hand is refused, while others are served; what it lets go is free again', async () => {
    const { inflate, bounds } = inflater(MB)
    const body = gzipSync('x'.repeat(MB / 16))
    const inHand: Inflated[] = []
    for (let i = 0; i < 40; i++) inHand.push(await inflate(body))
    const got = inHand.filter(({ kind }) => kind === 'whole')
    expect(got).toHaveLength(12)
    expect(inHand.slice(12).every(({ kind }) => kind === 'no-room')).toBe(true)
    expect(bounds).toEqual(Array(28).fill('inflated-bytes'))
    expect((await inflate(body, 'gzip', 'b')).kind).toBe('whole')
    for (const found of got) if (found.kind === 'whole') found.letGo()
    expect((await inflate(body)).kind).toBe('whole')
  })

  test('past its time it is given up', async () => {
    let now = 0
    const { inflate } = inflater(2 * MB, () => now++)
    const body = gzipSync('x'.repeat(MB - 1))
    expect((await inflate(body, 'gzip', 'a', MB, 2)).kind).toBe('late')
    expect((await inflate(body, 'gzip', 'a', MB, 1_000)).kind).toBe('whole')
  })
})
