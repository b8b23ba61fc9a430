import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Settings, SettingsResult } from '../settings/settings.ts'
import { CannotStart, codeOf, describeError } from '../shared/cannot-start.ts'
import { takeLock } from './postgres/lock.ts'
import { probeDatabase } from './postgres/probe.ts'

const DATABASE_TIMEOUT_S = 5

/** Everything that keeps the hub from starting, found before anything is started: what the settings say and what is there. */
export async function findProblems({ settings, problems, malformed }: SettingsResult): Promise<string[]> {
  const { host, port, databaseUrl, dataDir } = settings
  const isListenable = !malformed.has('HOST') && !malformed.has('PORT')
  const isEmbedded = databaseUrl === null && !malformed.has('DATABASE_URL') && !malformed.has('DATA_DIR')
  const found = await Promise.all([
    isListenable ? checkPort(host, port) : null,
    databaseUrl === null ? null : checkDatabase(databaseUrl),
    isEmbedded ? checkDataDir(dataDir) : null,
  ])
  return [...problems, ...found.filter((problem) => problem !== null)]
}

async function checkPort(host: string, port: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve(describeListenError(error, host, port)))
    probe.listen(port, host, () => probe.close(() => resolve(null)))
  })
}

type Listener = { readonly listen: () => Promise<{ readonly port: number }> }

/** Lets the hub listen; throws a CannotStart when it cannot. */
export async function listenOrRefuse(
  { listen }: Listener,
  { host, port }: Settings,
): Promise<{ readonly port: number }> {
  try {
    return await listen()
  } catch (cause) {
    if (cause instanceof CannotStart || codeOf(cause) === '') throw cause
    throw new CannotStart([describeListenError(cause, host, port)], { cause })
  }
}

function describeListenError(error: unknown, host: string, port: number): string {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') return `PORT=${port}: another program listens there (HOST=${host}), expected a free port`
  if (code === 'EACCES') return `PORT=${port}: this user may not listen there, expected a port from 1024`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `HOST=${host}: expected an address of this machine`
  return `HOST=${host}, PORT=${port}: cannot listen there (${describeError(error)})`
}

async function checkDatabase(url: string): Promise<string | null> {
  const why = await probeDatabase(url, DATABASE_TIMEOUT_S)
  return why === null ? null : `DATABASE_URL (not shown): the database cannot be used: ${why}`
}

/** Looks only; the lock is taken for good when the database starts. */
async function checkDataDir(dataDir: string): Promise<string | null> {
  const found = await stat(dataDir).catch(() => null)
  if (found === null) return null
  if (!found.isDirectory()) return `DATA_DIR=${dataDir}: expected a folder`
  try {
    const letGo = takeLock(join(dataDir, 'hub.lock'))
    letGo?.()
    return letGo === null ? inUse(dataDir) : null
  } catch (error) {
    if (error instanceof CannotStart) return `DATA_DIR=${dataDir}: ${describeError(error)}`
    throw error
  }
}

/** The line about a data folder that another hub holds. */
export function inUse(dataDir: string): string {
  return `DATA_DIR=${dataDir}: another hub uses this folder, expected one of this hub's own`
}
