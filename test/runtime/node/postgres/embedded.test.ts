import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../../../../src/runtime/node/log.ts'
import { whyInitdbFailed } from '../../../../src/runtime/node/postgres/cluster.ts'
import type { EmbeddedPostgres } from '../../../../src/runtime/node/postgres/embedded.ts'
import { startEmbeddedPostgres } from '../../../../src/runtime/node/postgres/embedded.ts'
import { isRunning } from '../../../../src/runtime/node/postgres/server.ts'

const isRoot = process.getuid?.() === 0
const log = createLog('silent')

let folder: string
let dataDir: string
let toStop: (() => unknown)[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-postgres-'))
  await chmod(folder, 0o755)
  dataDir = join(folder, 'data')
  toStop = []
})
afterEach(async () => {
  for (const stop of toStop.reverse()) await stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(at = dataDir): Promise<EmbeddedPostgres> {
  const started = await startEmbeddedPostgres({ dataDir: at, log })
  toStop.push(() => started.stop())
  return started
}

/** A hub's process that can be killed; resolves once its database answers. */
async function startProcess(
  user: { uid: number; gid: number } | null = null,
): Promise<{ child: ChildProcess; url: string }> {
  const script = fileURLToPath(new URL('run-embedded.ts', import.meta.url))
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'pipe'], ...user })
  let [said, complained] = ['', '']
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  child.stderr.on('data', (chunk) => {
    complained += chunk
  })
  toStop.push(() => child.kill('SIGKILL'))
  await until(() => said.includes('\n') || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(complained)
  return { child, url: said.trim() }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('it did not come about within 20 s')
    await sleep(5)
  }
}

async function query(url: string, text: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return (await sql.unsafe(text)).map((row) => Object.values(row)[0])
  } finally {
    await sql.end()
  }
}

async function serverPid(at = join(dataDir, 'postgres')): Promise<number> {
  return Number((await readFile(join(at, 'postmaster.pid'), 'utf8')).split('\n')[0])
}

describe('an embedded Postgres', () => {
  it('is reached by password over loopback alone, and keeps what it was told', async () => {
    const { url, stop } = await start()
    await query(url, 'create table kept as select 42 as answer')
    expect(await query(url, 'show listen_addresses')).toEqual(['127.0.0.1'])
    expect(await query(url, 'show fsync')).toEqual(['on'])
    await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow('password')
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(dataDir, 'postgres', 'hub-password'))).mode & 0o777).toBe(0o600)
    await stop()
    await stop()
    await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED')
    expect(await query((await start()).url, 'select answer from kept')).toEqual([42])
    expect((await readdir(dataDir)).sort()).toEqual(['hub.lock', 'postgres', 'postgres.log'])
  })

  it('is given none of the secrets in the environment', async () => {
    process.env.ADMIN_TOKEN = 'not-for-the-database'
    await start()
    delete process.env.ADMIN_TOKEN
    expect(await readFile(`/proc/${await serverPid()}/environ`, 'utf8')).not.toContain('ADMIN_TOKEN')
  })

  it('outlives a killed hub and is taken up by the next one', async () => {
    const { child, url } = await startProcess()
    await query(url, 'create table kept as select 42 as answer')
    const pid = await serverPid()
    await kill(child)
    const next = await start()
    expect(next.url).toBe(url)
    expect(await serverPid()).toBe(pid)
    expect(await query(next.url, 'select answer from kept')).toEqual([42])
    await next.stop()
    expect(await isRunning(pid)).toBe(false)
  })

  it('is repaired when hub and server were both killed', async () => {
    const { child, url } = await startProcess()
    await query(url, 'create table kept as select 42 as answer')
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    process.kill(await serverPid(), 'SIGKILL')
    await ended
    expect(await query((await start()).url, 'select answer from kept')).toEqual([42])
  })

  it('starts although its process id of last time is now another program of the same user', async () => {
    const { child } = await startProcess()
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid')
    const left = await readFile(pidFile, 'utf8')
    await kill(child)
    await (await start()).stop()
    const { uid, gid } = await stat(join(dataDir, 'postgres'))
    const other = spawn('sleep', ['600'], { uid, gid, stdio: 'ignore' })
    toStop.push(() => other.kill('SIGKILL'))
    await writeFile(pidFile, left.replace(/^\d+/, String(other.pid)), { mode: 0o600 })
    await chown(pidFile, uid, gid)
    expect(await query((await start()).url, 'select 1')).toEqual([1])
    expect(other.exitCode).toBeNull()
  })

  it('does not mistake the server of a copied data folder for its own', async () => {
    const original = await start()
    await query(original.url, 'checkpoint')
    const copy = join(folder, 'copy')
    execFileSync('cp', ['-a', dataDir, copy])
    const second = await start(copy)
    expect(second.url).not.toBe(original.url)
    await second.stop()
    expect(await query(original.url, 'select 1')).toEqual([1])
  })

  it('is made anew after a first start that was killed half-way', async () => {
    const script = fileURLToPath(new URL('run-embedded.ts', import.meta.url))
    const child = spawn(process.execPath, [script, dataDir], { stdio: 'ignore' })
    await until(async () => (await readdir(dataDir).catch(() => [])).some((name) => name.startsWith('postgres.new-')))
    await kill(child)
    expect(await readdir(dataDir)).not.toContain('postgres')
    expect(await query((await start()).url, 'select 1')).toEqual([1])
  })

  it('starts again on the same port when the server ends by itself', async () => {
    const { url } = await start()
    const pid = await serverPid()
    process.kill(pid, 'SIGKILL')
    await until(async () => (await serverPid().catch(() => pid)) !== pid)
    await until(() =>
      query(url, 'select 1').then(
        () => true,
        () => false,
      ),
    )
  })

  it('belongs to one live hub: a second one is refused, in whatever process', async () => {
    const { child, url } = await startProcess()
    await expect(start()).rejects.toThrow('another hub uses this folder')
    expect(await query(url, 'select 1')).toEqual([1])
    await kill(child)
    const { url: next } = await start()
    await expect(start()).rejects.toThrow('another hub uses this folder')
    expect(await query(next, 'select 1')).toEqual([1])
  })

  it('lets one of two hubs win that start together on a new folder', async () => {
    const results = await Promise.allSettled([startProcess(), startProcess()])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const lost = results.find((result) => result.status === 'rejected')
    expect(String(lost?.reason)).toContain('another hub uses this folder')
    process.kill(await serverPid(), 'SIGQUIT')
  })

  it('leaves a folder alone that holds something else', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await writeFile(join(dataDir, 'postgres', 'diary'), 'private')
    if (isRoot) await chown(join(dataDir, 'postgres'), 65534, 65534)
    await expect(start()).rejects.toThrow('holds no database of the hub')
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['diary'])
  })

  it('that cannot be made for want of room says so, not what was tidied up after it', () => {
    const said = [
      '2026-11-26 12:44:05.585 UTC [145] FATAL:  could not write to file "pg_wal/xlogtemp.145": No space left on device',
      'child process exited with exit code 1',
      'initdb: removing contents of data directory "/data/postgres.new-WBAkdE/data"',
    ]
    expect(whyInitdbFailed(`${said.join('\n')}\n`)).toBe(said[0])
    const denied = 'initdb: error: could not access directory "/data": Permission denied'
    expect(whyInitdbFailed(`${denied}\ninitdb: hint: run it as another user\n`)).toBe(denied)
    expect(whyInitdbFailed('')).toBe('')
  })

  it('says so when it was made by another Postgres', async () => {
    await (await start()).stop()
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '11\n')
    await expect(start()).rejects.toThrow('was made by Postgres 11')
  })
})

