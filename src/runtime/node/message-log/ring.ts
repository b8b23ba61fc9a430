/** Where the frame put in last ends, and where the one to be taken next begins: on lines of the processor's cache of their own. */
const HEAD = 0
const TAIL = 16
const PLACES_BYTES = 128

/** Before each frame stands its length. */
const LENGTH_BYTES = 4
/** In the place of a length: the next frame stands at the beginning of the memory. */
const TURN = -1

/** Memory for a ring that takes any frame of up to `mostFrameBytes` when it is empty, and at least `bytes` of frames that are small. */
export function ringMemory(bytes: number, mostFrameBytes: number): SharedArrayBuffer {
  // Of two parts of the memory, before and behind the place where an empty ring stands, the larger one takes the frame.
  const most = wholeWords(Math.max(bytes, 2 * (mostFrameBytes + 3 * LENGTH_BYTES)))
  return new SharedArrayBuffer(PLACES_BYTES + most)
}

/** Puts frames into a ring. Only one thread does. */
export type RingWriter = {
  readonly bytes: Buffer
  /** Where in `bytes` a frame of at most so many bytes may be written; -1 when there is no room. */
  readonly begin: (mostBytes: number) => number
  /** Hands the frame over that was begun and ends before `end`. */
  readonly end: (end: number) => void
}

/** Takes frames out of a ring. Only one thread does. */
export type RingReader = {
  /** Gives all frames that are there, in their order, to `use`, which must not throw. Behind it a frame's bytes are overwritten. */
  readonly drain: (use: (bytes: Buffer, start: number, end: number) => void) => void
}

/**
 * The writing end of a ring of bytes in memory that two threads share: one puts frames in, the other takes them out, and neither waits
 * for the other. A frame lies in one piece. There is always a gap before the tail: head on tail is a ring that is empty.
 */
export function createRingWriter(memory: SharedArrayBuffer): RingWriter {
  const { places, lengths, bytes } = views(memory)
  let head = Atomics.load(places, HEAD)
  let tail = Atomics.load(places, TAIL)
  let start = 0

  function placeOf(room: number): number {
    // Behind a frame at the end there is always room for the sign of a turn.
    if (head < tail) return head + room < tail ? head : -1
    if (head + room + LENGTH_BYTES <= bytes.length) return head
    return room < tail ? 0 : -1
  }

  return {
    bytes,
    begin(mostBytes) {
      const room = wholeWords(LENGTH_BYTES + mostBytes)
      let place = placeOf(room)
      if (place === -1) {
        tail = Atomics.load(places, TAIL)
        place = placeOf(room)
        if (place === -1) return -1
      }
      if (place !== head) lengths[head >> 2] = TURN
      start = place + LENGTH_BYTES
      return start
    },
    end(end) {
      lengths[(start >> 2) - 1] = end - start
      head = wholeWords(end)
      Atomics.store(places, HEAD, head)
    },
  }
}

/** The reading end. */
export function createRingReader(memory: SharedArrayBuffer): RingReader {
  const { places, lengths, bytes } = views(memory)
  let tail = Atomics.load(places, TAIL)
  return {
    drain(use) {
      const head = Atomics.load(places, HEAD)
      while (tail !== head) {
        const length = lengths[tail >> 2] as number
        if (length === TURN) {
          tail = 0
          continue
        }
        const start = tail + LENGTH_BYTES
        use(bytes, start, start + length)
        tail = wholeWords(start + length)
        Atomics.store(places, TAIL, tail)
      }
    },
  }
}

function views(memory: SharedArrayBuffer) {
  return {
    places: new Int32Array(memory, 0, PLACES_BYTES / Int32Array.BYTES_PER_ELEMENT),
    lengths: new Int32Array(memory, PLACES_BYTES),
    bytes: Buffer.from(memory, PLACES_BYTES),
  }
}

function wholeWords(bytes: number): number {
  return Math.ceil(bytes / LENGTH_BYTES) * LENGTH_BYTES
}
