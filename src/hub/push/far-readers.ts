const ALL_BYTES = 64_000_000
const LEAST_BYTES = 32_000

/** Who reads further back than memory reaches: what these hold of the log at once is shared among them. */
export class FarReaders {
  #count = 0

  enter(): void {
    this.#count++
  }

  leave(): void {
    this.#count--
  }

  /** How many bytes one of them may read at once. */
  share(): number {
    return Math.max(LEAST_BYTES, Math.floor(ALL_BYTES / Math.max(1, this.#count)))
  }
}
