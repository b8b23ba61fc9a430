import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
  randomUUID,
  timingSafeEqual,
} from 'node:crypto'
import type { Random, Secrets } from '../../hub/ports.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Before sealed text, so that another way of sealing can be told from this one. */
const SEALED_PREFIX = 'v1.'

/** Cryptographic randomness. */
export const random: Random = {
  id: () => randomUUID(),
  token: () => randomBytes(32).toString('base64url'),
}

/** The key of 32 bytes that the hub's secrets are kept under and, while it is being replaced, the one before it. */
export type SecretKeys = { readonly current: Uint8Array; readonly previous: Uint8Array | null }

/**
 * Secrets under the hub's key. A key itself is used for nothing but to derive one key per purpose (HKDF-SHA-256). Sealed text
 * is AES-256-GCM under a random nonce of 96 bits: `v1.` and base64url of nonce, ciphertext and tag.
 */
export function createSecrets({ current, previous }: SecretKeys): Secrets {
  const own = secretsUnder(current)
  const before = previous && secretsUnder(previous)
  return {
    digest,
    mac: own.mac,
    previousMac: before && before.mac,
    seal: own.seal,
    open(sealed) {
      if (before === null) return own.open(sealed)
      try {
        return own.open(sealed)
      } catch {
        return before.open(sealed)
      }
    },
  }
}

function secretsUnder(key: Uint8Array) {
  if (key.length !== 32) throw new Error(`the secret key has ${key.length} bytes, expected 32`)
  const macKey = derive(key, 'mac')
  const sealKey = derive(key, 'seal')
  return {
    mac: (text: string) => createHmac('sha256', macKey).update(text).digest('base64url'),
    seal: (token: string) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce)
      const sealed = Buffer.concat([nonce, cipher.update(token, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return SEALED_PREFIX + sealed.toString('base64url')
    },
    open: (text: string) => {
      const sealed = Buffer.from(text.slice(SEALED_PREFIX.length), 'base64url')
      if (!text.startsWith(SEALED_PREFIX) || sealed.length < NONCE_BYTES + TAG_BYTES)
        throw new Error('not a sealed token')
      const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
      return decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    },
  }
}

function derive(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `ocpi-hub ${purpose}`, 32))
}

/** SHA-256 in base64url. */
export function digest(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** Compares in a time that tells nothing about where two texts differ, nor how long either is. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
