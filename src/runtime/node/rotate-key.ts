import { join } from 'node:path'
import type { Orm } from '../../storage/database.ts'
import { createHubState } from '../../storage/hub-state.ts'
import { resealTokens, type SealedToken } from '../../storage/network/reseal.ts'
import { resealWebhooks } from '../../storage/webhooks/reseal.ts'
import type { Settings } from '../settings/settings.ts'
import { CannotStart } from '../shared/cannot-start.ts'
import type { HubState } from '../shared/hub-state.ts'
import { admitKeys, isOnlyKey, keepOnlyKey } from '../shared/key-check.ts'
import { createSecrets, type SecretKeys } from '../shared/secrets.ts'
import { withHubDatabase } from './hub-database.ts'
import { loadSecretKeys, PREVIOUS_FILE, replaceSecretKey } from './secret-key.ts'

/**
 * Seals every stored token, and every secret of a webhook, anew and makes the database refuse hubs that have only the key before. With SECRET_KEY the keys are
 * the settings'; with the embedded database alone the new key is made here and the one before kept beside it. Interrupted, it
 * is called again: tokens under the new key stay as they are, and a key that was made is used. Returns what to tell the
 * administrator.
 */
export async function rotateKey(settings: Settings): Promise<string> {
  const { secretKey, previousSecretKey, dataDir } = settings
  if (secretKey !== null && previousSecretKey === null)
    throw new CannotStart(['SECRET_KEY_PREVIOUS is missing: expected the key before, and the new one as SECRET_KEY'])
  const { replaced, kept, closed, closedWebhooks } = await withHubDatabase(settings, 'refused', async (orm) => {
    const state = createHubState(orm)
    return await reseal(orm, state, await keysOf(settings, state))
  })
  const before = secretKey === null ? `remove ${join(dataDir, PREVIOUS_FILE)}` : 'take SECRET_KEY_PREVIOUS away'
  return [
    `Sealed ${replaced} stored tokens anew: ${kept} are under the new key now.`,
    ...closed.map(
      ({ name, id }) => `The token of ${name} (${id}) opens under neither key: that partner has to register anew.`,
    ),
    ...closedWebhooks.map(
      ({ name, id }) => `The secret of the webhook ${name} (${id}) opens under neither key: give it a new one.`,
    ),
    `Links handed out under the key before work for a day from now: after that ${before}.`,
  ].join('\n')
}

async function keysOf({ secretKey, previousSecretKey, dataDir }: Settings, state: HubState): Promise<SecretKeys> {
  if (secretKey !== null) return { current: secretKey, previous: previousSecretKey }
  const keys = await loadSecretKeys(dataDir)
  return (await isOnlyKey(createSecrets(keys), state)) ? await replaceSecretKey(dataDir) : keys
}

async function reseal(orm: Orm, state: HubState, keys: SecretKeys) {
  const both = createSecrets(keys)
  const own = createSecrets({ current: keys.current, previous: null })
  await admitKeys(both, state)
  const closed = new Map<string, SealedToken>()
  const closedWebhooks = new Map<string, SealedToken>()
  let kept = 0
  let replaced = 0
  const renewer =
    (unopened: Map<string, SealedToken>) =>
    (token: SealedToken): string | null => {
      if (opened(own.open, token.sealed) !== null) {
        kept += 1
        return null
      }
      const text = opened(both.open, token.sealed)
      if (text === null) unopened.set(token.id, token)
      return text === null ? null : own.seal(text)
    }
  // Hubs go on storing tokens: a round that finds nothing to do has seen all of them under the new key.
  for (let found = -1; found !== 0; replaced += found) {
    kept = 0
    found = (await resealTokens(orm, renewer(closed))) + (await resealWebhooks(orm, renewer(closedWebhooks)))
  }
  await keepOnlyKey(own, state)
  return { replaced, kept, closed: [...closed.values()], closedWebhooks: [...closedWebhooks.values()] }
}

/** Null for what the key does not open. */
function opened(open: (sealed: string) => string, sealed: string): string | null {
  try {
    return open(sealed)
  } catch {
    return null
  }
}
