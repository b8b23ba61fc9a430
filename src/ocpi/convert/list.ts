import { isJson } from '../envelope.ts'
import { isName } from '../json-members.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipMark,
  skipSpace,
} from '../json-skip.ts'
import { areCrumbs, CRUMBS } from './crumbs.ts'
import { statusFor } from './envelope-codes.ts'
import { Pieces } from './pieces.ts'
import { ValueWalk } from './value-walk.ts'

/** An object larger than this is left out: one at a time is kept in memory. */
export const MOST_OBJECT_BYTES = 1024 * 1024

/** What becomes of the `data` of an envelope. */
export type DataConversion = {
  /** The version that the envelope goes to, for its status code. */
  readonly to: string
  /** What stands in place of an object of the list, or of what `data` is when it is none; null: it is left out. */
  readonly convert: (object: Uint8Array) => Uint8Array | null
  /** Whether what an envelope has no name for becomes null: `Data` is one to some readers. @default false */
  readonly isBare?: boolean
  /** Is told of an object that is left out since it cannot be read. */
  readonly broken: (why: string) => void
}

/** A body that is no envelope, or ends before its end. What was passed on of it is not to be ended as if it were whole. */
export class BrokenBody extends Error {}

/** What is converted between two pieces of the answer. */
const STEP_BYTES = 64 * 1024

/**
 * An envelope with its `data` converted object by object as it comes: asks for more of the body when what was made of it is taken, and
 * holds no more than one object. Members beside `data` pass as they are, but for a status code that the version does not have.
 *
 * @throws BrokenBody
 */
export async function* convertData(
  body: AsyncIterable<Uint8Array>,
  conversion: DataConversion,
): AsyncGenerator<Uint8Array, void, void> {
  const splitter = new Splitter(conversion)
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += STEP_BYTES) {
      const made = splitter.push(chunk.subarray(at, at + STEP_BYTES))
      if (made.length > 0) yield made
    }
  }
  splitter.end()
}

/** As `convertData`, of a whole body; null when it is no envelope. */
export function convertWholeData(body: Uint8Array, conversion: DataConversion): Uint8Array | null {
  const splitter = new Splitter(conversion)
  try {
    const made = splitter.push(body)
    splitter.end()
    return made
  } catch (error) {
    if (error instanceof BrokenBody) return null
    throw error
  }
}

/** Where in an envelope it is. */
type State = 'before' | 'name' | 'colon' | 'value' | 'behind-value' | 'list' | 'behind'

/** What is read to its end: a name, the list's element, the value of `data` that is none, of `status_code`, of what is not shown, of something else. */
type Part = 'name' | 'element' | 'data' | 'status' | 'hidden' | 'other'

const COLON = 0x3a
const SMALL_N = 0x6e

const decoder = new TextDecoder()
const encoder = new TextEncoder()
const NULL = encoder.encode('null')

class Splitter {
  readonly #conversion: DataConversion
  readonly #pieces = new Pieces()
  /** Passed on up to here. */
  #passed = 0
  /** Where the part begins that has to be whole; -1 without one. */
  #keptFrom = -1
  #state: State = 'before'
  #part: Part = 'other'
  #isInPart = false
  #isTooLarge = false
  readonly #walk = new ValueWalk()
  #isListEmpty = true
  /** Of lists so far. */
  #elements = 0
  /** Of the body, that are not at hand any more. */
  #bytesBefore = 0
  /** In an object or list: what may come. */
  #next: 'first' | 'another' | 'separator' = 'first'
  #name: 'data' | 'status_code' | 'unknown' | null = null
  #out = NOTHING
  #outLength = 0

  constructor(conversion: DataConversion) {
    this.#conversion = conversion
  }

  /** What may be passed on, now that this piece has come: bytes of their own. */
  push(piece: Uint8Array): Uint8Array {
    this.#pieces.take(piece)
    while (this.#isInPart ? this.#walkPart() : this.#step()) {
      // Each time as far as it goes.
    }
    this.#passTo(this.#keptFrom === -1 ? this.#walk.at : this.#keptFrom)
    this.#forgetPassed()
    const made = this.#out.subarray(0, this.#outLength)
    this.#out = NOTHING
    this.#outLength = 0
    return made
  }

  #forgetPassed(): void {
    this.#pieces.forgetTo(this.#passed)
    this.#bytesBefore += this.#passed
    this.#walk.at -= this.#passed
    if (this.#keptFrom !== -1) this.#keptFrom -= this.#passed
    this.#passed = 0
  }

