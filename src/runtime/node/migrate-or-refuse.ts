import { fileURLToPath } from 'node:url'
import { migrateDatabase } from '../../storage/migrate.ts'
import { CannotStart, describeError } from '../shared/cannot-start.ts'
import type { Log } from '../shared/log-rules.ts'

/** Brings the database to the schema of this hub. Throws a CannotStart when that cannot be. */
export async function migrateOrRefuse(url: string, log: Log): Promise<void> {
  try {
    const folder = fileURLToPath(new URL('../../../migrations', import.meta.url))
    const onWait = () =>
      log.warn('another hub changes the schema of this database: this one waits for it, an hour at most')
    const { isOfNewerHub } = await migrateDatabase({ url, folder, onWait })
    if (isOfNewerHub)
      log.warn('a newer hub has changed the schema of this database: this one goes on, and may not fit it')
  } catch (cause) {
    throw new CannotStart([`The database cannot be given the schema of this hub: ${describeError(cause)}`], { cause })
  }
}
