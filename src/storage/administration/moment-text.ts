/** Milliseconds since the epoch as RFC 3339, as the audit trail has moments: `2026-11-22T20:29:00.000Z`. */
export function momentText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
