import type { Exchange, ExchangeKind } from './exchange.ts'

/** Kinds of exchanges that began with a request of the platform that they are from. */
export const ASKED_KINDS = [
  'direct',
  'via',
  'broadcast',
  'open',
  'get-all',
  'configuration',
] as const satisfies readonly ExchangeKind[]

/** Kinds in which the hub itself asks the platform that they are to, whoever brought it about. */
export const HUB_ASKS_KINDS = ['delivery', 'hub-call', 'check'] as const satisfies readonly ExchangeKind[]

const ASKED: ReadonlySet<ExchangeKind> = new Set(ASKED_KINDS)
const HUB_ASKS: ReadonlySet<ExchangeKind> = new Set(HUB_ASKS_KINDS)

/** On which sides of the hub a platform was: it asked, the hub called it, or both where two of its own parties talk. */
export type Sides = { readonly asked: boolean; readonly wasCalled: boolean }

/**
 * What of an exchange is a platform's own. Who was meant by a request that the hub refused never heard of it; of a push that the hub
 * delivers to others its sender knows no more than that it was taken.
 */
export function sidesOf(
  {
    kind,
    fromPlatformId,
    toPlatformId,
    forwardedUrl,
  }: Pick<Exchange, 'kind' | 'fromPlatformId' | 'toPlatformId' | 'forwardedUrl'>,
  platformId: string,
): Sides {
  return {
    asked: fromPlatformId === platformId && ASKED.has(kind),
    wasCalled: toPlatformId === platformId && (HUB_ASKS.has(kind) || forwardedUrl !== null),
  }
}
