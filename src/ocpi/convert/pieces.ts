/** A body that comes in pieces, as far as it is still needed, in one piece. */
export class Pieces {
  /** What is still needed of pieces before, and the last piece. */
  bytes: Uint8Array = NOTHING
  /** Holds `bytes` from one piece to the next. */
  #room: Uint8Array = NOTHING

  /** Copies nothing as long as nothing is needed of pieces before. */
  take(piece: Uint8Array): void {
    const kept = this.bytes.length
    if (kept === 0) {
      this.bytes = piece
      return
    }
    if (kept + piece.length > this.#room.length) {
      // Twice the room each time, so that an object in many small pieces costs no more than its length.
      const room = new Uint8Array(2 * (kept + piece.length))
      room.set(this.bytes)
      this.#room = room
    }
    this.#room.set(piece, kept)
    this.bytes = this.#room.subarray(0, kept + piece.length)
  }

  /** What stands before `at` is needed no more. Pieces are their sender's to use again: the rest of them is copied. */
  forgetTo(at: number): void {
    const rest = this.bytes.subarray(at)
    if (rest.length === 0) {
      this.bytes = NOTHING
      return
    }
    if (at === 0 && rest.buffer === this.#room.buffer) return
    if (rest.length > this.#room.length) this.#room = new Uint8Array(2 * rest.length)
    this.#room.set(rest)
    this.bytes = this.#room.subarray(0, rest.length)
  }
}

const NOTHING = new Uint8Array(0)
