import { type Endpoint, endpointKey } from '../../ocpi/modules.ts'

/** What an administrator set in the place of what a partner's version details say of one endpoint; null hides it. */
export type EndpointOverride = Omit<Endpoint, 'url'> & { readonly url: string | null }

/**
 * The endpoints that count: as announced, but for those that were mended, with those that were added at the end. Of locations at
 * `/a` and tariffs at `/b`, with tariffs set to null and tokens to `/c`, locations at `/a` and tokens at `/c` remain.
 */
export function withOverrides(
  announced: readonly Endpoint[],
  overrides: readonly EndpointOverride[],
): readonly Endpoint[] {
  if (overrides.length === 0) return announced
  const mended = new Set(overrides.map(keyOf))
  return [
    ...announced.filter((endpoint) => !mended.has(keyOf(endpoint))),
    ...overrides.flatMap(({ url, ...endpoint }) => (url === null ? [] : [{ ...endpoint, url }])),
  ]
}

function keyOf({ identifier, role }: Pick<Endpoint, 'identifier' | 'role'>): string {
  return endpointKey(identifier, role)
}
