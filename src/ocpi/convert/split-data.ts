import { isJson } from '../envelope.ts'
import { isName } from '../json-members.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SMALL_N,
  skipMark,
  skipSpace,
} from '../json-skip.ts'
import { areCrumbs, CRUMBS } from './crumbs.ts'
import { statusFor } from './envelope-codes.ts'
import { Pieces } from './pieces.ts'
import { ValueWalk } from './value-walk.ts'

/** An object larger than this is left out: one at a time is kept in memory. */
export const MOST_OBJECT_BYTES = 1024 * 1024

/** A body that is no envelope, or ends before its end. What was passed on of it is not to be ended as if it were whole. */
export class BrokenBody extends Error {}

/** Of the `data` of an envelope an object of its list, or what it is where it is none. */
export type DataItem = {
  /** Null where it is too large. */
  readonly bytes: Uint8Array | null
  readonly place: 'first' | 'behind' | 'alone'
}

/** A piece of an envelope: bytes pass as they are. Commas of lists are in none. */
export type DataPart = Uint8Array | DataItem

/** Where in an envelope it is. */
type State = 'before' | 'name' | 'colon' | 'value' | 'behind-value' | 'list' | 'behind'

/** What is read to its end: a name, the list's element, the value of `data` that is none, of `status_code`, of what is not shown, of something else. */
type Part = 'name' | 'element' | 'data' | 'status' | 'hidden' | 'other'

const COLON = 0x3a

const decoder = new TextDecoder()
const encoder = new TextEncoder()
const NULL = encoder.encode('null')

/**
 * Cuts an envelope that comes in pieces into what stands in its `data` and what passes as it is. What it gives is of the memory of the
 * pieces and its own: it holds until `settle`.
 */
export class DataSplitter {
  readonly #to: string
  readonly #isBare: boolean
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
  #isFirstOfList = true
  /** Of lists so far. */
  #elements = 0
  /** Of the body, that are not at hand any more. */
  #bytesBefore = 0
  /** In an object or list: what may come. */
  #next: 'first' | 'another' | 'separator' = 'first'
  #name: 'data' | 'status_code' | 'unknown' | null = null
  #parts: DataPart[] = []

  /**
   * @param to the version that the envelope goes to
   * @param isBare as in `DataConversion`
   */
  constructor(to: string, isBare: boolean) {
    this.#to = to
    this.#isBare = isBare
  }

  /** What is known to its end, now that this piece has come. */
  split(piece: Uint8Array): readonly DataPart[] {
    this.#pieces.take(piece)
    while (this.#isInPart ? this.#walkPart() : this.#step()) {
      // Each time as far as it goes.
    }
    this.#passTo(this.#keptFrom === -1 ? this.#walk.at : this.#keptFrom)
    const parts = this.#parts
    this.#parts = []
    return parts
  }

  /** Before the next piece: nobody needs what the last one gave any more. */
  settle(): void {
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
      this.#isFirstOfList = true
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
        this.#give(whole, this.#isFirstOfList ? 'first' : 'behind')
        this.#isFirstOfList = false
        this.#passed = this.#walk.at
        return
      }
      case 'data':
        this.#give(whole, 'alone')
        this.#passed = this.#walk.at
        break
      case 'hidden':
        this.#write(NULL)
        this.#passed = this.#walk.at
        break
      case 'status': {
        const written = decoder.decode(whole)
        const { code, words } = statusFor(Number(written.replaceAll('"', '')), this.#to)
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
    return this.#isBare && !is('status_message') && !is('timestamp') ? 'unknown' : null
  }

  #give(whole: Uint8Array, place: DataItem['place']): void {
    this.#parts.push({ bytes: this.#isTooLarge ? null : whole, place })
  }

  #passTo(to: number): void {
    // Of a list only what is made of its elements is passed on.
    const isRaw = this.#state !== 'list' && !(this.#isTooLarge && this.#isInPart)
    if (isRaw && to > this.#passed) this.#write(this.#pieces.bytes.subarray(this.#passed, to))
    this.#passed = Math.max(this.#passed, to)
  }

  #write(bytes: Uint8Array): void {
    this.#parts.push(bytes)
  }
}

const NOTHING: Uint8Array = new Uint8Array(0)
