import { setTimeout } from 'node:timers/promises'

/** Waits until something holds; fails, saying what, when it does not within the time. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'Expected it to hold in time',
  timeoutMs = 20_000,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(what)
    await setTimeout(20)
  }
}
