/** Lets one part wait for what another will receive. */
export type Inbox = {
  /** Says that something arrived. */
  readonly arrived: () => void
  /** What `find` gives as soon as it gives something; rejects when that takes longer than `timeoutMs`. */
  readonly until: <T>(what: string, find: () => T | undefined, timeoutMs?: number) => Promise<T>
}

export function createInbox(): Inbox {
  const listeners = new Set<() => void>()
  return {
    arrived: () => {
      for (const listener of listeners) listener()
    },
    until: (what, find, timeoutMs = 10_000) => {
      const found = find()
      if (found !== undefined) return Promise.resolve(found)
      return new Promise((resolve, reject) => {
        const look = () => {
          const value = find()
          if (value === undefined) return
          clearTimeout(timer)
          listeners.delete(look)
          resolve(value)
        }
        const timer = setTimeout(() => {
          listeners.delete(look)
          reject(new Error(`${what} did not arrive within ${timeoutMs / 1000} s`))
        }, timeoutMs)
        listeners.add(look)
      })
    },
  }
}
