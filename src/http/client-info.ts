import { ofAnotherVersion } from '../hub/corridor/url-version.ts'
import type { Now } from '../hub/ports.ts'
import { clientInfoPage } from '../hub/presence/client-info.ts'
import { clientInfo } from '../ocpi/client-info.ts'
import { type PageLimits, pageHeaders, parsePageRequest } from '../ocpi/pagination.ts'
import type { ConfigurationModule } from './configuration.ts'

const LIMITS: PageLimits = { defaultLimit: 100, maxLimit: 1_000 }

/** The hub's own list of who is there, as each platform may see it [mod_hub_client_info: Sender Interface]. */
export function clientInfoModule(of: {
  readonly publicUrl: string
  readonly version: string
  readonly now: Now
}): ConfigurationModule {
  const url = `${of.publicUrl}/ocpi/${of.version}/hubclientinfo`
  return {
    module: 'hubclientinfo',
    methodsBeforeRegistration: null,
    methods: {
      GET: async ({ table, caller, message }) => {
        const refusal = ofAnotherVersion(caller.platform, of.version)
        if (refusal) return { kind: 'refused', refusal }
        const page = parsePageRequest(message.query, LIMITS)
        if (page.kind === 'problem') return { kind: 'refused', refusal: { kind: 'invalid', detail: page.detail } }
        const { items, total } = clientInfoPage(table, caller.platform, page, of.now())
        return {
          kind: 'data',
          data: items.map(({ party, role, status, lastUpdated }) => clientInfo(party, role, status, lastUpdated)),
          headers: pageHeaders({ url, query: message.query, page, total, limits: LIMITS }),
        }
      },
    },
  }
}
