import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSecretKeys } from '../../../src/runtime/node/secret-key.ts'
import { settleAdminToken } from '../../../src/runtime/shared/admin-token.ts'
import { admitKeys } from '../../../src/runtime/shared/key-check.ts'
import { createSecrets, digest, isSameSecret, random } from '../../../src/runtime/shared/secrets.ts'

const [KEY, OTHER, THIRD] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]
const secrets = createSecrets({ current: KEY, previous: null })
const others = createSecrets({ current: OTHER, previous: null })
/** While `secrets` are replaced by `others`. */
const both = createSecrets({ current: OTHER, previous: KEY })

/** What `createHubState` gives, in memory. */
function createState() {
  const rows = new Map<string, string>()
  return {
    rows,
    get: async (key: string) => rows.get(key) ?? null,
    putIfAbsent: async (key: string, value: string) => {
      if (rows.has(key)) return false
      rows.set(key, value)
      return true
    },
    replace: async (key: string, known: string, value: string) => {
      if (rows.get(key) !== known) return false
      rows.set(key, value)
      return true
    },
  }
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-secrets-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('tokens the hub must send', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (token) => {
        expect(secrets.open(secrets.seal(token))).toBe(token)
      }),
    )
  })

  it('are sealed differently each time and show nothing', () => {
    const [first, second] = [secrets.seal('the-token'), secrets.seal('the-token')]
    expect(first).not.toBe(second)
    expect(Buffer.from(first.slice(3), 'base64url').toString('latin1')).not.toContain('the-token')
  })

  it('stay closed under another key, and when a single bit was changed', () => {
    const sealed = secrets.seal('the-token')
    expect(() => others.open(sealed)).toThrow()
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i)
      expect(() => secrets.open(`v1.${changed.toString('base64url')}`)).toThrow()
    }
    for (const text of ['', 'v1.', 'the-token', sealed.slice(3), sealed.slice(0, -8)]) {
      expect(() => secrets.open(text)).toThrow()
    }
  })
})

describe('two keys, while one replaces the other', () => {
  it('open what either sealed, and seal under the new one alone', () => {
    expect(both.open(secrets.seal('sealed before'))).toBe('sealed before')
    expect(both.open(others.seal('sealed since'))).toBe('sealed since')
    const sealed = both.seal('sealed by both')
    expect(others.open(sealed)).toBe('sealed by both')
    expect(() => secrets.open(sealed)).toThrow()
    expect(() => both.open(createSecrets({ current: THIRD, previous: null }).seal('x'))).toThrow()
  })

  it('sign under the new one, and know what the other signed', () => {
    expect(both.mac('x')).toBe(others.mac('x'))
    expect(both.previousMac?.('x')).toBe(secrets.mac('x'))
    expect(others.previousMac).toBeNull()
  })
})

