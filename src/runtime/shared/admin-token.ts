import type { HubState } from './hub-state.ts'
import { digest, isSameSecret, random } from './secrets.ts'

export type AdminToken = {
  readonly isAdminToken: (token: string) => boolean
  /** The token, when it was made just now: to be shown once, since only its digest is kept. */
  readonly made: string | null
}

const TOKEN_DIGEST = 'admin_token_digest'

/** The setting's token when there is one (it then is the only one that counts); else the one made at the first start. */
export async function settleAdminToken(setting: string | null, state: HubState): Promise<AdminToken> {
  if (setting !== null) return { isAdminToken: isTokenOf(digest(setting)), made: null }
  const kept = await state.get(TOKEN_DIGEST)
  if (kept !== null) return { isAdminToken: isTokenOf(kept), made: null }
  const token = random.token()
  if (await state.putIfAbsent(TOKEN_DIGEST, digest(token)))
    return { isAdminToken: isTokenOf(digest(token)), made: token }
  // Another process of the hub was first.
  return settleAdminToken(setting, state)
}

function isTokenOf(expected: string): (token: string) => boolean {
  return (token) => isSameSecret(digest(token), expected)
}
