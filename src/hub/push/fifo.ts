import { firstAbove } from '../first-above.ts'

/** A list that grows at its end and shrinks at its head, both in constant time. */
export class Fifo<T> implements Iterable<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  /** Undefined beyond the end. */
  at(index: number): T | undefined {
    return this.#items[this.#head + index]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    // Emptied so, the array keeps its room for the next item.
    if (this.#head === 0 && this.#items.length === 1) return this.#items.pop()
    const item = this.#items[this.#head]
    // An item that left must not stay in memory for as long as the list does.
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) this.clear()
    else if (this.#head > 32 && this.#head > this.#items.length / 2) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  clear(): void {
    this.#items.length = 0
    this.#head = 0
  }

  /** Keeps what matches, in its order. */
  keep(matches: (item: T) => boolean): void {
    const kept = [...this].filter(matches)
    this.clear()
    for (const item of kept) this.push(item)
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as T
  }
}

/** The index of the first item whose number is above this one; items are in the order of their numbers. */
export function firstAfter(list: Fifo<{ readonly number: number }>, number: number): number {
  return firstAbove(list.length, (index) => (list.at(index) as { readonly number: number }).number, number)
}
