import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CannotStart, codeOf } from '../../shared/cannot-start.ts'
import type { Place } from './place.ts'

/** A running database server. */
export type Server = { readonly pid: number; readonly port: number }

/** Durable as Postgres is by default; small, since one hub is its only client; reached by loopback TCP alone. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=100',
  'shared_buffers=64MB',
  'max_wal_size=512MB',
  'min_wal_size=64MB',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_logical_replication_workers=0',
  'max_parallel_workers_per_gather=0',
  'io_method=sync',
  'jit=off',
  'timezone=UTC',
  'log_timezone=UTC',
  // A statement whose client is gone (a killed hub) does not run on with its locks.
  'client_connection_check_interval=5s',
  // The server's own events only: the hub logs its failed statements itself, and nobody rotates this file.
  'log_min_messages=log',
  'log_min_error_statement=panic',
  'log_checkpoints=off',
]

/** What `postmaster.pid` tells, whether or not its writer still lives. */
type PidFile = Server & { readonly dataFolder: string; readonly isReady: boolean }

async function readPidFile(cluster: string): Promise<PidFile | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const [pid, dataFolder, , port, , , , status] = text.split('\n')
  if (!pid || !dataFolder || !port) return null
  return { pid: Number(pid), dataFolder, port: Number(port), isReady: status?.trim() === 'ready' }
}

/** True while the process exists and has not ended. A dead one that nobody waits for (in containers) does not count. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return !/^\d+ \(.*\) [ZX]/s.test(status)
}

/** The server that runs on this cluster, left by a killed hub, whatever state it is in; null when there is none. */
export async function findServer(cluster: string): Promise<Server | null> {
  const file = await readPidFile(cluster)
  if (file === null || !(await isRunning(file.pid))) return null
  return (await isServerOf(file, cluster)) ? { pid: file.pid, port: file.port } : null
}

/** A process id may be another process by now, and a copied data folder names the server of the original. */
async function isServerOf(file: PidFile, cluster: string): Promise<boolean> {
  const [named, own] = await Promise.all([stat(file.dataFolder).catch(() => null), stat(cluster)])
  if (named === null || named.dev !== own.dev || named.ino !== own.ino) return false
  const words = await commandOf(file.pid)
  return words.includes('postgres') && words.includes(file.dataFolder)
}

async function commandOf(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // No /proc on macOS.
    return await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
      ({ stdout }) => stdout,
      () => '',
    )
  }
}

/** A TCP port of the loopback address that is free now. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

/**
 * Starts the server and waits until it takes connections. `port` null: any free one. What the server writes goes to
 * `logFile`, begun anew with each start.
 */
export async function startServer(place: Place, logFile: string, port: number | null): Promise<Server> {
  const deadline = performance.now() + 10_000
  for (;;) {
    await removeStalePidFile(place.cluster)
    const started = await tryServer(place, logFile, port ?? (await freePort()))
    if (typeof started !== 'string') return started
    // Another program took the port in between, or backends of a killed server are still on their way out.
    const mayPass = /Address already in use|shared memory block|already exists/.test(started)
    if (!mayPass || performance.now() > deadline)
      throw new CannotStart([`The embedded database does not start: ${started} (see ${logFile})`])
    await sleep(200)
  }
}

/** Postgres itself judges whether a process of that id lives, not whether it is a server: a recycled id would stop it. */
async function removeStalePidFile(cluster: string): Promise<void> {
  const file = await readPidFile(cluster)
  if (file !== null && !(await isServerOf(file, cluster))) await rm(join(cluster, 'postmaster.pid'), { force: true })
}

/** One attempt; a string says why it failed. */
async function tryServer({ cluster, owner, binaries }: Place, logFile: string, port: number): Promise<Server | string> {
  const log = openSync(logFile, 'w', 0o600)
  // A process group of its own: Ctrl-C in a terminal is for the hub, which still needs its database to drain.
  // An environment of its own: the hub's holds secrets.
  const server = spawn(
    join(binaries.folder, 'bin', 'postgres'),
    ['-D', cluster, '-p', String(port), ...SETTINGS.flatMap((setting) => ['-c', setting])],
    {
      ...owner,
      cwd: cluster,
      detached: true,
      stdio: ['ignore', log, log],
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    },
  )
  closeSync(log)
  server.unref()
  let failed: string | null = null
  server.once('error', (error) => {
    failed = error.message
  })
  server.once('exit', (code, signal) => {
    failed = `it ended with ${signal ?? `code ${code}`}`
  })
  const deadline = performance.now() + 60_000
  while (failed === null) {
    const file = await readPidFile(cluster)
    if (file?.pid === server.pid && file?.isReady) return { pid: file.pid, port }
    if (performance.now() > deadline) {
      server.kill('SIGQUIT')
      return 'it is not ready after 60 s'
    }
    await sleep(10)
  }
  return lastComplaint(await readFile(logFile, 'utf8').catch(() => '')) ?? failed
}

function lastComplaint(log: string): string | undefined {
  const lines = log.split('\n').filter((line) => /(FATAL|PANIC|could not bind)/.test(line))
  return lines.map((line) => line.replace(/^.*?(LOG|FATAL|PANIC): +/, '')).at(0)
}

/**
 * Stops the server: sessions are cut, everything is written (fast shutdown). One that takes longer than `patienceMs` is
 * ended as if it had crashed, which the next start repairs.
 */
export async function stopServer({ pid }: Server, patienceMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', patienceMs],
    ['SIGQUIT', 1000],
    ['SIGKILL', 1000],
  ] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    const deadline = performance.now() + waitMs
    while (performance.now() < deadline) {
      if (!(await isRunning(pid))) return
      await sleep(10)
    }
  }
}
