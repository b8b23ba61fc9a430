import { chmod, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { loadSecretKeys, replaceSecretKey } from '../../../src/runtime/node/secret-key.ts'
import { createSecrets } from '../../../src/runtime/shared/secrets.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { freePort } from '../../support/free-port.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createHubClient, type HubClient } from '../../support/hub-client.ts'
import type { Partner } from '../../support/partner.ts'
import { runCommand, type Started, startCommand, startHubProcess } from '../../support/processes.ts'
import { until } from '../../support/until.ts'

const ROTATE = 'src/runtime/rotate-key.ts'
const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const

const [OLD, NEW] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)] as const
const ONLY_OLD = { SECRET_KEY: OLD.toString('base64') }
const ONLY_NEW = { SECRET_KEY: NEW.toString('base64') }
const BOTH = { ...ONLY_NEW, SECRET_KEY_PREVIOUS: OLD.toString('base64') }

/** A CPO with a list of more than one page, and an eMSP that reads it. */
async function joinPair(hub: HubClient) {
  const cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  const emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  cpo.on('locations', 'SENDER', ({ target }) => {
    const isFirst = !target.includes('offset=1')
    const link = `<${cpo.endpointUrl('locations', 'SENDER')}?offset=1>; rel="next"`
    return { data: [isFirst ? 'first page' : 'second page'], ...(isFirst && { headers: ['Link', link] }) }
  })
  return { cpo, emsp }
}

/** What the eMSP reads of the CPO's list at a hub: OCPI status, and the path of the next page. */
async function readList(emsp: Partner, hubUrl: string) {
  const answer = await emsp.callUrl(`${hubUrl}/ocpi/2.2.1/sender/locations`, { to: CPO })
  const next = new URL(answer.next ?? hubUrl)
  return { statusCode: answer.statusCode, next: next.pathname + next.search }
}

const follow = async (emsp: Partner, hubUrl: string, next: string) => (await emsp.callUrl(hubUrl + next)).statusCode

