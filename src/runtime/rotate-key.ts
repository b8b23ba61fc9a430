import { readOptions } from '../command/read-options.ts'
import { rotateKey } from './node/rotate-key.ts'
import { runCommand } from './node/run-command.ts'

const USAGE = `npm run keys:rotate

Seals every stored token anew under a new secret key. Interrupted, it is run again.

With DATABASE_URL, while hubs run: give every hub both keys and restart it, then

  DATABASE_URL=… SECRET_KEY=… SECRET_KEY_PREVIOUS=… npm run keys:rotate

With the embedded database stop the hub, run this, start the hub: the new key is made here, and kept in DATA_DIR.`

readOptions(USAGE, {})
process.exit(await runCommand(process.env, rotateKey))
