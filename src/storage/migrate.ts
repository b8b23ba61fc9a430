import { DrizzleQueryError } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

/** Any number does, as long as every hub takes the same one. */
const MIGRATION_LOCK = 5_270_221

/** For another hub that migrates: at 15 s for each million exchanges that are indexed anew more than any log has. */
const WAITS_FOR_MINUTES = 60
/** For whoever else uses a table that is to be changed: until then all that comes to that table waits behind this hub. */
const TABLE_LOCK_MS = 60_000

/**
 * Brings the database to the schema of this hub. Hubs that start together take turns under a session lock, so this wants a
 * connection of its own straight to the server, not one from a pooler. Rejects when the server is away, or the lock is
 * not free within an hour. Tells whether a newer hub has migrated it further: that is left as it is.
 */
export async function migrateDatabase(options: {
  readonly url: string
  readonly folder: string
  /** Told that another hub migrates, for which this one waits. */
  readonly onWait?: () => void
}): Promise<{ readonly isOfNewerHub: boolean }> {
  const sql = postgres(options.url, {
    max: 1,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => undefined,
    connection: { application_name: 'ocpi-hub migration', lock_timeout: TABLE_LOCK_MS },
  })
  try {
    await takeTurn(sql, options.onWait)
    await migrate(drizzle(sql), { migrationsFolder: options.folder })
    const newest = readMigrationFiles({ migrationsFolder: options.folder }).at(-1)?.folderMillis ?? 0
    const further = await sql`select from drizzle.__drizzle_migrations where created_at > ${newest} limit 1`
    return { isOfNewerHub: further.length > 0 }
  } catch (error) {
    // The query says nothing to an administrator; what the database said of it does.
    throw error instanceof DrizzleQueryError && error.cause ? error.cause : error
  } finally {
    // The lock ends with the session.
    await sql.end({ timeout: 2 })
  }
}

async function takeTurn(sql: postgres.Sql, onWait: () => void = () => undefined): Promise<void> {
  const [row] = await sql<{ is_mine: boolean }[]>`select pg_try_advisory_lock(${MIGRATION_LOCK}) as is_mine`
  if (row?.is_mine) return
  onWait()
  await sql.unsafe(`set lock_timeout = '${WAITS_FOR_MINUTES}min'`)
  await sql`select pg_advisory_lock(${MIGRATION_LOCK})`
  await sql.unsafe(`set lock_timeout = ${TABLE_LOCK_MS}`)
}