describe('tokens the hub checks', () => {
  it('are kept as SHA-256', () => {
    expect(digest('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
    expect(secrets.digest('abc')).toBe(digest('abc'))
  })

  it('are compared whole', () => {
    expect(isSameSecret('token', 'token')).toBe(true)
    expect(isSameSecret('token', 'tokem')).toBe(false)
    expect(isSameSecret('token', 'token ')).toBe(false)
    expect(isSameSecret('', 'token')).toBe(false)
  })

  it('are made of 256 random bits', () => {
    const tokens = Array.from({ length: 100 }, () => random.token())
    expect(new Set(tokens).size).toBe(100)
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/)
  })
})

it('a MAC is made under a key of its own', () => {
  expect(secrets.mac('x')).toBe(createSecrets({ current: KEY, previous: null }).mac('x'))
  expect(secrets.mac('x')).not.toBe(others.mac('x'))
  expect(secrets.mac('x')).toMatch(/^[\w-]{43}$/)
  expect(() => createSecrets({ current: new Uint8Array(31), previous: null })).toThrow('expected 32')
})

describe('the key in the data folder', () => {
  it('is made once, readable by the hub alone', async () => {
    const dataDir = join(folder, 'new')
    const made = await Promise.all([loadSecretKeys(dataDir), loadSecretKeys(dataDir), loadSecretKeys(dataDir)])
    expect(made[0]?.current).toHaveLength(32)
    expect(made[0]?.previous).toBeNull()
    expect(made[1]).toEqual(made[0])
    expect(made[2]).toEqual(made[0])
    expect(await loadSecretKeys(dataDir)).toEqual(made[0])
    expect((await stat(join(dataDir, 'secret-key'))).mode & 0o777).toBe(0o600)
    expect(await readdir(dataDir)).toEqual(['secret-key'])
  })

  it('is read with the one before it, unless that is the same', async () => {
    const dataDir = join(folder, 'two')
    const { current } = await loadSecretKeys(dataDir)
    const previous = join(dataDir, 'secret-key.previous')
    await writeFile(previous, `${Buffer.from(OTHER).toString('base64')}\n`)
    expect(await loadSecretKeys(dataDir)).toEqual({ current, previous: Buffer.from(OTHER) })
    await writeFile(previous, `${Buffer.from(current).toString('base64')}\n`)
    expect(await loadSecretKeys(dataDir)).toEqual({ current, previous: null })
  })

  it('is not made anew beside a database whose tokens it could not open', async () => {
    const dataDir = join(folder, 'lost')
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await expect(loadSecretKeys(dataDir)).rejects.toThrow('secret-key is missing')
  })

  it('is not overwritten when it is damaged', async () => {
    const dataDir = join(folder, 'damaged')
    await mkdir(dataDir)
    await writeFile(join(dataDir, 'secret-key'), 'dGVzdA==\n')
    await expect(loadSecretKeys(dataDir)).rejects.toThrow('holds no key')
  })
})

describe("the administrator's token", () => {
  it('is made once by however many processes start, and only its digest is kept', async () => {
    const state = createState()
    const settled = await Promise.all([settleAdminToken(null, state), settleAdminToken(null, state)])
    const made = settled.flatMap(({ made }) => made ?? [])
    expect(made).toHaveLength(1)
    for (const { isAdminToken } of settled) expect(isAdminToken(made[0] ?? '')).toBe(true)
    expect([...state.rows.values()]).toEqual([digest(made[0] ?? '')])
    expect(await settleAdminToken(null, state)).toMatchObject({ made: null })
  })

  it('is the one of the setting alone when there is one', async () => {
    const state = createState()
    const { made } = await settleAdminToken(null, state)
    const { isAdminToken } = await settleAdminToken('chosen-by-the-administrator', state)
    expect(isAdminToken('chosen-by-the-administrator')).toBe(true)
    expect(isAdminToken(made ?? '')).toBe(false)
  })
})

describe('a database', () => {
  const FOREIGN = 'SECRET_KEY: the database was filled under another key'
  const PARTLY = /^SECRET_KEY: the database holds tokens under another key as well: give both/

  it('knows its SECRET_KEY again', async () => {
    const state = createState()
    await admitKeys(secrets, state)
    await admitKeys(secrets, state)
    await expect(admitKeys(others, state)).rejects.toThrow(FOREIGN)
  })

  it('once a hub has sealed under two keys asks for both, in either order, however many hubs start together', async () => {
    const state = createState()
    await admitKeys(secrets, state)
    await Promise.all([admitKeys(both, state), admitKeys(both, state)])
    expect([...state.rows.values()]).toEqual([expect.stringMatching(/^[\w-]{43} [\w-]{43}$/)])
    await admitKeys(both, state)
    await admitKeys(createSecrets({ current: KEY, previous: OTHER }), state)
    await expect(admitKeys(secrets, state)).rejects.toThrow(PARTLY)
    await expect(admitKeys(others, state)).rejects.toThrow(PARTLY)
    await expect(admitKeys(createSecrets({ current: THIRD, previous: OTHER }), state)).rejects.toThrow(PARTLY)
  })

  it('takes a hub that only stands ready for another key without asking for it later', async () => {
    const state = createState()
    await admitKeys(secrets, state)
    await admitKeys(createSecrets({ current: KEY, previous: OTHER }), state)
    await admitKeys(secrets, state)
  })
})
