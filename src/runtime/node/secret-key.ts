import { randomBytes } from 'node:crypto'
import { link, lstat, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../settings/settings.ts'
import { CannotStart, codeOf, describeError } from '../shared/cannot-start.ts'
import type { SecretKeys } from '../shared/secrets.ts'
import { makeFolder } from './make-folder.ts'

const FILE = 'secret-key'

/** Beside the other file: the key before, while tokens or links under it may be about. */
export const PREVIOUS_FILE = 'secret-key.previous'

/** The keys of the settings, or else those in the data folder. */
export function secretKeysOf({ secretKey, previousSecretKey, dataDir }: Settings): Promise<SecretKeys> {
  if (secretKey === null) return loadSecretKeys(dataDir)
  return Promise.resolve({ current: secretKey, previous: previousSecretKey })
}

/**
 * The key under which tokens in the embedded database are sealed: made at the first start, kept in the data folder with
 * mode 0600. Throws a CannotStart when a database is there without its key, since its tokens could never be opened again.
 */
export async function loadSecretKeys(dataDir: string): Promise<SecretKeys> {
  return await keeping(dataDir, async (path, previousPath) => {
    const current = (await readKey(path)) ?? (await makeKey(dataDir, path))
    const previous = await readKey(previousPath)
    // Alike, when a change of keys was interrupted before it began.
    return { current, previous: previous !== null && previous.equals(current) ? null : previous }
  })
}

/** Makes a new key; the one that was there becomes the previous one. Interrupted, it leaves a key that opens all there is. */
export async function replaceSecretKey(dataDir: string): Promise<SecretKeys> {
  return await keeping(dataDir, async (path, previousPath) => {
    const previous = await readKey(path)
    if (previous === null) throw new CannotStart([`${path} is missing: expected the key to replace`])
    const current = randomBytes(32)
    await overwrite(dataDir, previousPath, previous)
    await overwrite(dataDir, path, current)
    return { current, previous }
  })
}

async function keeping<T>(dataDir: string, work: (path: string, previousPath: string) => Promise<T>): Promise<T> {
  const path = join(dataDir, FILE)
  try {
    return await work(path, join(dataDir, PREVIOUS_FILE))
  } catch (cause) {
    if (cause instanceof CannotStart) throw cause
    throw new CannotStart([`${path} cannot be kept: ${describeError(cause)}`], { cause })
  }
}

async function readKey(path: string): Promise<Buffer | null> {
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

async function makeKey(dataDir: string, path: string): Promise<Buffer> {
  if (await lstat(join(dataDir, 'postgres')).catch(() => null)) {
    throw new CannotStart([
      `${path} is missing, and without it the tokens in the database beside it stay closed: bring it back, or set SECRET_KEY`,
    ])
  }
  await makeFolder(dataDir)
  const key = randomBytes(32)
  const draft = await writeDraft(path, key)
  try {
    // A link, not a rename: of two hubs that start together the second takes the first one's key.
    await link(draft, path)
    return key
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return (await readKey(path)) ?? key
  } finally {
    await rm(draft, { force: true })
  }
}

/** Whole or not at all, and on disk when it returns: what is sealed under the key must not outlive it. */
async function overwrite(dataDir: string, path: string, key: Buffer): Promise<void> {
  await rename(await writeDraft(path, key), path)
  const folder = await open(dataDir)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function writeDraft(path: string, key: Buffer): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${key.toString('base64')}\n`)
    await file.sync()
    return draft
  } finally {
    await file.close()
  }
}