describe('SECRET_KEY of a database of your own', () => {
  let database: TestDatabase
  let sql: postgres.Sql
  let hubs: TestHub[]
  let emsp: Partner & { platformId: string }
  let cpo: Partner & { platformId: string }
  /** A hub that knows the old key only, and one that was given both. */
  let before: TestHub
  let during: TestHub
  let nextBefore: string

  const start = async (keys: Record<string, string>) => {
    const hub = await startTestHub(keys, { databaseUrl: database.url })
    hubs.push(hub)
    return hub
  }
  const rotate = (keys: Record<string, string>) => runCommand(ROTATE, { DATABASE_URL: database.url, ...keys })
  const sealedTokens = async () =>
    (await sql<{ sealed_token: string }[]>`select sealed_token from platforms where sealed_token is not null`).map(
      (row) => row.sealed_token,
    )
  const opensUnder = (key: Uint8Array, sealed: string) => {
    try {
      return createSecrets({ current: key, previous: null }).open(sealed) !== ''
    } catch {
      return false
    }
  }

  beforeAll(async () => {
    database = await createTestDatabase()
    sql = postgres(database.url, { max: 2, onnotice: () => {} })
    hubs = []
    before = await start(ONLY_OLD)
    ;({ cpo, emsp } = await joinPair(before))
    nextBefore = (await readList(emsp, before.url)).next
    // So many that they are sealed anew in three batches.
    await sql`
      insert into platforms (id, name, status, status_cause, status_since, sealed_token, endpoints, delivery, token_encoding,
        is_strict_about_tokens, created_at, revision)
      select 'copy-' || n, 'Copy', 'PLANNED', '', 0, (select sealed_token from platforms where id = ${cpo.platformId}),
        '[]', '{}', 'base64', false, 0, 0 from generate_series(1, 450) n`
  })
  afterAll(async () => {
    for (const hub of hubs) await hub.close()
    await sql.end()
    await database.drop()
  })

  it('asks for the key before', async () => {
    expect(await rotate(ONLY_NEW)).toEqual({
      code: 2,
      out: '',
      err: 'SECRET_KEY_PREVIOUS is missing: expected the key before, and the new one as SECRET_KEY\n',
    })
    const third = Buffer.alloc(32, 9).toString('base64')
    expect(await rotate({ SECRET_KEY: third, SECRET_KEY_PREVIOUS: ONLY_NEW.SECRET_KEY })).toEqual({
      code: 2,
      out: '',
      err: 'SECRET_KEY: the database was filled under another key\n',
    })
  })

  it('a hub with both keys calls partners and follows links as before, while hubs with the old one still run', async () => {
    during = await start(BOTH)
    const list = await readList(emsp, during.url)
    expect(list.statusCode).toBe(1000)
    expect(await follow(emsp, during.url, nextBefore)).toBe(1000)
    expect(await follow(emsp, during.url, list.next)).toBe(1000)
    expect((await readList(emsp, before.url)).statusCode).toBe(1000)
    expect((await during.admin('POST', `/platforms/${cpo.platformId}/check`)).body).toMatchObject({ is_alive: true })
  })

  it('a command that was killed half way leaves all partners within reach, and is run again', async () => {
    const original = (await sealedTokens()).filter((sealed) => opensUnder(OLD, sealed)).length
    expect(original).toBe(452)
    const killed = startCommand(ROTATE, { DATABASE_URL: database.url, ...BOTH })
    await sql.begin(async (tx) => {
      await tx`select from platforms where id = 'copy-300' for update`
      await until(async () => (await sealedTokens()).some((sealed) => opensUnder(NEW, sealed)))
      killed.child.kill('SIGKILL')
      await killed.ended
    })
    const tokens = await sealedTokens()
    expect(tokens.filter((sealed) => opensUnder(NEW, sealed))).toHaveLength(200)
    expect(tokens.filter((sealed) => opensUnder(OLD, sealed))).toHaveLength(252)
    expect((await readList(emsp, during.url)).statusCode).toBe(1000)
    expect((await during.admin('POST', `/platforms/${cpo.platformId}/check`)).body).toMatchObject({ is_alive: true })
    // While tokens are under both, no hub may start with one.
    for (const keys of [ONLY_OLD, ONLY_NEW]) await expect(start(keys)).rejects.toThrow('under another key as well')

    const { code, out } = await rotate(BOTH)
    expect(code).toBe(0)
    expect(out).toMatch(/^Sealed 252 stored tokens anew: 452 are under the new key now\.\n/)
    expect((await sealedTokens()).every((sealed) => opensUnder(NEW, sealed))).toBe(true)
  })

  it('messages pass while tokens are sealed anew, and a partner that renews its token meanwhile keeps it', async () => {
    const codes: (number | null)[] = []
    let isDone = false
    const asking = (async () => {
      while (!isDone) codes.push((await readList(emsp, during.url)).statusCode)
    })()
    // There and back again, so that every token is sealed twice.
    const swapped = rotate({ SECRET_KEY: ONLY_OLD.SECRET_KEY, SECRET_KEY_PREVIOUS: ONLY_NEW.SECRET_KEY })
    expect((await emsp.rotate()).statusCode).toBe(1000)
    expect((await swapped).code).toBe(0)
    expect((await rotate(BOTH)).code).toBe(0)
    isDone = true
    await asking
    expect(codes.length).toBeGreaterThan(0)
    expect(new Set(codes)).toEqual(new Set([1000]))
    const [row] = await sql`select sealed_token from platforms where id = ${emsp.platformId}`
    expect(opensUnder(NEW, row?.sealed_token)).toBe(true)
  })

  it('afterwards the new key is enough, a link from before takes both, and the old key alone is refused', async () => {
    const { next } = await readList(emsp, during.url)
    const after = await start(ONLY_NEW)
    expect((await readList(emsp, after.url)).statusCode).toBe(1000)
    expect(await follow(emsp, after.url, next)).toBe(1000)
    expect(await follow(emsp, after.url, nextBefore)).not.toBe(1000)
    expect(await follow(emsp, (await start(BOTH)).url, nextBefore)).toBe(1000)
    const port = String(await freePort())
    const refused = await runCommand('src/runtime/node.ts', { PORT: port, DATABASE_URL: database.url, ...ONLY_OLD })
    expect(refused).toEqual({
      code: 2,
      out: '',
      err: 'The hub cannot start:\n  - SECRET_KEY: the database was filled under another key\n',
    })
  })

  it('names a partner whose token opens under no key, and goes on with the others', async () => {
    await sql`update platforms set sealed_token = 'v1.damaged' where id = 'copy-7'`
    const { code, out } = await rotate(BOTH)
    expect(code).toBe(0)
    expect(out).toMatch(/^Sealed 0 stored tokens anew: 451 are under the new key now\.\nThe token of Copy \(copy-7\)/)
  })
})

