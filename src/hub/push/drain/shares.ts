/**
 * How many bytes each sender has beyond its share, of those that have any. What a sender leaves of an equal share goes to the
 * others: with 100 bytes for all, `{ a: 10, b: 40, c: 90 }` is `{ c: 40 }` beyond, since a and b have less than c may have, 50.
 */
export function beyondShare(bytesOf: ReadonlyMap<string, number>, mostBytes: number): Map<string, number> {
  const beyond = new Map<string, number>()
  const ascending = [...bytesOf].sort(([, a], [, b]) => a - b)
  let left = mostBytes
  for (const [index, [sender, bytes]] of ascending.entries()) {
    const share = left / (ascending.length - index)
    left -= Math.min(bytes, share)
    if (bytes > share) beyond.set(sender, bytes - share)
  }
  return beyond
}
