import type { SilenceClaim } from '../../../src/hub/presence/presence-store.ts'

/** Whether a platform is due for a check, as the database says. Moments in milliseconds. */
export function isDue(
  { now, connectedSilentSince, offlineSilentSince, longestPauseMs }: SilenceClaim,
  status: string | undefined,
  { silentSince, offlineSince }: { readonly silentSince: number; readonly offlineSince: number },
): boolean {
  if (status === 'CONNECTED') return silentSince <= connectedSilentSince
  return silentSince <= offlineSilentSince && now - silentSince >= Math.min(silentSince - offlineSince, longestPauseMs)
}
