export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Writes a log entry: its fields, its message, or both. */
type WriteEntry = { (fields: object, message?: string): void; (message: string): void }

/** The hub's log, one method for each level an entry may have. */
export type Log = Readonly<Record<Exclude<LogLevel, 'silent'>, WriteEntry>>

/**
 * Names under which secrets could reach a log entry, at the top and one and two levels down. No code logs them on purpose;
 * this is for the object that one day carries one along.
 */
export const SECRET_NAMES = [
  'token',
  'authorization',
  'Authorization',
  'password',
  'secretKey',
  'adminToken',
  'metricsToken',
  'databaseUrl',
  'sealedToken',
]
