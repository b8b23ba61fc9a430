import { connect, type Socket } from 'node:net'
import type { OpenSocket } from '../storage/database.ts'

/**
 * A socket that sends at once what it is given. The driver's own waits up to 40 ms with the end of a COPY until the server
 * has acknowledged the rows (Nagle's algorithm against delayed acknowledgements), which would halve what the log can take.
 */
export const openSocketWithoutDelay: OpenSocket = ({ host, port, path }): Socket => {
  if (path !== null) return connect({ path })
  // The driver verifies a TLS certificate against the name it finds here.
  return Object.assign(connect({ host, port, noDelay: true }), { host })
}
