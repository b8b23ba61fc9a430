import type { LookUp } from '../../hub/administration/accounts.ts'

/** Keys in one statement. */
const MOST_AT_ONCE = 1_000

type Asker<V> = { readonly resolve: (found: V | null) => void; readonly reject: (error: unknown) => void }

/**
 * Looks up together what is asked for while another lookup is under way. However many wrong keys come in, the database sees one
 * statement at a time, and whoever brings a good one waits for two of them at most.
 */
export const lookUpTogether: LookUp = <V>(findMany: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>) => {
  const waiting = new Map<string, Asker<V>[]>()
  let isAtIt = false

  async function run(): Promise<void> {
    isAtIt = true
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, MOST_AT_ONCE)
      for (const [key] of batch) waiting.delete(key)
      try {
        const found = await findMany(batch.map(([key]) => key))
        for (const [key, askers] of batch) for (const { resolve } of askers) resolve(found.get(key) ?? null)
      } catch (error) {
        for (const [, askers] of batch) for (const { reject } of askers) reject(error)
      }
    }
    isAtIt = false
  }

  return (key) =>
    new Promise<V | null>((resolve, reject) => {
      const askers = waiting.get(key)
      if (askers) askers.push({ resolve, reject })
      else waiting.set(key, [{ resolve, reject }])
      if (!isAtIt) void run()
    })
}
