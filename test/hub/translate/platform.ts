import type { Platform } from '../../../src/hub/network/routing-table.ts'

/** A platform as far as conversion looks at it. */
export function platformOf(id: string, version: string): Platform {
  return {
    ...{ id, name: id, status: 'CONNECTED', statusCause: '', version, parties: [], endpoints: new Map() },
    authorization: () => 'Token x',
    ...{ tokenEncoding: 'base64', isStrictAboutTokens: false, isStrict: false, isLeftOutOfGetAll: false },
    delivery: {
      ...{ requestsPerSecond: 1, concurrency: 1, maxAgeSeconds: 900, afterOffline: 'none', broadcastTo: 'platform' },
    },
    revision: 1,
  }
}
