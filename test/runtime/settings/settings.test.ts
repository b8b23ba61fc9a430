import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../src/runtime/settings/settings.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')

const PROVIDER = {
  OIDC_ISSUER: 'https://idp.example/realm',
  OIDC_CLIENT_ID: 'hub',
  OIDC_CLIENT_SECRET: 'not-for-the-log',
  OIDC_ROLES: 'cn=hub,ou=x=owner',
}

describe('the identity provider', () => {
  it('is none, or is set whole', () => {
    expect(readSettings({}).settings.openId).toBeNull()
    expect(readSettings({ OIDC_ISSUER: PROVIDER.OIDC_ISSUER }).problems).toHaveLength(3)
    const { settings, problems } = readSettings({ ...PROVIDER, OIDC_ROLES: 'a=b=owner, noc = operator' })
    expect(problems).toEqual([])
    expect(settings.openId).toMatchObject({ roleClaim: 'roles', roles: { 'a=b': 'owner', noc: 'operator' } })
  })

  it.each([
    ['OIDC_ROLES', PROVIDER.OIDC_ROLES],
    ['OIDC_ROLES', 'noc=king'],
    ['OIDC_ROLES', '=owner'],
    ['OIDC_ISSUER', 'http://idp.example'],
    ['OIDC_SCOPE', 'profile'],
  ])('refuses %s=%s', (name, value) => {
    const { malformed, problems } = readSettings({ ...PROVIDER, OIDC_ROLES: 'a=owner', [name]: value })
    expect([...malformed]).toEqual([name])
    expect(problems.join('\n')).not.toContain('not-for-the-log')
  })
})

