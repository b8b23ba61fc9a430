import { readOrder } from '../command/read-options.ts'
import { orderAdmins } from './node/account-commands.ts'
import { runOnAccounts } from './node/run-on-accounts.ts'

const USAGE = `npm run admins -- VERB [NAME] [OPTIONS]

Looks after the people who administer the hub. Needs the DATABASE_URL or DATA_DIR of the hub, which may run meanwhile.

  list                       who there is
  add NAME --role ROLE       makes an account, and shows its password this once
  role NAME --role ROLE      gives another role
  password NAME              makes a new password, and shows it this once
  disable NAME, enable NAME  keeps out, and lets in again
  remove NAME

  --role ROLE                owner, operator or read-only
  --see-bodies               lets a read-only one see bodies of messages`

const { values, words } = readOrder(USAGE, { role: { type: 'string' }, 'see-bodies': { type: 'boolean' } })
const [verb, name] = words
await runOnAccounts((accounts) =>
  orderAdmins(accounts, { verb, name, role: values.role, seesBodies: values['see-bodies'] ?? false }),
)
