/** Values by key, of so many bytes together: beyond them goes what came first. */
export class KeptByBytes<T> {
  readonly #mostBytes: number
  readonly #kept = new Map<string, { readonly value: T; readonly bytes: number }>()
  #bytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** What is kept together weighs so much, near enough. */
  get bytes(): number {
    return this.#bytes
  }

  find(key: string): T | undefined {
    return this.#kept.get(key)?.value
  }

  /** Keeps something in place of what was kept under the key. What has no room by itself is not kept. */
  keep(key: string, value: T, bytes: number): void {
    this.forget(key)
    const weight = bytes + key.length + LEAST_BYTES
    if (weight > this.#mostBytes) return
    this.#kept.set(key, { value, bytes: weight })
    this.#bytes += weight
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#mostBytes) break
      this.forget(oldest)
    }
  }

  forget(key: string): void {
    const kept = this.#kept.get(key)
    if (!kept) return
    this.#kept.delete(key)
    this.#bytes -= kept.bytes
  }
}

/** Of an entry, beside its key and the bytes of its value. */
const LEAST_BYTES = 400
