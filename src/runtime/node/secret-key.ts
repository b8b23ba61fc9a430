import { randomBytes } from 'node:crypto'
import { link, lstat, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CannotStart, codeOf, describeError } from '../shared/cannot-start.ts'
import { makeFolder } from './make-folder.ts'

const FILE = 'secret-key'

/**
 * The key under which tokens in the embedded database are sealed: made at the first start, kept in the data folder with
 * mode 0600. Throws a CannotStart when a database is there without its key, since its tokens could never be opened again.
 */
export async function loadSecretKey(dataDir: string): Promise<Uint8Array> {
  const path = join(dataDir, FILE)
  try {
    return (await readKey(path)) ?? (await makeKey(dataDir, path))
  } catch (cause) {
    if (cause instanceof CannotStart) throw cause
    throw new CannotStart([`${path} cannot be kept: ${describeError(cause)}`], { cause })
  }
}

async function readKey(path: string): Promise<Uint8Array | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error
    return null
  })
  if (text === null) return null
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32)
    throw new CannotStart([`${path} holds no key: expected 32 bytes in base64; bring back the one that was there`])
  return key
}

async function makeKey(dataDir: string, path: string): Promise<Uint8Array> {
  if (await lstat(join(dataDir, 'postgres')).catch(() => null)) {
    throw new CannotStart([
      `${path} is missing, and without it the tokens in the database beside it stay closed: bring it back, or set SECRET_KEY`,
    ])
  }
  await makeFolder(dataDir)
  const key = randomBytes(32)
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${key.toString('base64')}\n`)
    await file.sync()
    // A link, not a rename: of two hubs that start together the second takes the first one's key.
    await link(draft, path)
    return key
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return (await readKey(path)) ?? key
  } finally {
    await file.close()
    await rm(draft, { force: true })
  }
}
