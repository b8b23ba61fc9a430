import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { usage } from './exit.ts'
import type { Target } from './hub-api.ts'
import type { Io } from './io.ts'

/** The hubs that somebody administers from here, each with a key, and which is meant where none is named. */
export type Profiles = {
  readonly current: string | null
  readonly profiles: Readonly<Record<string, Target>>
}

const NONE: Profiles = { current: null, profiles: {} }

/** `~/.config/ocpi-hub/config.json`, or where XDG_CONFIG_HOME says. */
export function profilesPath(env: Io['env']): string {
  return join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'ocpi-hub', 'config.json')
}

/** Refuses a file that others may read: it holds keys. */
export async function readProfiles(env: Io['env']): Promise<Profiles> {
  const path = profilesPath(env)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw usage(`${path} cannot be read: ${error.message}`)
  })
  if (text === null) return NONE
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0)
    throw usage(`${path} holds keys and others may read it: chmod 600 ${path}`)
  try {
    const { current, profiles } = JSON.parse(text) as Partial<Profiles>
    return { current: current ?? null, profiles: profiles ?? {} }
  } catch {
    throw usage(`${path} is no JSON: mend or remove it`)
  }
}

/** Written beside and moved, so that no reader finds half of it; only its owner may read it. */
export async function writeProfiles(env: Io['env'], profiles: Profiles): Promise<void> {
  const path = profilesPath(env)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 })
  await chmod(draft, 0o600)
  await rename(draft, path)
}
