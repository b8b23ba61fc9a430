import type { webhooks } from './schema.ts'

/** The sealed secrets of a webhook that sign: the newest, and the one before until it ends. */
export function secretsOf(
  row: Pick<typeof webhooks.$inferSelect, 'sealedSecret' | 'olderSealedSecret' | 'olderSecretEndsAt'>,
  now: number,
): readonly string[] {
  const { sealedSecret, olderSealedSecret, olderSecretEndsAt } = row
  const isOlderGood = olderSealedSecret !== null && (olderSecretEndsAt ?? 0) > now
  return isOlderGood ? [sealedSecret, olderSealedSecret] : [sealedSecret]
}
