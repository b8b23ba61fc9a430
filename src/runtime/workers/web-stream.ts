import { AsyncLocalStorage } from 'node:async_hooks'
import type { ByteStream } from '../../hub/message.ts'
import type { StreamLimits } from '../shared/stream-limits.ts'

type Reader = {
  readonly read: () => Promise<{ done: boolean; value?: Uint8Array | undefined }>
  readonly cancel: (reason?: unknown) => Promise<void>
}

/** All of a body, or the chunks read when it turned out to be more. */
export type ReadAhead =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'more'; readonly chunks: Uint8Array[] }

/** Reads until the end, or until more than `bufferBytes` have come. Rejects when the stream fails. */
export async function readAhead(reader: Reader, bufferBytes: number): Promise<ReadAhead> {
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { kind: 'whole', bytes: joined(chunks, size) }
    if (!value) continue
    chunks.push(value)
    size += value.length
    if (size > bufferBytes) return { kind: 'more', chunks }
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/**
 * What was read ahead and what is still to come. A stream that stands still or takes too long fails; whoever stops iterating
 * ends the other side's sending. An iterator of its own, since a generator never begun would not clean up.
 */
export function restOfStream(
  chunks: Uint8Array[],
  reader: Reader,
  limits: Pick<StreamLimits, 'idleMs' | 'totalMs'>,
): ByteStream {
  let failure: Error | null = null
  const total = setTimeout(() => fail(`the body took more than ${limits.totalMs} ms`), limits.totalMs)

  function fail(detail: string): void {
    failure ??= new Error(detail)
    void end()
  }

  async function end(): Promise<void> {
    clearTimeout(total)
    await reader.cancel(failure ?? undefined).catch(() => undefined)
  }

  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const chunk = chunks.shift()
      if (chunk) return { done: false, value: chunk }
      const idle = setTimeout(() => fail(`the body stood still for ${limits.idleMs} ms`), limits.idleMs)
      try {
        const { done, value } = await reader.read()
        // A cancelled stream ends as if it were complete.
        if (failure) throw failure
        if (!done && value) return { done: false, value }
        clearTimeout(total)
        return { done: true, value: undefined }
      } catch (error) {
        clearTimeout(total)
        throw error
      } finally {
        clearTimeout(idle)
      }
    },
    async return() {
      chunks.length = 0
      await end()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/**
 * The same bytes as a stream of the web's. Takes a chunk only when one is asked for: by whoever reads, and yet within the request that the
 * stream was made in, since to make a chunk something may have to be looked up.
 */
export function webStream(stream: ByteStream): ReadableStream<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]()
  const within = AsyncLocalStorage.snapshot()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await within(() => iterator.next())
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await within(() => iterator.return?.())
      },
    },
    { highWaterMark: 0 },
  )
}
