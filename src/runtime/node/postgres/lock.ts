import { DatabaseSync } from 'node:sqlite'
import { CannotStart, describeError } from '../../shared/cannot-start.ts'

/**
 * Takes a lock that one process at a time holds and that ends with it, kill -9 included. Returns how to let go; null when
 * another process holds it.
 *
 * Node has no call for file locks, SQLite takes one on the file it opens: the kernel keeps it, so nothing stale is left to
 * interpret (a process id in a file may belong to another process, or to another container on the same volume). The file
 * stays empty.
 */
export function takeLock(path: string): (() => void) | null {
  let file: DatabaseSync | null = null
  try {
    file = new DatabaseSync(path, { timeout: 0 })
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    file?.close()
    const SQLITE_BUSY = 5
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw new CannotStart([`${path} cannot be locked: ${describeError(error)}`], { cause: error })
  }
  const held = file
  return () => held.close()
}
