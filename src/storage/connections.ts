import postgres from 'postgres'

/** A pool of connections, for queries in SQL. */
export type Connections = {
  readonly sql: postgres.Sql
  /** Ends the connections, giving what runs at most two seconds. */
  readonly close: () => Promise<void>
}

export type ConnectionOptions = {
  readonly url: string
  readonly maxConnections: number
  /** How long connecting may take, in whole seconds for the driver. @default 3000 */
  readonly connectTimeoutMs?: number
  /**
   * Told to the server as a setting of the session: what one statement may take, and twice that for a transaction whose
   * process has fallen silent. Null says nothing, for poolers that refuse settings. @default 5000
   */
  readonly statementTimeoutMs?: number | null
  /** Named prepared statements for queries in SQL; false behind poolers that mix sessions. Drizzle uses none. @default true */
  readonly prepare?: boolean
  /** Answers commits before they are on disk: for what may be lost in a crash, such as the message log. @default false */
  readonly commitsLater?: boolean
  /** Makes a connection's socket, which may still be connecting. Absent: the driver makes it. */
  readonly openSocket?: OpenSocket
}

/** `path` is that of a Unix socket; null for one of TCP. */
export type OpenSocket = (address: {
  readonly host: string
  readonly port: number
  readonly path: string | null
}) => unknown

/** The part of the driver's own options that its `socket` function is given. */
type Addresses = { readonly host: readonly string[]; readonly port: readonly number[]; readonly path: string | false }

/** Opens nothing yet: connections are made when first needed, and again, at most a second later, when they break. */
export function openConnections(options: ConnectionOptions): Connections {
  const { connectTimeoutMs = 3_000, statementTimeoutMs = 5_000 } = options
  const sql = postgres(options.url, {
    max: options.maxConnections,
    prepare: options.prepare ?? true,
    // The driver asks for array types at each connection otherwise; no query here has array parameters.
    fetch_types: false,
    connect_timeout: connectTimeoutMs / 1_000,
    // The driver's own waits grow to many seconds, during which queries would hang rather than fail.
    backoff: (failures: number) => Math.min(0.05 * 2 ** failures, 1),
    keep_alive: 15,
    onnotice: () => undefined,
    ...(options.openSocket && { socket: driverSocket(options.openSocket) }),
    connection: {
      application_name: 'ocpi-hub',
      ...(statementTimeoutMs !== null && {
        statement_timeout: statementTimeoutMs,
        idle_in_transaction_session_timeout: 2 * statementTimeoutMs,
      }),
      ...(options.commitsLater && { synchronous_commit: 'off' }),
    },
  })
  return { sql, close: () => sql.end({ timeout: 2 }) }
}

/** Takes the hosts of a URL that names several in turn, as the driver does. */
function driverSocket(openSocket: OpenSocket): (addresses: Addresses) => unknown {
  let attempt = 0
  return ({ host, port, path }) => {
    const index = attempt++ % host.length
    return openSocket({ host: host[index] ?? '127.0.0.1', port: port[index] ?? 5432, path: path || null })
  }
}
