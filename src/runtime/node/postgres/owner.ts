import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CannotStart, describeError } from '../../shared/cannot-start.ts'

const run = promisify(execFile)

/** The OS user the database server runs as; null: the hub's own user. */
export type Owner = { readonly uid: number; readonly gid: number } | null

const NAME = 'postgres'

/** Postgres refuses to run as root: then it runs as the OS user `postgres`, made when it is missing. */
export async function findOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return null
  const found = await lookUp()
  if (found !== null) return found
  try {
    await run('groupadd', ['--system', '--force', NAME])
    await run('useradd', ['--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME])
  } catch (cause) {
    const why = describeError(cause)
    throw new CannotStart(
      [
        `Postgres does not run as root, and the OS user ${NAME} cannot be made (${why}): start as another user or set DATABASE_URL`,
      ],
      { cause },
    )
  }
  return await lookUp()
}

async function lookUp(): Promise<Owner> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return null
  }
}

/** True when the owner can run these binaries, with all they load. */
export async function canRun(owner: Owner, folder: string): Promise<boolean> {
  return await shell(owner, '"$1/bin/postgres" -V && test -r "$1/share/postgresql/postgres.bki"', folder)
}

/** True when the owner can pass through a folder. Asked of the system, which knows of more than mode bits. */
export async function canEnter(owner: Owner, folder: string): Promise<boolean> {
  return await shell(owner, 'test -x "$1"', folder)
}

async function shell(owner: Owner, script: string, argument: string): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', script, 'sh', argument], { ...owner, cwd: '/', env: {} })
    return true
  } catch {
    return false
  }
}
