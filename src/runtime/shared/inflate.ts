import type { Transform } from 'node:stream'
import {
  type BrotliOptions,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
} from 'node:zlib'
import { freeMemory } from '../../hub/free-memory.ts'
import type { Room } from '../../hub/limits.ts'
import type { Inflate, Inflated, NoteBound, Now } from '../../hub/ports.ts'
import { createTurns } from '../../hub/take-turns.ts'

export type Inflater = {
  readonly open: (options: BrotliOptions & ZlibOptions) => Transform
  /** Null where even a small body may ask for a window of 16 MB. */
  readonly atOnce: ((bytes: Uint8Array, options: ZlibOptions) => Buffer) | null
}

const GZIP: Inflater = { open: createGunzip, atOnce: gunzipSync }
const BARE_DEFLATE: Inflater = { open: createInflateRaw, atOnce: inflateRawSync }
const INFLATERS: Readonly<Record<string, Inflater>> = {
  gzip: GZIP,
  'x-gzip': GZIP,
  deflate: { open: createInflate, atOnce: inflateSync },
  br: { open: createBrotliDecompress, atOnce: null },
}

/** Some servers leave out the two bytes that the coding begins with; clients know both [RFC 9110, section 8.4.1.2]. */
function isBareDeflate(name: string, bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  return name === 'deflate' && ((first & 0x0f) !== 8 || (first * 256 + second) % 31 !== 0)
}

/** What inflates a body of a known coding, by how it begins. */
export function inflaterOf(name: string, beginning: Uint8Array): Inflater {
  return isBareDeflate(name, beginning) ? BARE_DEFLATE : (INFLATERS[name] as Inflater)
}

/** @param name in small letters */
export function isKnownCoding(name: string): boolean {
  return Object.hasOwn(INFLATERS, name)
}

/** What is cut short is no error then, but inflated as far as it goes. */
const CUT = {
  zlib: { finishFlush: constants.Z_SYNC_FLUSH },
  br: { finishFlush: constants.BROTLI_OPERATION_FLUSH },
} as const

/** Bodies of the usual size take less time on the spot than to hand them to another thread: these become those at most, in 0.3 ms. */
const SMALL_BYTES = 16 * 1024
const SMALL_INFLATED_BYTES = 64 * 1024

export const PIECE_BYTES = 64 * 1024

/** Enough of a body that is too large to see how it begins. */
const BEGINNING_BYTES = 64 * 1024

/**
 * Inflaters at once. Each may ask for a window of 16 MB, which the system takes long to get back, and for one of the four threads that
 * resolving names needs too: of one platform two, so that it keeps nobody else from either.
 */
const AT_ONCE = { most: 4, mostOfOne: 2, mostWaitingOfOne: 256 } as const

/**
 * Inflates small bodies at once, others off the main thread and piece by piece. Each piece takes its room before the next one is made, so
 * that a body of a few bytes that inflates to millions ends at the limit, whatever it would have become.
 *
 * @param room for inflated bytes in hand, by platform
 */
export function createInflater(ports: {
  readonly room: Room
  readonly now: Now
  readonly noteBound: NoteBound
}): Inflate {
  const { room, now, noteBound } = ports
  const takeTurn = createTurns(AT_ONCE)

  return async function inflate(body) {
    const { encoding, bytes, platformId } = body
    const name = encoding.trim().toLowerCase()
    if (!isKnownCoding(name)) return UNREADABLE
    const inflater = inflaterOf(name, bytes)
    const small = inflateSmall(inflater, body)
    const found = small ?? (await (takeTurn(platformId, () => inflateInPieces(inflater, name, body)) ?? NO_ROOM))
    if (found.kind === 'no-room') noteBound('inflated-bytes')
    return found
  }

  /** Null where it takes longer, or something is wrong. */
  function inflateSmall({ atOnce }: Inflater, { bytes, limitBytes, platformId, isBeginning }: Body): Inflated | null {
    if (atOnce === null || bytes.length > SMALL_BYTES || isBeginning) return null
    try {
      const small = atOnce(bytes, { maxOutputLength: Math.min(SMALL_INFLATED_BYTES, limitBytes) })
      return room.take(platformId, small.length) ? whole(small, platformId) : NO_ROOM
    } catch {
      return null
    }
  }

  async function inflateInPieces({ open }: Inflater, name: string, body: Body): Promise<Inflated> {
    const { bytes, limitBytes, platformId, isBeginning = false, until = Number.POSITIVE_INFINITY } = body
    if (now() > until) return LATE
    const stream = open({ chunkSize: PIECE_BYTES, ...(isBeginning && CUT[name === 'br' ? 'br' : 'zlib']) })
    const pieces: Buffer[] = []
    let size = 0
    const ended = await end(stream, bytes, (piece) => {
      pieces.push(piece)
      if (size + piece.length > limitBytes) return 'more'
      if (now() > until) return 'late'
      if (!room.take(platformId, piece.length)) return 'no-room'
      size += piece.length
      return null
    })
    if (ended === 'whole') return whole(joined(pieces), platformId)
    room.give(platformId, size)
    return ended === 'more' ? { kind: 'more', beginning: beginningOf(pieces) } : { kind: ended }
  }

  function whole(bytes: Uint8Array, platformId: string): Inflated {
    let heldBytes = bytes.length
    const letGo = () => {
      room.give(platformId, heldBytes)
      heldBytes = 0
    }
    return { kind: 'whole', bytes, letGo }
  }
}

type Body = Parameters<Inflate>[0]

const NO_ROOM: Inflated = { kind: 'no-room' }
const LATE: Inflated = { kind: 'late' }
const UNREADABLE: Inflated = { kind: 'unreadable' }

/** Runs bytes through a stream to its end, or until `onPiece` says why no further. */
function end<Why extends string>(
  stream: Transform,
  bytes: Uint8Array,
  onPiece: (piece: Buffer) => Why | null,
): Promise<Why | 'whole' | 'unreadable'> {
  return new Promise((resolve) => {
    stream.on('data', (piece: Buffer) => {
      const why = onPiece(piece)
      if (why === null) return
      stream.destroy()
      resolve(why)
    })
    stream.on('end', () => resolve('whole')).on('error', () => resolve('unreadable'))
    stream.end(bytes)
  })
}

function joined(pieces: readonly Buffer[]): Buffer {
  if (pieces.length === 1) return pieces[0] as Buffer
  const bytes = Buffer.concat(pieces)
  freeAllButLast(pieces)
  return bytes
}

function beginningOf(pieces: readonly Buffer[]): Buffer {
  const beginning = Buffer.concat(pieces, Math.min(BEGINNING_BYTES, sizeOf(pieces)))
  freeAllButLast(pieces)
  return beginning
}

function sizeOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}

/** The last one is still in the inflater's hands. */
function freeAllButLast(pieces: readonly Buffer[]): void {
  for (const piece of pieces.slice(0, -1)) freeMemory(piece)
}
