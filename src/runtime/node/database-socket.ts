import { connect, type Socket } from 'node:net'
import type { OpenSocket } from '../../storage/connections.ts'

/** The server takes far less for any statement of the hub's. */
const LONGEST_WAIT_MS = 15_000
/** So many times within the longest wait a socket is looked at. */
const LOOKS = 10

/**
 * Sockets that send at once what they are given: the driver's own wait up to 40 ms with the end of a COPY until the server has
 * acknowledged the rows (Nagle's algorithm against delayed acknowledgements), which would halve what the log can take.
 *
 * @param longestWaitMs a socket ends when nothing comes for so long after something was sent
 */
export function createOpenSocket(longestWaitMs = LONGEST_WAIT_MS): OpenSocket {
  return ({ host, port, path }) => {
    // The driver verifies a TLS certificate against the name it finds here.
    const socket = path === null ? Object.assign(connect({ host, port, noDelay: true }), { host }) : connect({ path })
    endWhenUnanswered(socket, longestWaitMs)
    return socket
  }
}

/**
 * An answer that got lost with the way to the server is waited for as long as the system does, a quarter of an hour, or for
 * ever: a pool full of such connections would keep the hub from a database that is long back. What has passed is looked at now
 * and then: of listeners and timeouts the driver robs a socket when TLS is put over it. What is sent and answered between two
 * looks counts as answered.
 */
function endWhenUnanswered(socket: Socket, longestWaitMs: number): void {
  let [read, written, waited] = [0, 0, 0]
  const timer = setInterval(() => {
    const isAnswered = socket.bytesRead !== read
    const isWaiting = waited > 0 || socket.bytesWritten !== written
    waited = !isAnswered && isWaiting ? waited + 1 : 0
    read = socket.bytesRead
    written = socket.bytesWritten
    if (waited > LOOKS) socket.destroy()
    if (socket.destroyed) clearInterval(timer)
  }, longestWaitMs / LOOKS)
  timer.unref()
}
