import type { Headers } from '../ocpi/headers.ts'

/** Bytes that arrive over time. Whoever does not take the next chunk holds the other side back. */
export type ByteStream = AsyncIterable<Uint8Array>

/** Ends a body that nobody reads on: its sender stops, what it holds is free. A body that is there whole needs none of that. */
export async function letGo(body: Uint8Array | ByteStream): Promise<void> {
  if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.()
}

/** A body that is there whole, as a stream. */
export async function* streamOf(bytes: Uint8Array): ByteStream {
  yield bytes
}

/** What reading a body found: all of it, or more than the buffer holds (the stream starts with what was read). */
export type ReadBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'stream'; readonly stream: ByteStream }
  | { readonly kind: 'broken' }

/** A partner's HTTP request, as bytes and words, before anything is understood of it. */
export type Message = {
  readonly method: string
  /** The path's bytes as sent, from the leading slash up to the query; doubled slashes are one. */
  readonly path: string
  /** The query's bytes as sent, with its `?`; empty when there is none. */
  readonly query: string
  readonly headers: Headers
  /** Address of the client, behind trusted proxies the one they name. */
  readonly clientAddress: () => string
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  /** Reads the body once: whole up to `bufferBytes`, as a stream beyond. */
  readonly readBody: (bufferBytes: number) => Promise<ReadBody> | ReadBody
  /** Calls back, once, when the caller goes away before it has its answer. Returns how to stop listening. */
  readonly onGone: (callback: () => void) => () => void
}

/** What the hub answers. A stream that fails ends the connection. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array | ByteStream
  /** Nobody else holds the body: its memory may be given back once it is sent. @default false */
  readonly ownsBody?: boolean
}
