import type { MayCall } from '../../hub/corridor/hub-urls.ts'
import type { Exchange, Observe } from '../../hub/message/exchange.ts'
import { isSandboxHost } from '../../hub/network/sandbox.ts'
import type { Inflate, Now, Send } from '../../hub/ports.ts'
import { createPartnerClient, type PartnerClient } from '../../hub/registration/partner-client.ts'
import type { BusinessDetails } from '../../ocpi/credentials.ts'
import type { Settings } from '../settings/settings.ts'
import { checkPartnerUrl, MAX_URL_LENGTH } from '../shared/address-guard.ts'
import { random } from '../shared/secrets.ts'

/** Partners' configuration calls are bounded tighter than routed ones: several stand in one handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000

type ClientParts = {
  readonly settings: Settings
  readonly send: Send
  readonly inflate: Inflate
  readonly loopMark: string
  readonly now: Now
}

/** The hub as a client of partners' configuration modules. */
export function createClient(
  { settings, send, inflate, loopMark, now }: ClientParts,
  observe: (exchange: Exchange, isGood: boolean) => void,
): PartnerClient {
  return createPartnerClient({
    send,
    inflate,
    random,
    loopMark,
    now,
    mayCall: mayCallOf(settings),
    timeoutMs: HANDSHAKE_TIMEOUT_MS,
    bufferBytes: settings.bufferBytes,
    observe,
  })
}

/** The same for still-alive checks, of which only those that fail are worth a row: all others say the same. */
export function createCheckClient(parts: ClientParts, observe: Observe): PartnerClient {
  return createClient(parts, (exchange, isGood) => {
    if (!isGood) observe(exchange)
  })
}

/**
 * The hub's own URLs are nobody's: a platform that gave them would be the hub calling itself, request upon request. This compares names;
 * what leads back by another name is found when it is called, see `LOOP_MARK`. Nor may a platform name the host of sandbox partners.
 *
 * @param isSandbox whether a platform is a sandbox partner
 */
export function mayCallOf(
  { publicUrl, allowPrivateNetworks }: Settings,
  {
    mostLength = MAX_URL_LENGTH,
    isSandbox = () => false,
  }: { readonly mostLength?: number; readonly isSandbox?: (platformId: string) => boolean } = {},
): MayCall {
  const own = placeOf(new URL(publicUrl))
  return (url, platformId) => {
    const verdict = checkPartnerUrl(url, allowPrivateNetworks, mostLength)
    if (verdict.ok && isSandboxHost(verdict.url.hostname))
      return platformId !== undefined && isSandbox(platformId)
        ? verdict
        : { ok: false, why: 'is kept for sandbox partners' }
    return verdict.ok && `${placeOf(verdict.url)}/`.startsWith(`${own}/`)
      ? { ok: false, why: 'leads back to the hub' }
      : verdict
  }
}

/** Host, port and path, whatever the scheme, and with or without the dot that ends a name. */
function placeOf({ hostname, port, protocol, pathname }: URL): string {
  const portOf = port || (protocol === 'https:' ? '443' : '80')
  return `${hostname.replace(/\.$/, '')}:${portOf}${pathname.replace(/\/$/, '')}`
}

/** What partners are shown of who runs the hub. */
export function businessOf({ hubName, hubWebsite, hubLogoUrl }: Settings): BusinessDetails {
  return { name: hubName, website: hubWebsite, logoUrl: hubLogoUrl }
}
