import { createHash } from 'node:crypto'
import { lstat, mkdir, readlink, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CannotStart, codeOf } from '../../shared/cannot-start.ts'
import type { Log } from '../../shared/log-rules.ts'
import type { Binaries } from './binaries.ts'
import { copyBinaries, findBinaries, mendBinaries } from './binaries.ts'
import type { Owner } from './owner.ts'
import { canEnter, canRun, findOwner } from './owner.ts'

/** Where things go that the database's user cannot reach in the hub's own folders. */
const SHARED_FOLDER = '/var/lib/ocpi-hub'

/** Where the database lies, what runs it and as whom. */
export type Place = {
  /** Postgres' data folder. */
  readonly cluster: string
  /** False when the cluster has yet to be made. */
  readonly exists: boolean
  /** The link in the hub's data folder that is to point to the cluster; null when the cluster is in that folder. */
  readonly link: string | null
  readonly owner: Owner
  readonly binaries: Binaries
}

/** Finds the cluster of a data folder, or chooses where it will be. The data folder's lock is held. */
export async function findPlace(dataDir: string, log: Log): Promise<Place> {
  const inside = join(dataDir, 'postgres')
  const found = await lstat(inside).catch(() => null)
  const cluster = found?.isSymbolicLink() ? await readlink(inside) : inside
  if (found !== null) {
    const owner = await ownerOf(cluster, inside)
    return { cluster, exists: true, link: null, owner, binaries: await reachableBinaries(owner, dataDir, log) }
  }
  const owner = await findOwner()
  const binaries = await reachableBinaries(owner, dataDir, log)
  if (await canEnter(owner, dataDir)) return { cluster, exists: false, link: null, owner, binaries }
  const elsewhere = await placeElsewhere(dataDir)
  log.info(
    { dataDir, cluster: elsewhere },
    'the database user cannot enter the data folder: the database lies elsewhere',
  )
  if ((await lstat(elsewhere).catch(() => null)) === null) {
    return { cluster: elsewhere, exists: false, link: inside, owner, binaries }
  }
  // Killed between making the cluster and the link to it.
  await symlink(elsewhere, inside)
  return await findPlace(dataDir, log)
}

/** A cluster runs as the user it belongs to, whoever starts the hub. */
async function ownerOf(cluster: string, inside: string): Promise<Owner> {
  const found = await stat(cluster).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error
    return null
  })
  if (found === null)
    throw new CannotStart([
      `${inside} points to ${cluster}, which is gone: bring it back, or remove the link to begin anew`,
    ])
  const uid = process.getuid?.()
  if (found.uid === uid && uid !== 0) return null
  if (uid !== 0)
    throw new CannotStart([`${cluster} belongs to the OS user ${found.uid}: start the hub as root or as that user`])
  if (found.uid === 0)
    throw new CannotStart([`${cluster} belongs to root, as whom Postgres does not run: give it to another user`])
  const owner = { uid: found.uid, gid: found.gid }
  if (await canEnter(owner, cluster)) return owner
  throw new CannotStart([
    `${cluster} cannot be entered by the OS user ${found.uid} to whom it belongs: open the folders above it`,
  ])
}

async function reachableBinaries(owner: Owner, dataDir: string, log: Log): Promise<Binaries> {
  const { folder, version } = await findBinaries()
  if ((await mendBinaries(folder)) && (await canRun(owner, folder))) return { folder, version }
  const base = owner === null ? dataDir : await sharedFolder()
  const copy = await copyBinaries(folder, join(base, `postgres-${version}`))
  if (!(await canRun(owner, copy))) {
    throw new CannotStart([`The Postgres binaries in ${copy} do not run here (they need glibc): set DATABASE_URL`])
  }
  log.info({ from: folder, to: copy }, 'the database user cannot run the binaries in place: a copy is used')
  return { folder: copy, version }
}

async function sharedFolder(): Promise<string> {
  await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 })
  const { uid, mode } = await lstat(SHARED_FOLDER)
  if (uid !== 0 || (mode & 0o022) !== 0)
    throw new CannotStart([`${SHARED_FOLDER} can be written by others than root: take that away`])
  return SHARED_FOLDER
}

/**
 * Where the cluster of a data folder goes that the database's user cannot enter. Named after the folder itself, not after its
 * path: a folder that is moved keeps its database, and another in its place gets another.
 */
async function placeElsewhere(dataDir: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(dataDir, { bigint: true })
  const name = createHash('sha256').update(`${ino} ${birthtimeNs}`).digest('hex').slice(0, 16)
  return join(await sharedFolder(), name)
}
