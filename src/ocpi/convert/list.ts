import { joined } from '../bytes.ts'
import { COMMA_PIECE } from '../json-skip.ts'
import { BrokenBody, type DataItem, type DataPart, DataSplitter } from './split-data.ts'

/** What becomes of the `data` of an envelope. */
export type DataConversion = {
  /** The version that the envelope goes to, for its status code. */
  readonly to: string
  /**
   * Is given objects that are converted next, and makes ready what they need, for all of them at once or for as many of the first as it
   * gives: `3` of 20, then it is given the 17 others. @default nothing is needed
   */
  readonly ahead?: (objects: readonly Uint8Array[]) => number | Promise<number>
  /** What stands in place of an object of the list, or of what `data` is when it is none; null: it is left out. */
  readonly convert: (object: Uint8Array) => Uint8Array | null
  /** Whether what an envelope has no name for becomes null: `Data` is one to some readers. @default false */
  readonly isBare?: boolean
  /** Is told of an object that is left out since it cannot be read. */
  readonly broken: (why: string) => void
  /** Lets everybody else have a turn. @default they wait */
  readonly turn?: () => Promise<void>
}

/** What is read, and converted, between two pieces of the answer. */
const STEP_BYTES = 64 * 1024
/** To read and make as much took some milliseconds. */
const TURN_BYTES = 256 * 1024
/** Objects that are looked ahead at together. */
const MOST_AHEAD = 100

/**
 * An envelope with its `data` converted object by object as it comes: asks for more of the body when what was made of it is taken, and
 * holds no more than some objects. Members beside `data` pass as they are, but for a status code that the version does not have.
 *
 * @throws BrokenBody
 */
export async function* convertData(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  conversion: DataConversion,
): AsyncGenerator<Uint8Array, void, void> {
  const { ahead, turn } = conversion
  const splitter = new DataSplitter(conversion.to, conversion.isBare ?? false)
  const made = new Made(conversion)
  let sinceTurn = 0
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += STEP_BYTES) {
      const parts = splitter.split(chunk.subarray(at, at + STEP_BYTES))
      let ready = ahead ? 0 : Number.POSITIVE_INFINITY
      for (const [index, part] of parts.entries()) {
        if (!(part instanceof Uint8Array) && part.bytes !== null) {
          if (ready === 0 && ahead) {
            const looking = ahead(objectsOf(parts, index))
            ready = typeof looking === 'number' ? looking : await looking
          }
          ready -= 1
        }
        sinceTurn += made.add(part)
        if (sinceTurn >= TURN_BYTES && turn) {
          sinceTurn = 0
          await turn()
        }
        if (made.bytes >= STEP_BYTES) yield made.take()
      }
      const rest = made.bytes > 0 ? made.take() : null
      splitter.settle()
      if (rest !== null) yield rest
    }
  }
  splitter.end()
}

/** As `convertData`, of a whole body; null when it is no envelope. */
export async function convertWholeData(body: Uint8Array, conversion: DataConversion): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of convertData([body], conversion)) pieces.push(piece)
  } catch (error) {
    if (error instanceof BrokenBody) return null
    throw error
  }
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : joined(pieces)
}

/** The next objects of parts, from one of them on. */
function objectsOf(parts: readonly DataPart[], from: number): readonly Uint8Array[] {
  const objects: Uint8Array[] = []
  for (let index = from; index < parts.length && objects.length < MOST_AHEAD; index++) {
    const part = parts[index] as DataPart
    if (!(part instanceof Uint8Array) && part.bytes !== null) objects.push(part.bytes)
  }
  return objects
}

/** What becomes of the parts of an envelope, until it is taken. */
class Made {
  readonly #conversion: DataConversion
  /** One for all that is made, from one piece to the next. */
  #room: Uint8Array = new Uint8Array(0)
  #isListEmpty = true
  bytes = 0

  constructor(conversion: DataConversion) {
    this.#conversion = conversion
  }

  /** Gives how many bytes were read and made. */
  add(part: DataPart): number {
    const before = this.bytes
    if (part instanceof Uint8Array) {
      this.#write(part)
      return part.length
    }
    if (part.place === 'first') this.#isListEmpty = true
    const made = this.#converted(part)
    if (part.place === 'alone') this.#write(made ?? NULL)
    else if (made !== null) {
      if (!this.#isListEmpty) this.#write(COMMA_PIECE)
      this.#isListEmpty = false
      this.#write(made)
    }
    return this.bytes - before + (part.bytes?.length ?? 0)
  }

  /** Bytes of their own. */
  take(): Uint8Array {
    const whole = this.#room.slice(0, this.bytes)
    this.bytes = 0
    return whole
  }

  #converted({ bytes }: DataItem): Uint8Array | null {
    if (bytes !== null) return this.#conversion.convert(bytes)
    this.#conversion.broken('it is too large')
    return null
  }

  #write(bytes: Uint8Array): void {
    const needed = this.bytes + bytes.length
    if (needed > this.#room.length) {
      const grown = new Uint8Array(2 * needed)
      grown.set(this.#room.subarray(0, this.bytes))
      this.#room = grown
    }
    this.#room.set(bytes, this.bytes)
    this.bytes = needed
  }
}

const NULL = new TextEncoder().encode('null')
