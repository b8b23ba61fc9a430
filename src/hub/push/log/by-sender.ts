import { Fifo } from '../fifo.ts'

type Numbered = { readonly number: number }

/** The recent pushes of one sender in one module, in order; never empty while it stands among the others. */
export type SenderPushes<T> = {
  /** The id of the sending platform. */
  readonly sender: string
  readonly list: Fifo<T>
  /** The number of its newest push. */
  last: number
  /** The sender whose newest push is the next newer one; null for the newest. */
  newer: SenderPushes<T> | null
  /** The sender whose newest push is the next older one. */
  older: SenderPushes<T> | null
}

/**
 * The recent pushes of one module by sender, the sender of the newest push first: who has pushed beyond a number is found in as
 * many steps as there are such senders, however many pushes each of them made.
 */
export class BySender<T extends Numbered> {
  readonly #senders = new Map<string, SenderPushes<T>>()
  #newest: SenderPushes<T> | null = null

  /** The sender of the newest push; the others follow by `older`. */
  get newest(): SenderPushes<T> | null {
    return this.#newest
  }

  of(sender: string): SenderPushes<T> | undefined {
    return this.#senders.get(sender)
  }

  /** Adds the newest push. */
  add(sender: string, push: T): void {
    let pushes = this.#senders.get(sender)
    if (!pushes) {
      pushes = { sender, list: new Fifo(), last: 0, newer: null, older: null }
      this.#senders.set(sender, pushes)
    }
    pushes.list.push(push)
    pushes.last = push.number
    if (this.#newest === pushes) return
    this.#unlink(pushes)
    pushes.older = this.#newest
    if (this.#newest) this.#newest.newer = pushes
    this.#newest = pushes
  }

  /** Removes the oldest push, which is this sender's. */
  removeOldest(sender: string): void {
    const pushes = this.#senders.get(sender)
    pushes?.list.shift()
    if (!pushes || pushes.list.length > 0) return
    this.#senders.delete(sender)
    if (this.#newest === pushes) this.#newest = pushes.older
    this.#unlink(pushes)
  }

  #unlink(pushes: SenderPushes<T>): void {
    if (pushes.newer) pushes.newer.older = pushes.older
    if (pushes.older) pushes.older.newer = pushes.newer
    pushes.newer = null
    pushes.older = null
  }
}
