import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type { Passwords } from '../../hub/administration/passwords.ts'

/** 16 MB (128 · N · r bytes) and five rounds: as hard to guess as 128 MB in one, and little enough for an isolate. */
const COST = { N: 16_384, r: 8, p: 5 }
const KEY_BYTES = 32
const SALT_BYTES = 16

/** Passwords as `scrypt$16384$8$5$salt$key`, base64url, so that a later cost can be told from an earlier one. */
export const passwords: Passwords = {
  async digest(password) {
    const salt = randomBytes(SALT_BYTES)
    const key = await derive(password, salt, COST)
    return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
  },
  async matches(password, digest) {
    const [, N, r, p, salt = '', known = ''] = (digest ?? NOBODYS).split('$')
    const key = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) })
    const isSame = timingSafeEqual(key, Buffer.from(known, 'base64url'))
    return isSame && digest !== null
  },
}

/** Compared with where there is none, so that the time does not tell who has an account. */
const NOBODYS = ['scrypt', COST.N, COST.r, COST.p, 'AAAAAAAAAAAAAAAAAAAAAA', 'A'.repeat(43)].join('$')

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same letters may be typed as different characters [Unicode: NFKC].
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
