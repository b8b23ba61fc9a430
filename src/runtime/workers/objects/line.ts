/**
 * Has work wait in line: one after the other, whatever became of the one before. So a hundred queues that read what they missed leave the
 * database's other connection to pushes, leases and cursors.
 */
export function createLine(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const own = last.then(work)
    last = own.catch(() => undefined)
    return own
  }
}
