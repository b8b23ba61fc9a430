import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 50

/** What `find` gives as soon as it gives something; rejects when that takes longer than `timeoutMs`. For what nobody announces. */
export async function poll<T>(
  what: string,
  find: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${timeoutMs / 1000} s`)
    await sleep(EVERY_MS)
  }
}
