import { VERSION_211 } from '../../ocpi/dialect-211.ts'
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

const OF_VERSION = /^\/+ocpi\/+(?:(cpo|emsp)(?:\/|$)|(\d[\d.]*)(?:\/|$))/

/** The version that a URL is of: `/ocpi/cpo/versions` of 2.1.1; null for those of none, as `/ocpi/versions`. */
export function versionOfUrl(path: string): string | null {
  const [, side, version] = OF_VERSION.exec(path) ?? []
  return side === undefined ? (version ?? null) : VERSION_211
}