  end(): void {
    if (this.#state !== 'behind') throw new BrokenBody('it ends too early')
  }

  /** One token of an envelope; false when more of the body is needed. */
  #step(): boolean {
    const bytes = this.#pieces.bytes
    if (this.#state === 'before') {
      if (bytes.length < 3 && bytes[0] === 0xef) return false
      this.#walk.at = Math.max(this.#walk.at, skipMark(bytes))
    }
    this.#walk.at = skipSpace(bytes, this.#walk.at)
    if (this.#walk.at >= bytes.length) return false
    const byte = bytes[this.#walk.at]
    switch (this.#state) {
      case 'before':
        return this.#expect(byte === OPEN_BRACE, 'name')
      case 'name':
        if (byte === CLOSE_BRACE && this.#next === 'first') return this.#expect(true, 'behind')
        if (byte !== QUOTE) throw new BrokenBody('it is no JSON')
        this.#next = 'another'
        return this.#begin('name', byte)
      case 'colon':
        return this.#expect(byte === COLON, 'value')
      case 'value':
        return this.#beginValue(byte as number)
      case 'behind-value':
        return byte === CLOSE_BRACE ? this.#expect(true, 'behind') : this.#expect(byte === COMMA, 'name')
      case 'list':
        return this.#inList(byte as number)
      case 'behind':
        throw new BrokenBody('something follows it')
    }
  }

  #expect(isThere: boolean, next: State): boolean {
    if (!isThere) throw new BrokenBody('it is no JSON')
    this.#walk.at++
    this.#state = next
    return true
  }

  #beginValue(first: number): boolean {
    if (this.#name === 'data' && first === OPEN_BRACKET) {
      this.#passTo(this.#walk.at + 1)
      this.#next = 'first'
      this.#isListEmpty = true
      return this.#expect(true, 'list')
    }
    if (this.#name === 'data' && first !== SMALL_N) return this.#begin('data', first)
    if (this.#name === 'unknown') return this.#begin('hidden', first)
    return this.#begin(this.#name === 'status_code' ? 'status' : 'other', first)
  }

  #inList(byte: number): boolean {
    if (byte === CLOSE_BRACKET && this.#next !== 'another') {
      this.#passed = this.#walk.at
      this.#next = 'another'
      return this.#expect(true, 'behind-value')
    }
    if (this.#next === 'separator') {
      this.#next = 'another'
      return this.#expect(byte === COMMA, 'list')
    }
    this.#next = 'separator'
    return this.#begin('element', byte)
  }

  #begin(part: Part, first: number): boolean {
    if (!this.#walk.begin(first)) throw new BrokenBody('it is no JSON')
    this.#part = part
    this.#isInPart = true
    this.#isTooLarge = false
    if (part !== 'element') this.#passTo(this.#walk.at)
    this.#keptFrom = this.#walk.at
    return true
  }

  /** Over the rest of the part at hand; false when it goes on in the next piece. */
  #walkPart(): boolean {
    const isWhole = this.#walk.walk(this.#pieces.bytes)
    if (this.#keptFrom !== -1 && this.#walk.at - this.#keptFrom > MOST_OBJECT_BYTES) this.#giveUp()
    if (!isWhole) return false
    this.#isInPart = false
    this.#endPart()
    this.#keptFrom = -1
    return true
  }

  /** What is too large is walked over, but not kept. */
  #giveUp(): void {
    if (this.#part === 'name' || this.#part === 'status') throw new BrokenBody('a member of it is too large')
    this.#isTooLarge = this.#part !== 'other'
    this.#keptFrom = -1
  }

  #endPart(): void {
    const whole = this.#keptFrom === -1 ? NOTHING : this.#pieces.bytes.subarray(this.#keptFrom, this.#walk.at)
    switch (this.#part) {
      case 'name': {
        this.#name = this.#nameIn(whole)
        this.#state = 'colon'
        return
      }
      case 'element': {
        if (areCrumbs(++this.#elements, this.#bytesBefore + this.#walk.at)) throw new BrokenBody(CRUMBS)
        const made = this.#converted(whole)
        if (made !== null) {
          if (!this.#isListEmpty) this.#write(COMMA_BYTES)
          this.#isListEmpty = false
          this.#write(made)
        }
        this.#passed = this.#walk.at
        return
      }
      case 'data':
        this.#write(this.#converted(whole) ?? NULL)
        this.#passed = this.#walk.at
        break
      case 'hidden':
        this.#write(NULL)
        this.#passed = this.#walk.at
        break
      case 'status': {
        const written = decoder.decode(whole)
        const { code, words } = statusFor(Number(written.replaceAll('"', '')), this.#conversion.to)
        this.#write(words === null ? whole : encoder.encode(String(code)))
        this.#passed = this.#walk.at
        break
      }
      case 'other':
        if (this.#keptFrom !== -1 && !isJson(whole)) throw new BrokenBody('it is no JSON')
    }
    this.#state = 'behind-value'
  }

  #nameIn(whole: Uint8Array): 'data' | 'status_code' | 'unknown' | null {
    const is = (name: string): boolean => isName(whole, 0, whole.length, name)
    if (is('data')) return 'data'
    if (is('status_code')) return 'status_code'
    return this.#conversion.isBare && !is('status_message') && !is('timestamp') ? 'unknown' : null
  }

  #converted(whole: Uint8Array): Uint8Array | null {
    if (!this.#isTooLarge) return this.#conversion.convert(whole)
    this.#conversion.broken('it is too large')
    return null
  }

  #passTo(to: number): void {
    // Of a list only what is made of its elements is passed on.
    const isRaw = this.#state !== 'list' && !(this.#isTooLarge && this.#isInPart)
    if (isRaw && to > this.#passed) this.#write(this.#pieces.bytes.subarray(this.#passed, to))
    this.#passed = Math.max(this.#passed, to)
  }

  #write(bytes: Uint8Array): void {
    const needed = this.#outLength + bytes.length
    if (needed > this.#out.length) {
      const grown = new Uint8Array(needed + Math.max(this.#pieces.bytes.length - this.#walk.at, needed >> 1))
      grown.set(this.#out.subarray(0, this.#outLength))
      this.#out = grown
    }
    this.#out.set(bytes, this.#outLength)
    this.#outLength = needed
  }
}

const NOTHING: Uint8Array = new Uint8Array(0)
const COMMA_BYTES = Uint8Array.of(COMMA)
