import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A data folder that belongs to one demo at a time. */
export type Claim = {
  readonly dataDir: string
  /** Notes the hub, so that a later demo can end it should this one be killed. */
  readonly noteHub: (hubPid: number) => Promise<void>
  readonly release: () => Promise<void>
}

/** A process, and what tells it from a later one with the same number. */
type Someone = { pid: number; identity: string }

type Note = { demo: Someone; hub: Someone | null }

/**
 * Takes `data/demo`, or the next free one while another demo runs there. When a demo was killed and its hub lives on, that
 * hub is ended first: it would keep the folder.
 */
export async function claimDataDir(parent: string): Promise<Claim> {
  await mkdir(parent, { recursive: true })
  for (let number = 1; number <= 20; number += 1) {
    const name = number === 1 ? 'demo' : `demo-${number}`
    const path = join(parent, `${name}.json`)
    if (!(await take(path))) continue
    return {
      dataDir: join(parent, name),
      noteHub: async (hubPid) => writeFile(path, await noteOf(hubPid)),
      release: () => rm(path, { force: true }),
    }
  }
  throw new Error(`Twenty demos run already in ${parent}`)
}

async function take(path: string): Promise<boolean> {
  const left = await readNote(path)
  if (left !== null && left.demo.pid !== process.pid && (await isThere(left.demo))) return false
  if (left?.hub) await end(left.hub)
  if (left !== null) await rm(path, { force: true })
  return writeFile(path, await noteOf(null), { flag: 'wx' }).then(
    () => true,
    () => false,
  )
}

async function noteOf(hubPid: number | null): Promise<string> {
  const demo = await someone(process.pid)
  const hub = hubPid === null ? null : await someone(hubPid)
  return JSON.stringify({ demo, hub } satisfies Note)
}

async function someone(pid: number): Promise<Someone> {
  return { pid, identity: await identify(pid) }
}

/** Null when there is none. One that nobody can read counts as left by a demo that is gone. */
async function readNote(path: string): Promise<Note | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const nobody: Someone = { pid: 0, identity: '' }
  try {
    const { demo = nobody, hub = null } = JSON.parse(text) as Partial<Note>
    return { demo, hub }
  } catch {
    return { demo: nobody, hub: null }
  }
}

async function isThere({ pid, identity }: Someone): Promise<boolean> {
  return pid > 1 && identity !== '' && (await identify(pid)) === identity
}

/** When a process began and what it runs: process numbers are used again. Empty when there is no such process. */
async function identify(pid: number): Promise<string> {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    // Field 22 is the start time; the fields are counted behind the command's name, which may hold spaces.
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return command === '' ? '' : `${startedAt} ${command}`
  } catch {
    return run('ps', ['-p', String(pid), '-o', 'lstart=,command=']).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    )
  }
}

/** Asks a process to end, insists after 8 s, and returns when it is gone. */
async function end(left: Someone): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!(await isThere(left))) return
    try {
      process.kill(left.pid, signal)
    } catch {
      return // It went by itself.
    }
    const deadline = Date.now() + 8_000
    while (Date.now() < deadline && (await isThere(left))) await sleep(50)
  }
}