describe('settings', () => {
  it('have a row on the page for operators each, and no row is of a setting that does not exist', () => {
    const read = new Set<string>()
    readSettings(new Proxy({}, { get: (_, name) => void read.add(String(name)) }))
    const page = readFileSync(new URL('../../../docs/operators.md', import.meta.url), 'utf8')
    const [, table = ''] = /^## Settings\n(.*?)^## /ms.exec(page) ?? []
    const rows = [...table.matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].flatMap(
      ([, names = '']) => names.match(/[A-Z_]+/g) ?? [],
    )
    expect(rows.sort()).toEqual([...read].sort())
  })

  it('run a hub on an embedded database when nothing is set', () => {
    const { settings, problems } = readSettings({})
    expect(problems).toEqual([])
    expect(settings).toMatchObject({
      port: 8080,
      publicUrl: 'http://localhost:8080',
      databaseUrl: null,
      dataDir: './data',
      hubCountryCode: 'NL',
      hubPartyId: 'HUB',
      routingPolicy: 'open',
      allowPrivateNetworks: false,
      forwardTimeoutMs: 25_000,
      maxBodyBytes: 33_554_432,
      processes: 'auto',
      deliveryDefaults: { requestsPerSecond: 50, concurrency: 8, maxAgeSeconds: 900, afterOffline: 'none' },
      pushLogHours: 24,
      logsFailedBodies: true,
    })
    expect(Object.isFrozen(settings)).toBe(true)
  })

  it('count as absent when they are set to nothing', () => {
    const { settings, problems } = readSettings({ PORT: '', DATABASE_URL: '', ADMIN_TOKEN: '', TRUSTED_PROXIES: '' })
    expect(problems).toEqual([])
    expect(settings).toMatchObject({ port: 8080, databaseUrl: null, adminToken: null, trustedProxies: [] })
  })

  it('are read when they are well formed', () => {
    const { settings, problems } = readSettings({
      PORT: '9000',
      PUBLIC_URL: 'https://hub.example/roaming/',
      DATABASE_URL: 'postgresql://user:word@db.example/hub',
      SECRET_KEY: KEY,
      SECRET_KEY_PREVIOUS: Buffer.alloc(32, 6).toString('base64url'),
      ADMIN_TOKEN: 'a-token-of-administrators',
      HUB_COUNTRY_CODE: 'DE',
      HUB_PARTY_ID: 'X1',
      HUB_WEBSITE: 'https://hub.example',
      HUB_LOGO_URL: 'https://hub.example/logo.SVG?v=2',
      ROUTING_POLICY: 'agreements',
      ALLOW_PRIVATE_NETWORKS: 'true',
      TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::/32,192.0.2.7',
      INBOUND_REQUESTS_PER_SECOND: '0',
      DELIVERY_REQUESTS_PER_SECOND: '5',
      DELIVERY_AFTER_OFFLINE: 'resync',
      HTTP_PROXY: 'someone else reads this',
    })
    expect(problems).toEqual([])
    expect(settings).toMatchObject({
      port: 9000,
      publicUrl: 'https://hub.example/roaming',
      hubCountryCode: 'DE',
      routingPolicy: 'agreements',
      allowPrivateNetworks: true,
      inboundRequestsPerSecond: 0,
      deliveryDefaults: { requestsPerSecond: 5, concurrency: 8, maxAgeSeconds: 900, afterOffline: 'resync' },
    })
    expect(settings.secretKey).toEqual(new Uint8Array(32).fill(7))
    expect(settings.previousSecretKey).toEqual(new Uint8Array(32).fill(6))
    expect(settings.trustedProxies).toHaveLength(3)
  })

  it('name every malformed value at once, each on a line of its own', () => {
    const { problems, malformed } = readSettings({
      PORT: '80a',
      PUBLIC_URL: 'hub.example',
      HUB_COUNTRY_CODE: 'NLD',
      HUB_PARTY_ID: 'FOUR',
      ROUTING_POLICY: 'foo',
      ALLOW_PRIVATE_NETWORKS: 'yes',
      TRUSTED_PROXIES: '10.0.0.0/33',
      FORWARD_TIMEOUT_MS: '25s',
      LOG_LEVEL: 'loud\nand clear',
    })
    expect([...malformed].sort()).toEqual([
      'ALLOW_PRIVATE_NETWORKS',
      'FORWARD_TIMEOUT_MS',
      'HUB_COUNTRY_CODE',
      'HUB_PARTY_ID',
      'LOG_LEVEL',
      'PORT',
      'PUBLIC_URL',
      'ROUTING_POLICY',
      'TRUSTED_PROXIES',
    ])
    expect(problems).toHaveLength(9)
    for (const problem of problems) expect(problem).toMatch(/^[A-Z_]+=\P{Cc}+: expected \P{Cc}+$/u)
    expect(problems).toContain('ROUTING_POLICY=foo: expected open or agreements')
    expect(problems).toContain('PORT=80a: expected a whole number from 1 to 65535')
  })

  it.each(['-1', '+80', '8e3', '0x50', '080', '80.0', ' 80', '65536', '99999999999999999999', 'NaN', 'ⅷ'])(
    'take only plain whole numbers within bounds: PORT=%s is refused',
    (PORT) => {
      expect(readSettings({ PORT }).malformed).toEqual(new Set(['PORT']))
    },
  )

  it.each([
    'ftp://hub.example',
    'https://hub.example/?a=1',
    'https://hub.example/#x',
    'https://user:word@hub.example',
    'https://hub.example/a b',
    `https://hub.example/${'a'.repeat(150)}`,
  ])('refuse a public URL on which no URL of the hub can hang: %s', (PUBLIC_URL) => {
    expect(readSettings({ PUBLIC_URL }).malformed).toEqual(new Set(['PUBLIC_URL']))
  })

  it('never show a secret, not even a malformed one', () => {
    const secrets = {
      DATABASE_URL: 'mysql://user:hunter2@db/x',
      SECRET_KEY: 'hunter2',
      SECRET_KEY_PREVIOUS: 'hunter2',
      ADMIN_TOKEN: 'hunter2',
    }
    const { problems } = readSettings(secrets)
    expect(problems).toHaveLength(4)
    expect(problems.join()).not.toContain('hunter2')
  })

  it('demand a secret key with a database of your own, since nothing else would keep it', () => {
    const { problems } = readSettings({ DATABASE_URL: 'postgres://u:p@db/hub' })
    expect(problems).toEqual([expect.stringMatching(/^SECRET_KEY is missing/)])
  })

  it('demand the key that follows when the one before is given, and another one', () => {
    expect(readSettings({ SECRET_KEY_PREVIOUS: KEY }).problems).toEqual([
      expect.stringMatching(/^SECRET_KEY is missing: with SECRET_KEY_PREVIOUS expected/),
    ])
    expect(readSettings({ SECRET_KEY: KEY, SECRET_KEY_PREVIOUS: KEY }).problems).toEqual([
      'SECRET_KEY_PREVIOUS (not shown) is SECRET_KEY again: expected the key before it, or none',
    ])
  })

  it('refuse values that are fine each and impossible together', () => {
    const { problems } = readSettings({ BUFFER_BYTES: '2000000', MAX_BODY_BYTES: '1000000', PROCESSES: '20' })
    expect(problems).toEqual([expect.stringContaining('BUFFER_BYTES'), expect.stringContaining('PROCESSES=20')])
    expect(readSettings({ BUFFER_BYTES: '2000000', INFLATED_BYTES: '3000000' }).problems).toEqual([
      'BUFFER_BYTES=2000000 is too much for INFLATED_BYTES=3000000: expected at most half',
    ])
    expect(readSettings({ DATABASE_POOL: '90' }).problems).toEqual([])
    expect(readSettings({ DATABASE_POOL: '91' }).problems).toEqual([
      expect.stringContaining('PROCESSES=auto with DATABASE_POOL=91 is too much'),
    ])
    expect(readSettings({ BUFFER_BYTES: '200000000', MAX_BODY_BYTES: '200000000' }).problems).toEqual([])
  })
})
