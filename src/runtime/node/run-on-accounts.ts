import type { AccountStore } from '../../hub/administration/accounts.ts'
import { BY_COMMAND } from '../../hub/administration/audit.ts'
import { createAccountStore } from '../../storage/administration/accounts.ts'
import { withHubDatabase } from './hub-database.ts'
import { runCommand } from './run-command.ts'

/** Runs a command on a hub's accounts, prints what it returns, and ends the process. */
export async function runOnAccounts(work: (accounts: AccountStore) => Promise<string>): Promise<never> {
  // A key, so that nothing is said about the one that this does not need.
  const environment = { ...process.env, SECRET_KEY: process.env['SECRET_KEY'] || btoa('\0'.repeat(32)) }
  const code = await runCommand(environment, (settings) =>
    withHubDatabase(settings, 'allowed', (orm) => work(createAccountStore(orm, BY_COMMAND))),
  )
  process.exit(code)
}
