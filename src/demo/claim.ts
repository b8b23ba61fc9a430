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

type Note = { demoPid: number; hubPid: number | null }

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
      noteHub: (hubPid) => writeFile(path, noteOf(hubPid)),
      release: () => rm(path, { force: true }),
    }
  }
  throw new Error(`Twenty demos run already in ${parent}`)
}

async function take(path: string): Promise<boolean> {
  const left = await readNote(path)
  if (left) {
    if (left.demoPid !== process.pid && (await isOurs(left.demoPid, 'src/demo/run.ts'))) return false
    if (left.hubPid !== null && (await isOurs(left.hubPid, 'src/runtime/node.ts'))) await end(left.hubPid)
    await rm(path, { force: true })
  }
  return writeFile(path, noteOf(null), { flag: 'wx' }).then(
    () => true,
    () => false,
  )
}

function noteOf(hubPid: number | null): string {
  return JSON.stringify({ demoPid: process.pid, hubPid } satisfies Note)
}

async function readNote(path: string): Promise<Note | null> {
  try {
    const { demoPid, hubPid } = JSON.parse(await readFile(path, 'utf8')) as Partial<Note>
    return typeof demoPid === 'number'
      ? { demoPid, hubPid: typeof hubPid === 'number' ? hubPid : null }
      : { demoPid: 0, hubPid: null }
  } catch (error) {
    return error instanceof SyntaxError ? { demoPid: 0, hubPid: null } : null
  }
}

/** Process numbers are used again, so the command line must fit too. */
async function isOurs(pid: number, script: string): Promise<boolean> {
  if (pid <= 1) return false
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() =>
    run('ps', ['-p', String(pid), '-o', 'command=']).then(
      ({ stdout }) => stdout,
      () => '',
    ),
  )
  return command.includes(script)
}

async function end(pid: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = Date.now() + 8_000
    try {
      process.kill(pid, signal)
      while (Date.now() < deadline) {
        process.kill(pid, 0)
        await sleep(50)
      }
    } catch {
      return // It is gone.
    }
  }
}
