import type { Secrets } from '../../hub/ports.ts'
import { CannotStart } from './cannot-start.ts'
import type { HubState } from './hub-state.ts'

/** Of each key under which a stored token may be sealed, what it makes of this name: `mac`, or `mac mac` of two keys. */
const KEY_CHECK = 'secret_key_check'

type Macs = Pick<Secrets, 'mac' | 'previousMac'>

/**
 * Makes sure that every stored token can be opened, and notes that some may be sealed under this key from now on. Throws a
 * CannotStart when the database holds tokens under a key that was not given.
 */
export async function admitKeys(macs: Macs, state: HubState): Promise<void> {
  const own = macs.mac(KEY_CHECK)
  if (await state.putIfAbsent(KEY_CHECK, own)) return
  const known = (await state.get(KEY_CHECK)) ?? ''
  const checks = known.split(' ')
  const given = [own, macs.previousMac?.(KEY_CHECK)]
  const missing = checks.filter((check) => !given.includes(check))
  if (missing.length === checks.length) throw new CannotStart(['SECRET_KEY: the database was filled under another key'])
  if (missing.length > 0) {
    throw new CannotStart([
      'SECRET_KEY: the database holds tokens under another key as well: give both (SECRET_KEY_PREVIOUS, or secret-key.previous in DATA_DIR) until `npm run keys:rotate` has ended',
    ])
  }
  // Of hubs that start together each tries again until the note is there.
  if (!checks.includes(own) && !(await state.replace(KEY_CHECK, known, `${known} ${own}`))) await admitKeys(macs, state)
}

/** True when every stored token is sealed under this key, as far as hubs have noted. */
export async function isOnlyKey({ mac }: Pick<Macs, 'mac'>, state: HubState): Promise<boolean> {
  const known = await state.get(KEY_CHECK)
  return known === null || known === mac(KEY_CHECK)
}

/** Notes that no stored token is sealed under any other key: hubs that have only the other are refused from now on. */
export async function keepOnlyKey({ mac }: Pick<Macs, 'mac'>, state: HubState): Promise<void> {
  const own = mac(KEY_CHECK)
  const known = await state.get(KEY_CHECK)
  if (known === null || known === own) return
  // A hub that started in between has noted its keys.
  if (!(await state.replace(KEY_CHECK, known, own))) await keepOnlyKey({ mac }, state)
}
