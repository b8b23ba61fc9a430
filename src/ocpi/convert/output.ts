import { MOST_BYTES_OF_ONE, writeText } from '../utf8.ts'

/** What text of a source becomes: long runs of it as they are, with changes between them. Copies nothing as long as nothing changed. */
export class Output {
  readonly #source: Uint8Array
  #made: Uint8Array
  #length = 0
  #copied: number
  readonly #start: number

  constructor(source: Uint8Array, start: number) {
    this.#source = source
    this.#start = start
    this.#copied = start
    this.#made = NOTHING
  }

  /** Copies the source up to before `to`, where it is not copied or passed over yet. */
  copyTo(to: number): void {
    const from = this.#copied
    if (to <= from) return
    this.#makeRoom(to - from)
    const made = this.#made
    if (to - from > SHORT) made.set(this.#source.subarray(from, to), this.#length)
    else for (let i = from, at = this.#length; i < to; ) made[at++] = this.#source[i++] as number
    this.#length += to - from
    this.#copied = to
  }

  /** Passes over the source up to before `to`. */
  passTo(to: number): void {
    if (to > this.#copied) this.#copied = to
  }

  write(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length)
    this.#made.set(bytes, this.#length)
    this.#length += bytes.length
  }

  writeText(text: string): void {
    this.#makeRoom(text.length * MOST_BYTES_OF_ONE)
    this.#length += writeText(text, this.#made, this.#length)
  }

  /** Bytes in place of the source's between the two. */
  replace(from: number, to: number, bytes: Uint8Array): void {
    this.copyTo(from)
    this.write(bytes)
    this.passTo(to)
  }

  /** A text in place of the source's bytes between the two. */
  replaceByText(from: number, to: number, text: string): void {
    this.copyTo(from)
    this.writeText(text)
    this.passTo(to)
  }

  /** Where it is, for going back. */
  mark(): Mark {
    return { length: this.#length, copied: this.#copied }
  }

  /** Forgets what was written behind a mark. */
  goBack({ length, copied }: Mark): void {
    this.#length = length
    this.#copied = copied
  }

  /** To where the object ends. When nothing was changed it is the source itself, with what space stands around the object. */
  finish(end: number): Uint8Array {
    if (this.#length === 0 && this.#copied === this.#start) {
      return this.#start === 0 ? this.#source : this.#source.subarray(this.#start, end)
    }
    this.copyTo(end)
    const whole = this.#made.slice(0, this.#length)
    if (this.#made.length <= MOST_KEPT) kept = this.#made
    return whole
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#made.length) return
    if (this.#made === NOTHING && kept !== null && kept.length >= needed) {
      this.#made = kept
      kept = null
      return
    }
    const grown = new Uint8Array(Math.max(needed + (needed >> 1), this.#source.length + ROOM_FOR_MORE))
    grown.set(this.#made.subarray(0, this.#length))
    this.#made = grown
  }
}

export type Mark = { readonly length: number; readonly copied: number }

const NOTHING = new Uint8Array(0)

/** Shorter runs are copied faster byte by byte. */
const SHORT = 24

/** What a target mostly is longer by than its source, at most. */
const ROOM_FOR_MORE = 1024

/** Room to write in, from one conversion to the next; null while one has it. */
let kept: Uint8Array | null = null
const MOST_KEPT = 256 * 1024
