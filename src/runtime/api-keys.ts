import { readOrder } from '../command/read-options.ts'
import { orderKeys } from './node/account-commands.ts'
import { runOnAccounts } from './node/run-on-accounts.ts'

const USAGE = `npm run api-keys -- VERB [NAME] [OPTIONS]

Looks after the keys of programs that call the administrators' API. Needs the DATABASE_URL or DATA_DIR of the hub, which may run
meanwhile.

  list                    which there are
  add NAME --role ROLE    makes a key, and shows it this once
  remove NAME

  --role ROLE             owner, operator or read-only
  --days DAYS             after which the key ends by itself
  --see-bodies            lets a read-only one see bodies of messages`

const { values, words } = readOrder(USAGE, {
  role: { type: 'string' },
  days: { type: 'string' },
  'see-bodies': { type: 'boolean' },
})
const [verb, name] = words
await runOnAccounts((accounts) =>
  orderKeys(accounts, { verb, name, role: values.role, days: values.days, seesBodies: values['see-bodies'] ?? false }),
)
