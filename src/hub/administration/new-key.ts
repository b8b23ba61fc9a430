import type { Now, Random, Secrets } from '../ports.ts'
import type { ApiKey, NewApiKey } from './accounts.ts'

/** How every API key begins, so that people and scanners of leaked secrets know one when they see it. */
export const KEY_PREFIX = 'ohk_'

/** Of the key, what is shown ever after: `ohk_Fv3kQz`. */
const SHOWN_LENGTH = KEY_PREFIX.length + 6

/** Makes a key of 256 random bits. It is given out once; only its digest may be stored. */
export function newKey(
  { random, digest, now }: { readonly random: Random; readonly digest: Secrets['digest']; readonly now: Now },
  asked: Pick<ApiKey, 'name' | 'role' | 'maySeeBodies' | 'expiresAt' | 'createdBy'>,
): NewApiKey & { readonly key: string } {
  const key = KEY_PREFIX + random.token()
  return { ...asked, id: random.id(), key, digest: digest(key), prefix: key.slice(0, SHOWN_LENGTH), createdAt: now() }
}
