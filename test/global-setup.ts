import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { createLog } from '../src/runtime/node/log.ts'
import { startEmbeddedPostgres } from '../src/runtime/node/postgres/embedded.ts'
import { migrateDatabase } from '../src/storage/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's URL of the run's database server, at a database that no test uses. */
    databaseServer: string
    /** A folder of the run, for what several test files use. */
    runDir: string
  }
}

/** The database that test databases are copies of. Nobody may be connected to it. */
const TEMPLATE = 'hub_template'

/** One database server for the whole run, with a migrated template; gone, with its folder, at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ocpi-hub-test-'))
  const runDir = await mkdtemp(join(tmpdir(), 'ocpi-hub-run-'))
  const server = await startEmbeddedPostgres({ dataDir, log: createLog('warn') })
  const teardown = async () => {
    await server.stop()
    // The server may lie elsewhere: where its user can reach it.
    for (const folder of [dataDir, server.dataDir, runDir]) await rm(folder, { recursive: true, force: true })
  }
  try {
    await makeTemplate(server.url)
  } catch (error) {
    await teardown()
    throw error
  }
  project.provide('databaseServer', server.url)
  project.provide('runDir', runDir)
  return teardown
}

async function makeTemplate(serverUrl: string): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => undefined })
  await sql.unsafe(`create database ${TEMPLATE}`)
  await sql.end()
  const url = new URL(serverUrl)
  url.pathname = `/${TEMPLATE}`
  await migrateDatabase({ url: url.href, folder: fileURLToPath(new URL('../migrations', import.meta.url)) })
}
