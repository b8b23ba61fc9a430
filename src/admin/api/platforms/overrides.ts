import type { z } from '@hono/zod-openapi'
import type { MayCall } from '../../../hub/corridor/hub-urls.ts'
import type { EndpointOverride } from '../../../hub/network/endpoint-overrides.ts'
import { endpointKey } from '../../../ocpi/modules.ts'
import type { InputError } from '../../problem.ts'
import type { EndpointOverrideSchema } from '../schemas.ts'

/** What an administrator mends in a partner's endpoints. The role of a credentials endpoint says nothing, here as in version details. */
export function asOverrides(input: readonly z.infer<typeof EndpointOverrideSchema>[]): readonly EndpointOverride[] {
  return input.map((override) => (override.identifier === 'credentials' ? { ...override, role: 'SENDER' } : override))
}

/** Endpoints that are named twice. */
export function overrideFaults(overrides: readonly EndpointOverride[]): InputError[] {
  const seen = new Set<string>()
  return overrides.flatMap(({ identifier, role }, index) => {
    const key = endpointKey(identifier, role)
    if (seen.has(key)) return [{ pointer: `#/endpoint_overrides/${index}`, detail: `${key} is listed twice` }]
    seen.add(key)
    return []
  })
}

/** Why one of the URLs may not be called; null when all may. */
export function forbiddenUrl(overrides: readonly EndpointOverride[], mayCall: MayCall): string | null {
  for (const { url } of overrides) {
    const verdict = url === null ? null : mayCall(url)
    if (verdict?.ok === false) return `${url}: ${verdict.why}`
  }
  return null
}
