/**
 * What pushes became in other versions, so that of many receivers of one version only the first costs a conversion. It has a part of the
 * room of the recent pushes; beyond it goes what came first.
 */
export class ConvertedPushes<T> {
  readonly #mostBytes: number
  readonly #kept = new Map<string, { readonly value: T; readonly bytes: number }>()
  #bytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** What is kept weighs so many bytes, near enough. */
  get bytes(): number {
    return this.#bytes
  }

  find(key: string): T | undefined {
    return this.#kept.get(key)?.value
  }

  /** Keeps something in place of what was kept under the key. What has no room by itself is not kept. */
  keep(key: string, value: T, bytes: number): void {
    this.forget(key)
    const weight = bytes + LEAST_BYTES
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

/** Of an entry, its key and its words beside the body. */
const LEAST_BYTES = 400
