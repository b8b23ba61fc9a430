import { LOG_LEVELS, type Log, type LogLevel, SECRET_NAMES } from '../shared/log-rules.ts'

const HIDDEN = new Set(SECRET_NAMES)

/** One JSON line per entry, through the console, where a Worker's logs are gathered. */
export function createConsoleLog(level: LogLevel): Pick<Log, 'warn' | 'error'> {
  const write = (name: 'warn' | 'error') => (entry: unknown, message?: string) => {
    if (LOG_LEVELS.indexOf(name) < LOG_LEVELS.indexOf(level)) return
    const fields = typeof entry === 'object' ? entry : { msg: entry }
    console[name](JSON.stringify({ level: name, ...fields, ...(message && { msg: message }) }, hideSecrets))
  }
  return { warn: write('warn'), error: write('error') }
}

function hideSecrets(name: string, value: unknown): unknown {
  return HIDDEN.has(name) ? '[hidden]' : value
}
