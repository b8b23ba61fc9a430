/** A map with some entries in front of another's, which is not copied: to whom few more entries are shown of very many. */
export function overlaid<K, V>(base: ReadonlyMap<K, V>, front: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  function* entries(): Generator<[K, V], undefined> {
    for (const entry of base) if (!front.has(entry[0])) yield entry
    yield* front
  }
  function* keys(): Generator<K, undefined> {
    for (const [key] of entries()) yield key
  }
  function* values(): Generator<V, undefined> {
    for (const [, value] of entries()) yield value
  }
  const both: ReadonlyMap<K, V> = {
    get: (key) => (front.has(key) ? front.get(key) : base.get(key)),
    has: (key) => front.has(key) || base.has(key),
    get size() {
      return base.size + [...front.keys()].filter((key) => !base.has(key)).length
    },
    forEach(call) {
      for (const [key, value] of entries()) call(value, key, both)
    },
    entries,
    keys,
    values,
    [Symbol.iterator]: entries,
  }
  return both
}
