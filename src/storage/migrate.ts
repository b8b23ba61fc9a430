import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

/** Any number does, as long as every hub takes the same one. */
const MIGRATION_LOCK = 5_270_221

/**
 * Brings the database to the schema of this hub. Hubs that start together take turns under a session lock, so this wants a
 * connection of its own straight to the server, not one from a pooler. Rejects when the server is away or the lock is not
 * free within a minute.
 */
export async function migrateDatabase(options: { readonly url: string; readonly folder: string }): Promise<void> {
  const sql = postgres(options.url, {
    max: 1,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => undefined,
    connection: { application_name: 'ocpi-hub migration', lock_timeout: 60_000 },
  })
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`
    await migrate(drizzle(sql), { migrationsFolder: options.folder })
  } catch (error) {
    // The query says nothing to an administrator; what the database said of it does.
    throw error instanceof DrizzleQueryError && error.cause ? error.cause : error
  } finally {
    // The lock ends with the session.
    await sql.end({ timeout: 2 })
  }
}
