import { isRelayPath } from '../../ocpi/path.ts'

/** URLs that the hub made, see `createLedUrls`. */
export const VIA = '/ocpi/via/'
export const NEXT = '/ocpi/next/'

/** Whether a path is of a URL that the hub made for a partner. */
export function isLed(path: string): boolean {
  return path.startsWith(VIA) || path.startsWith(NEXT)
}

const STORED_ID = /\/ocpi\/via\/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])/

/** The id of the stored URL that a URL of the hub's, or its path, stands for; null for a next page that holds all it needs itself. */
export function ledIdOf(url: string): string | null {
  return STORED_ID.exec(url)?.[1] ?? null
}

/**
 * Whether a path walks down the corridor: of a functional module, `/ocpi/2.2.1/sender/locations`, or led. What else begins with
 * `/ocpi/` is a configuration module's or nobody's.
 */
export function isRelayed(path: string): boolean {
  return isLed(path) || isRelayPath(path)
}
