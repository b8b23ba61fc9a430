import type { Missed } from '../views.ts'

/** Why a platform will not get a push, in words. */
export const MISSED_CAUSES: Readonly<Record<Missed['cause'], string>> = {
  refused: 'the platform refused it',
  expired: 'failed for too long',
  offline: 'the platform was OFFLINE',
  'not-connected': 'the platform was not connected',
  cut: 'too old, or the log was full',
  skipped: 'dropped by an administrator',
  overflow: 'too many pushes of one object',
}
