type Releasable = ArrayBufferLike & { readonly transfer?: (length: number) => ArrayBuffer }

/**
 * Gives the memory of bytes back at once, which nobody may look at any more: they are empty then. The collector would find it
 * late, and each 64 MB that wait for it have it walk the whole heap. Leaves bytes that share their memory with others to it,
 * and all of them where the runtime cannot do it (Node 20).
 */
export function freeMemory(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes
  if (byteLength > 0 && byteLength === buffer.byteLength) (buffer as Releasable).transfer?.(0)
}
