import type { Logger } from 'pino'
import { destination, pino } from 'pino'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/**
 * Names under which secrets could reach a log entry, at the top and one and two levels down. No code logs them on purpose;
 * this is for the object that one day carries one along.
 */
const SECRET_NAMES = [
  'token',
  'authorization',
  'Authorization',
  'password',
  'secretKey',
  'adminToken',
  'databaseUrl',
  'sealedToken',
]

/** One JSON line per entry on stderr (file descriptor 2), written at once so that the last lines before an end are not lost. */
export function createLog(level: LogLevel, fileDescriptor = 2): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[hidden]',
      },
    },
    destination({ fd: fileDescriptor, sync: true }),
  )
}
