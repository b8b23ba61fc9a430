import { destination, pino } from 'pino'
import { type Log, type LogLevel, SECRET_NAMES } from '../shared/log-rules.ts'

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
