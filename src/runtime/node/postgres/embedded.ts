import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CannotStart, describeError } from '../../shared/cannot-start.ts'
import type { Log } from '../../shared/log-rules.ts'
import { makeFolder } from '../make-folder.ts'
import { inUse } from '../preflight.ts'
import { makeCluster, readCluster, readPassword, USER } from './cluster.ts'
import { takeLock } from './lock.ts'
import type { Place } from './place.ts'
import { findPlace } from './place.ts'
import { probeDatabase } from './probe.ts'
import type { Server } from './server.ts'
import { findServer, isRunning, startServer, stopServer } from './server.ts'

export type EmbeddedPostgres = {
  /** `postgres://hub:…@127.0.0.1:port/postgres`, good until `stop`. */
  readonly url: string
  /** Where the database really lies. */
  readonly dataDir: string
  /**
   * Ends the server, everything written, and lets go of the data folder. A server that takes longer than `patienceMs` (3000)
   * is ended as if it had crashed, which the next start repairs. May be called again.
   */
  readonly stop: (patienceMs?: number) => Promise<void>
}

/**
 * A Postgres server of the hub's own in `dataDir`, on a free loopback port. Makes the database at the first start; takes up a
 * server that a killed hub left running; starts the server again, on the same port, should it end by itself.
 * Throws a CannotStart when another hub uses the folder or when the server cannot run.
 */
export async function startEmbeddedPostgres({
  dataDir,
  log,
}: {
  dataDir: string
  log: Log
}): Promise<EmbeddedPostgres> {
  await makeFolder(dataDir, 0o755).catch((cause: unknown) => {
    throw new CannotStart([`DATA_DIR=${dataDir} cannot be made: ${describeError(cause)}`], { cause })
  })
  const folder = await realpath(dataDir)
  const letGo = [lockOrRefuse(join(folder, 'hub.lock'), folder)]
  try {
    const place = await findPlace(folder, log)
    if (!place.exists) await makeCluster(place)
    // A copied data folder may link to the cluster of the original, so that one has a lock of its own.
    if (place.cluster !== join(folder, 'postgres'))
      letGo.push(lockOrRefuse(join(place.cluster, 'hub.lock'), place.cluster))
    const { password } = await readCluster(place)
    const urlOf = (server: Server) => urlFor(password, server)
    const logFile = join(folder, 'postgres.log')
    const server = (await takeUp(place, urlOf, log)) ?? (await startServer(place, logFile, null))
    const stop = keepRunning(server, () => startServer(place, logFile, server.port), log)
    return {
      url: urlOf(server),
      dataDir: place.cluster,
      stop: async (patienceMs = 3000) => {
        await stop(patienceMs)
        for (const release of letGo.splice(0)) release()
      },
    }
  } catch (error) {
    for (const release of letGo) release()
    throw error
  }
}

/** The URL of the server that a hub runs on its data folder; null when there is none at the moment. */
export async function findEmbeddedPostgres(dataDir: string): Promise<string | null> {
  const cluster = await realpath(join(dataDir, 'postgres'))
  const server = await findServer(cluster)
  return server && urlFor(await readPassword(cluster), server)
}

function urlFor(password: string, { port }: Server): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`
}

function lockOrRefuse(path: string, folder: string): () => void {
  const release = takeLock(path)
  if (release === null) throw new CannotStart([inUse(folder)])
  return release
}

/** The server a killed hub left, once it answers; null when there is none, or when it was just ending. */
async function takeUp(place: Place, urlOf: (server: Server) => string, log: Log): Promise<Server | null> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const server = await findServer(place.cluster)
    if (server === null) return null
    const failure = await probeDatabase(urlOf(server), 2)
    if (failure === null) {
      log.info({ pid: server.pid }, 'taking up the database server that an earlier hub left running')
      return server
    }
    if (performance.now() > deadline)
      throw new CannotStart([`The database server left running (process ${server.pid}) does not answer: ${failure}`])
    await sleep(50)
  }
}

/** Looks every second whether the server is there and starts it again when it is not. Returns how to stop both. */
function keepRunning(first: Server, start: () => Promise<Server>, log: Log): (patienceMs: number) => Promise<void> {
  let server = first
  let looking = Promise.resolve()
  let isLooking = false
  const look = async () => {
    if (await isRunning(server.pid)) return
    log.error({ pid: server.pid }, 'the database server ended by itself: starting it again')
    try {
      server = await start()
    } catch (error) {
      log.error({ why: describeError(error) }, 'the database server does not start')
    }
  }
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    looking = look().finally(() => {
      isLooking = false
    })
  }, 1000)
  timer.unref()
  let stopping: Promise<void> | null = null
  return (patienceMs) => {
    clearInterval(timer)
    stopping ??= looking.then(() => stopServer(server, patienceMs))
    return stopping
  }
}
