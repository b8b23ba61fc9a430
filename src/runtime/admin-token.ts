import { readOptions } from '../command/read-options.ts'
import { createHubState } from '../storage/hub-state.ts'
import { withHubDatabase } from './node/hub-database.ts'
import { runCommand } from './node/run-command.ts'
import { replaceAdminToken } from './shared/admin-token.ts'
import { CannotStart } from './shared/cannot-start.ts'

const USAGE = `npm run admin-token

Makes a new token for administrators in the place of one that was lost or seen, and shows it this once. Needs the DATABASE_URL
or DATA_DIR of the hub, which may run meanwhile.`

readOptions(USAGE, {})
// A key, so that nothing is said about the one that this does not need.
const environment = { ...process.env, SECRET_KEY: process.env['SECRET_KEY'] || btoa('\0'.repeat(32)) }
process.exit(
  await runCommand(environment, async (settings) => {
    if (settings.adminToken !== null)
      throw new CannotStart([
        'ADMIN_TOKEN is set, and is the only token that counts: change it there and restart the hub',
      ])
    const token = await withHubDatabase(settings, 'allowed', (orm) => replaceAdminToken(createHubState(orm)))
    return [
      token,
      'This is the new token for administrators, shown this once: keep it. Hubs that run take it, and refuse the one before,',
      'within 5 seconds; a hub that was started with ADMIN_TOKEN goes by that alone.',
    ].join('\n')
  }),
)