describe.runIf(isRoot)('an embedded Postgres of root', () => {
  it('runs as the OS user postgres', async () => {
    await start()
    expect((await stat(`/proc/${await serverPid()}`)).uid).toBe(Number(execFileSync('id', ['-u', 'postgres'])))
  })

  it('lies where its user can reach it when only root may enter the data folder, wherever that is moved', async () => {
    await mkdir(dataDir, { mode: 0o700 })
    await chmod(folder, 0o700)
    const { url, dataDir: elsewhere, stop } = await start()
    toStop.unshift(() => rm(elsewhere, { recursive: true }))
    expect(elsewhere).toMatch(/^\/var\/lib\/ocpi-hub\/\w+$/)
    expect(await readlink(join(dataDir, 'postgres'))).toBe(elsewhere)
    await query(url, 'create table kept as select 42 as answer')
    await stop()
    const moved = join(folder, 'moved')
    await rename(dataDir, moved)
    const again = await start(moved)
    expect(again.dataDir).toBe(elsewhere)
    expect(await query(again.url, 'select answer from kept')).toEqual([42])
    await cp(moved, dataDir, { recursive: true, verbatimSymlinks: true })
    await expect(start()).rejects.toThrow('another hub uses this folder')
    await again.stop()
    await rm(join(moved, 'postgres'))
    expect(await query((await start(moved)).url, 'select answer from kept')).toEqual([42])
  })

  it('is not begun anew when the link to it leads nowhere', async () => {
    await mkdir(dataDir)
    execFileSync('ln', ['-s', join(folder, 'gone'), join(dataDir, 'postgres')])
    await expect(start()).rejects.toThrow('which is gone')
  })

  it('runs for an ordinary user too, and then goes on as that user when root starts it', async () => {
    const nobody = { uid: 65534, gid: 65534 }
    await mkdir(dataDir)
    await chown(dataDir, nobody.uid, nobody.gid)
    const { child, url } = await startProcess(nobody)
    await query(url, 'create table kept as select 42 as answer')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await query((await start()).url, 'select answer from kept')).toEqual([42])
    expect((await stat(`/proc/${await serverPid()}`)).uid).toBe(nobody.uid)
  })

  it('refuses an ordinary user the data that root began', async () => {
    await (await start()).stop()
    await expect(startProcess({ uid: 65534, gid: 65534 })).rejects.toThrow(/hub\.lock|belongs to/)
  })
})
