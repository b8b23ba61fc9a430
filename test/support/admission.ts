import type { Admission } from '../../src/hub/network/registry.ts'

/** What a hub is set to by itself under the policy `open`. */
export const OPEN_ADMISSION: Admission = { announcedOnly: false, givenUpForMs: 30 * 86_400_000, mostRoles: 500 }
