import type { HubName } from '../admin/console/parts/hub-name.ts'
import type { PartnerSession } from '../hub/administration/partner-links.ts'
import type { PlatformRecord } from '../hub/network/registry.ts'
import type { PartnerReads } from './reads.ts'

/** What is kept per request. */
export type PartnerEnv = {
  Variables: {
    requestId: string
    hub: HubName
    /** Behind the door. */
    session: PartnerSession
    /** What the one platform may see whose link was followed. */
    reads: PartnerReads
    /** The same platform, read once for the request. */
    platform: PlatformRecord
  }
}
