import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CannotStart, describeError } from '../../shared/cannot-start.ts'
import type { Binaries } from './binaries.ts'
import type { Owner } from './owner.ts'
import type { Place } from './place.ts'

const run = promisify(execFile)

/** The database's superuser, which the hub is. */
export const USER = 'hub'

/** Kept in the cluster, so that neither is ever without the other. */
const PASSWORD_FILE = 'hub-password'

/**
 * Makes the cluster: in a folder beside its place, synced, then renamed. So a cluster in its place is a whole one, and what
 * an interrupted start left is rubbish to remove.
 */
export async function makeCluster({ cluster, link, owner, binaries }: Place): Promise<void> {
  await removeDrafts(cluster)
  const draft = await mkdtemp(`${cluster}.new-`)
  const data = join(draft, 'data')
  const passwordFile = join(draft, PASSWORD_FILE)
  await mkdir(data, { mode: 0o700 })
  await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  if (owner !== null) for (const path of [draft, data, passwordFile]) await chown(path, owner.uid, owner.gid)
  const init = [
    `--pgdata=${data}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The server's own locale: it needs none of the machine's, and sorts the same everywhere.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ]
  await initdb(binaries, owner, init)
  await rename(passwordFile, join(data, PASSWORD_FILE))
  await initdb(binaries, owner, [`--pgdata=${data}`, '--sync-only'])
  await rename(data, cluster)
  await rm(draft, { recursive: true, force: true })
  if (link !== null) await symlink(cluster, link)
}

async function initdb(binaries: Binaries, owner: Owner, args: string[]): Promise<void> {
  try {
    await run(join(binaries.folder, 'bin', 'initdb'), args, {
      ...owner,
      cwd: '/',
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    })
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? whyInitdbFailed(String(cause.stderr)) : ''
    throw new CannotStart([`The embedded database cannot be made: ${said || describeError(cause)}`], { cause })
  }
}

/** The line of what initdb said that gives the cause; those at the end are about what it tidies up. */
export function whyInitdbFailed(stderr: string): string {
  const lines = stderr.trim().split('\n')
  return lines.find((line) => /\b(error|FATAL|PANIC):/.test(line)) ?? lines.at(-1) ?? ''
}

/** Unfinished clusters. One that cannot go yet (its initdb outlives a killed hub for a moment) goes at a later start. */
async function removeDrafts(cluster: string): Promise<void> {
  const prefix = `${basename(cluster)}.new-`
  const names = await readdir(dirname(cluster))
  const drafts = names.filter((name) => name.startsWith(prefix))
  await Promise.all(
    drafts.map((name) =>
      rm(join(dirname(cluster), name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {}),
    ),
  )
}

export function readPassword(cluster: string): Promise<string> {
  return readLine(cluster, PASSWORD_FILE)
}

async function readLine(cluster: string, name: string): Promise<string> {
  return (await readFile(join(cluster, name), 'utf8')).trim()
}

/** The superuser's password. Throws a CannotStart when the cluster is not one this version can run. */
export async function readCluster({ cluster, binaries }: Place): Promise<{ password: string }> {
  const reading = Promise.all([readLine(cluster, 'PG_VERSION'), readPassword(cluster)])
  const [madeBy, password] = await reading.catch((cause: unknown) => {
    throw new CannotStart(
      [`${cluster} holds no database of the hub (${describeError(cause)}): choose another DATA_DIR`],
      {
        cause,
      },
    )
  })
  const major = binaries.version.split('.')[0]
  if (madeBy !== major) {
    throw new CannotStart([
      `${cluster} was made by Postgres ${madeBy} and this hub brings Postgres ${major}: dump and restore it, or set DATABASE_URL`,
    ])
  }
  return { password }
}
