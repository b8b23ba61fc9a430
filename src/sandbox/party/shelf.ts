/** Where a simulated party keeps objects of one kind, by key, in the order in which they were put there last. */
export type Shelf<T> = {
  readonly get: (key: string) => Promise<T | undefined>
  readonly list: () => Promise<readonly T[]>
  readonly put: (key: string, object: T) => Promise<void>
  /** False: there was none. */
  readonly drop: (key: string) => Promise<boolean>
}

/** A shelf that is a map: whoever has the map sees at once what is on it. */
export function shelfOf<T>(map: Map<string, T>): Shelf<T> {
  return {
    get: async (key) => map.get(key),
    list: async () => [...map.values()],
    put: async (key, object) => void map.set(key, object),
    drop: async (key) => map.delete(key),
  }
}
