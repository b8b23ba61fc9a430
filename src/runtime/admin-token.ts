import { digest, random } from './secrets.ts'

/** Texts the database keeps for the hub itself, shared by its processes. */
export type HubState = {
  /** Keeps `value` unless the key has one already. True when it was kept. */
  readonly putIfAbsent: (key: string, value: string) => Promise<boolean>
  readonly get: (key: string) => Promise<string | null>
}

const KEY = 'admin_token_digest'

export type AdminToken = {
  /** What a caller's token must digest to. */
  readonly digest: string
  /** The token, when it was made just now: to be shown once, since only the digest is kept. */
  readonly made: string | null
}

/** The setting's token when there is one (it then is the only one that counts); else the one made at the first start. */
export async function settleAdminToken(setting: string | null, state: HubState): Promise<AdminToken> {
  if (setting !== null) return { digest: digest(setting), made: null }
  const kept = await state.get(KEY)
  if (kept !== null) return { digest: kept, made: null }
  const token = random.token()
  if (await state.putIfAbsent(KEY, digest(token))) return { digest: digest(token), made: token }
  return { digest: (await state.get(KEY)) ?? '', made: null }
}

const KEY_CHECK = 'secret_key_check'

/** False when the database belongs to another SECRET_KEY: its sealed tokens would stay closed. `mac` is the hub's own. */
export async function isKeyOfDatabase(mac: (text: string) => string, state: HubState): Promise<boolean> {
  const check = mac('this database')
  if (await state.putIfAbsent(KEY_CHECK, check)) return true
  return (await state.get(KEY_CHECK)) === check
}
