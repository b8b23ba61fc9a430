import type { Dispatcher } from 'undici'
import type { ByteStream } from '../../hub/message.ts'

/** The rest of a large answer. What is not taken stops the socket; what does not come in time ends it. */
export class AnswerStream implements ByteStream, AsyncIterator<Uint8Array> {
  readonly #controller: Dispatcher.DispatchController
  readonly #chunks: Buffer[]
  readonly #idleMs: number
  readonly #total: NodeJS.Timeout
  #idle: NodeJS.Timeout | null = null
  #waiting: { resolve: (result: IteratorResult<Uint8Array>) => void; reject: (error: Error) => void } | null = null
  #end: { error: Error | null } | null = null
  #isPaused = false

  constructor(controller: Dispatcher.DispatchController, chunks: Buffer[], idleMs: number, totalMs: number) {
    this.#controller = controller
    this.#chunks = chunks
    this.#idleMs = idleMs
    this.#total = setTimeout(() => this.#abort(`the answer took more than ${totalMs} ms`), totalMs)
    this.#pause()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this
  }

  push(chunk: Buffer): void {
    if (this.#waiting) {
      const { resolve } = this.#waiting
      this.#settleWaiting()
      resolve({ done: false, value: chunk })
    } else {
      this.#chunks.push(chunk)
      this.#pause()
    }
  }

  finish(error: Error | null): void {
    if (this.#end) return
    this.#end = { error }
    clearTimeout(this.#total)
    if (!this.#waiting) return
    const { resolve, reject } = this.#waiting
    this.#settleWaiting()
    if (error) reject(error)
    else resolve({ done: true, value: undefined })
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#chunks.shift()
    if (chunk) return Promise.resolve({ done: false, value: chunk })
    if (this.#end) {
      return this.#end.error ? Promise.reject(this.#end.error) : Promise.resolve({ done: true, value: undefined })
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#idle = setTimeout(() => this.#abort(`the answer stood still for ${this.#idleMs} ms`), this.#idleMs)
      if (this.#isPaused) {
        this.#isPaused = false
        this.#controller.resume()
      }
    })
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.cancel()
    return Promise.resolve({ done: true, value: undefined })
  }

  cancel(): void {
    if (!this.#end) this.#abort('the answer is not wanted any more')
  }

  #abort(detail: string): void {
    const error = new Error(detail)
    this.#controller.abort(error)
    this.finish(error)
  }

  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#controller.pause()
  }

  #settleWaiting(): void {
    this.#waiting = null
    if (this.#idle) clearTimeout(this.#idle)
  }
}
