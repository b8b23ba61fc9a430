import type { Refusal } from '../message/refusal.ts'
import type { Platform } from '../network/routing-table.ts'

/**
 * Why a URL of a version is not there for a platform: it speaks another one, in which what it sends would be read. Null where the two
 * are one, or the platform has agreed on none.
 */
export function ofAnotherVersion({ version }: Pick<Platform, 'version'>, ofUrl: string): Refusal | null {
  if (version === null || version === ofUrl) return null
  return { kind: 'unknown-path', detail: `Your platform speaks OCPI ${version}; this URL is of ${ofUrl}` }
}
