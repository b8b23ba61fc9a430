import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Orm, openDatabase } from '../../storage/database.ts'
import type { Settings } from '../settings/settings.ts'
import { CannotStart } from '../shared/cannot-start.ts'
import { createLog } from './log.ts'
import { findEmbeddedPostgres, startEmbeddedPostgres } from './postgres/embedded.ts'
import { takeLock } from './postgres/lock.ts'
import { probeDatabase } from './postgres/probe.ts'

const ANSWERS_WITHIN_S = 5

/**
 * Gives a command the hub's database: that of DATABASE_URL, or the embedded one, which runs for as long as the command does
 * unless a hub runs on it. Throws a CannotStart when there is no hub's database yet or when it does not answer.
 *
 * @param besideHub `refused` for commands during which no hub may use DATA_DIR
 */
export async function withHubDatabase<T>(
  settings: Settings,
  besideHub: 'allowed' | 'refused',
  work: (orm: Orm) => Promise<T>,
): Promise<T> {
  const { databaseUrl, dataDir } = settings
  if (databaseUrl !== null) {
    const why = await probeDatabase(databaseUrl, ANSWERS_WITHIN_S)
    if (why !== null) throw new CannotStart([`DATABASE_URL (not shown): the database cannot be used: ${why}`])
    return await onDatabase(databaseUrl, work)
  }
  if ((await lstat(join(dataDir, 'postgres')).catch(() => null)) === null)
    throw new CannotStart([`DATA_DIR=${dataDir} holds no database: start the hub once, or set DATABASE_URL`])
  if (isUsed(dataDir)) {
    if (besideHub === 'refused')
      throw new CannotStart([`DATA_DIR=${dataDir}: a hub uses this folder: stop it, and start it again after this`])
    const url = await findEmbeddedPostgres(dataDir)
    if (url === null)
      throw new CannotStart([`DATA_DIR=${dataDir}: a hub is starting or stopping: try again when it has`])
    return await onDatabase(url, work)
  }
  const embedded = await startEmbeddedPostgres({ dataDir, log: createLog('warn') })
  try {
    return await onDatabase(embedded.url, work)
  } finally {
    await embedded.stop()
  }
}

function isUsed(dataDir: string): boolean {
  const letGo = takeLock(join(dataDir, 'hub.lock'))
  letGo?.()
  return letGo === null
}

async function onDatabase<T>(url: string, work: (orm: Orm) => Promise<T>): Promise<T> {
  const { orm, sql, close } = openDatabase({ url, maxConnections: 1 })
  try {
    const [found] = await sql<{ isHubs: boolean }[]>`select to_regclass('hub_state') is not null as "isHubs"`
    if (!found?.isHubs) throw new CannotStart(['The database holds nothing of a hub: start the hub on it once'])
    return await work(orm)
  } finally {
    await close()
  }
}
