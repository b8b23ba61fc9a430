import type { HubState } from './hub-state.ts'
import { digest, isSameSecret, random } from './secrets.ts'

export type AdminToken = {
  readonly isAdminToken: (token: string) => boolean
  /** Of the token that counts now. */
  readonly digest: () => string
  /** The token, when it was made just now: to be shown once, since only its digest is kept. */
  readonly made: string | null
  /** Takes over the token that was made since, if any. Rejects when the database is away. */
  readonly refresh: () => Promise<void>
}

const TOKEN_DIGEST = 'admin_token_digest'

/** The setting's token when there is one (it then is the only one that counts); else the one made last. */
export async function settleAdminToken(setting: string | null, state: HubState): Promise<AdminToken> {
  if (setting !== null) {
    const known = digest(setting)
    const isAdminToken = (token: string) => isSameSecret(digest(token), known)
    return { isAdminToken, digest: () => known, made: null, refresh: async () => {} }
  }
  const token = random.token()
  const made = (await state.putIfAbsent(TOKEN_DIGEST, digest(token))) ? token : null
  let known = ''
  async function refresh(): Promise<void> {
    known = (await state.get(TOKEN_DIGEST)) ?? known
  }
  await refresh()
  return { isAdminToken: (given) => isSameSecret(digest(given), known), digest: () => known, made, refresh }
}

/** Makes a token in the place of the one there was, and returns it: only its digest is kept. */
export async function replaceAdminToken(state: HubState): Promise<string> {
  const token = random.token()
  const known = await state.get(TOKEN_DIGEST)
  const isReplaced =
    known === null
      ? await state.putIfAbsent(TOKEN_DIGEST, digest(token))
      : await state.replace(TOKEN_DIGEST, known, digest(token))
  // Another administrator was first: of two tokens the one made last counts.
  return isReplaced ? token : await replaceAdminToken(state)
}
