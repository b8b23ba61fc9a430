import { tokenCandidates } from '../ocpi/token-header.ts'
import type { Secrets } from './ports.ts'
import type { Credential, Platform, RoutingTable } from './routing-table.ts'

/** The hub makes every token it checks: 256 bits in base64url. Anything of another length need not be digested. */
const TOKEN_LENGTH = 43

/** The platform a request comes from, and the token that proved it. */
export type Caller = {
  readonly platform: Platform
  readonly credential: Credential
  readonly token: string
}

/**
 * Finds who is calling by the Authorization header, or null: HTTP 401 [transport_and_format: Authorization header].
 *
 * Lenient spellings count when exactly one stored token is meant, unless the platform asks for the specification's form.
 * The digest is looked up, never compared, so the time taken tells nothing about stored tokens.
 */
export function authenticate(
  table: RoutingTable,
  authorization: string | undefined,
  digest: Secrets['digest'],
  now: number,
): Caller | null {
  let found: Caller | null = null
  for (const token of tokenCandidates(authorization, false)) {
    if (token.length !== TOKEN_LENGTH) continue
    const credential = table.credentials.get(digest(token))
    if (!credential || (credential.expiresAt !== null && credential.expiresAt <= now)) continue
    const platform = table.platforms.get(credential.platformId)
    if (!platform) continue
    if (found) return null
    found = { platform, credential, token }
  }
  if (found?.platform.isStrictAboutTokens && !tokenCandidates(authorization, true).includes(found.token)) return null
  return found
}
