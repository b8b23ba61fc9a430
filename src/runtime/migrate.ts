import { fileURLToPath } from 'node:url'
import { readOptions } from '../command/read-options.ts'
import { migrateDatabase } from '../storage/migrate.ts'
import { readSettings } from './settings/settings.ts'
import { describeError } from './shared/cannot-start.ts'

const USAGE = `DATABASE_URL=… npm run db:migrate

Brings a database to the schema of this hub, where no start of the hub does.`

readOptions(USAGE, {})
const { databaseUrl, problems } = databaseOf(process.env)

if (databaseUrl === null) {
  process.stderr.write(problems.map((problem) => `${problem}\n`).join(''))
  process.exitCode = 2
} else {
  try {
    const folder = fileURLToPath(new URL('../../migrations', import.meta.url))
    const onWait = () => void process.stdout.write('Another hub changes the schema: waiting for it, an hour at most\n')
    const { isOfNewerHub } = await migrateDatabase({ url: databaseUrl, folder, onWait })
    process.stdout.write(`The database has the schema of ${isOfNewerHub ? 'a newer' : 'this'} hub\n`)
  } catch (error) {
    process.stderr.write(`DATABASE_URL (not shown): the database cannot be migrated: ${describeError(error)}\n`)
    process.exitCode = 1
  }
}

function databaseOf({ DATABASE_URL }: NodeJS.ProcessEnv): { databaseUrl: string | null; problems: readonly string[] } {
  if (!DATABASE_URL)
    return { databaseUrl: null, problems: ['DATABASE_URL is missing: expected the database to migrate'] }
  // A key, so that nothing is said about the one that migrating does not need.
  const { settings, problems } = readSettings({ DATABASE_URL, SECRET_KEY: btoa('\0'.repeat(32)) })
  return { databaseUrl: settings.databaseUrl, problems }
}
