/** Stores what was counted since the last call. What cannot be stored is stored with the next. */
export function createCountWriter<Counted>(
  counts: { readonly add: (counted: Counted) => void; readonly take: () => Counted },
  store: (counted: Counted) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const counted = counts.take()
    try {
      await store(counted)
    } catch (error) {
      counts.add(counted)
      throw error
    }
  }
}
