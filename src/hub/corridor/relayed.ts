import { isRelayPath } from '../../ocpi/path.ts'

/** URLs that the hub made, see `createLedUrls`. */
export const VIA = '/ocpi/via/'
export const NEXT = '/ocpi/next/'

/** Whether a path is of a URL that the hub made for a partner. */
export function isLed(path: string): boolean {
  return path.startsWith(VIA) || path.startsWith(NEXT)
}

/**
 * Whether a path walks down the corridor: of a functional module, `/ocpi/2.2.1/sender/locations`, or led. What else begins with
 * `/ocpi/` is a configuration module's or nobody's.
 */
export function isRelayed(path: string): boolean {
  return isLed(path) || isRelayPath(path)
}
