import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from '../shared/cannot-start.ts'

/**
 * Makes a folder, and those above it that are missing; one that is there will do. Node's own `recursive` goes round for ever,
 * and past SIGTERM, where the file system says ENOENT of a folder whose parent exists, as `/proc` does.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    const found = await stat(path).catch(() => null)
    if (found?.isDirectory()) return
    const parent = dirname(path)
    const isParentMissing = (await stat(parent).catch(codeOf)) === 'ENOENT'
    if (codeOf(error) !== 'ENOENT' || !isParentMissing || parent === path) throw error
    await makeFolder(parent, mode)
    await makeFolder(path, mode)
  }
}