describe('the secret key of the embedded database', { timeout: 90_000 }, () => {
  let folder: string
  let hub: Started | null = null
  let settings: Record<string, string>
  let client: HubClient

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-keys-'))
    await chmod(folder, 0o755)
    const port = String(await freePort())
    const PUBLIC_URL = `http://127.0.0.1:${port}`
    const DATA_DIR = join(folder, 'data')
    settings = {
      PORT: port,
      PUBLIC_URL,
      DATA_DIR,
      ADMIN_TOKEN: 'token-of-the-administrator',
      ALLOW_PRIVATE_NETWORKS: 'true',
      CONNECTION_CHECK: 'off',
    }
    client = createHubClient(PUBLIC_URL, 'token-of-the-administrator')
  })
  afterEach(stop)
  afterAll(async () => {
    await client.closePartners()
    await rm(folder, { recursive: true, force: true })
  })

  async function stop(): Promise<void> {
    hub?.child.kill('SIGTERM')
    await hub?.ended
    hub = null
  }

  it('is made anew while the hub is stopped; partners and links go on, and an interruption costs nothing', async () => {
    const { DATA_DIR = '', PUBLIC_URL = '' } = settings
    const key = join(DATA_DIR, 'secret-key')
    const rotate = () => runCommand(ROTATE, { DATA_DIR })
    expect(await rotate()).toEqual({ code: 2, out: '', err: expect.stringMatching(/holds no database[^\n]+\n$/) })

    hub = await startHubProcess(settings)
    const { emsp } = await joinPair(client)
    const { next } = await readList(emsp, PUBLIC_URL)
    expect(await rotate()).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/a hub uses this folder: stop it[^\n]+\n$/),
    })
    await stop()

    const first = await readFile(key, 'utf8')
    // Killed right after it made the key.
    await replaceSecretKey(DATA_DIR)
    const second = await readFile(key, 'utf8')
    expect(second).not.toBe(first)
    const done = await rotate()
    expect(done).toEqual({ code: 0, out: expect.stringMatching(/^Sealed 2 stored tokens anew: 2 are under/), err: '' })
    expect(done.out).toContain(`remove ${key}.previous`)
    expect(await readFile(key, 'utf8')).toBe(second)
    expect(await readFile(`${key}.previous`, 'utf8')).toBe(first)
    for (const file of [key, `${key}.previous`]) expect((await stat(file)).mode & 0o777).toBe(0o600)

    hub = await startHubProcess({ ...settings, PROCESSES: '2' })
    expect((await readList(emsp, PUBLIC_URL)).statusCode).toBe(1000)
    expect(await follow(emsp, PUBLIC_URL, next)).toBe(1000)
    await stop()

    await rm(`${key}.previous`)
    hub = await startHubProcess(settings)
    expect((await readList(emsp, PUBLIC_URL)).statusCode).toBe(1000)
    expect(await follow(emsp, PUBLIC_URL, next)).not.toBe(1000)
    await stop()

    expect((await rotate()).code).toBe(0)
    expect(await loadSecretKeys(DATA_DIR)).toMatchObject({ previous: Buffer.from(second, 'base64') })
    await rename(`${key}.previous`, key)
    expect(await runCommand('src/runtime/node.ts', settings)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^[^\n]+\n {2}- SECRET_KEY: the database was filled under another key\n$/),
    })
  })
})
