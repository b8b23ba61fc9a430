import type { Kind } from '../../../../src/ocpi/convert/conversion.ts'

export const KINDS: readonly Kind[] = [
  'location',
  'evse',
  'connector',
  'tariff',
  'token',
  'session',
  'cdr',
  'location-references',
  'authorization',
  'reserve-now',
  'start-session',
  'stop-session',
  'unlock-connector',
  'cancel-reservation',
  'command-response',
  'command-result',
]
