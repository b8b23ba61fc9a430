export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

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
  'databaseUrl',
  'sealedToken',
]
