import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../support/database.ts'
import { freePort } from '../../support/free-port.ts'
import { startTestHub } from '../../support/hub.ts'
import { runCommand, startHubProcess } from '../../support/processes.ts'
import { until } from '../../support/until.ts'

const COMMAND = 'src/runtime/admin-token.ts'

async function statusWith(token: string, hubUrl: string): Promise<number> {
  const answer = await fetch(`${hubUrl}/admin/api/platforms`, { headers: { Authorization: `Bearer ${token}` } })
  return answer.status
}

/** The token that the command showed, which stands alone on its first line. */
async function makeToken(settings: Record<string, string>): Promise<string> {
  const { code, out, err } = await runCommand(COMMAND, settings)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^[\w-]{43}\nThis is the new token for administrators, shown this once/)
  return out.split('\n')[0] ?? ''
}

it('a lost token is replaced while the hub runs on its own database, and stopped: the old one is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-token-'))
  await chmod(folder, 0o755)
  const DATA_DIR = join(folder, 'data')
  const port = String(await freePort())
  const url = `http://127.0.0.1:${port}`
  const settings = { PORT: port, DATA_DIR, PROCESSES: '2', FAILED_LOGINS_PER_MINUTE: '0' }
  expect(await runCommand(COMMAND, { DATA_DIR })).toMatchObject({
    code: 2,
    err: expect.stringContaining('no database'),
  })
  let hub = await startHubProcess(settings)
  try {
    const first = /admin token +(\S+)/.exec(hub.out())?.[1] ?? ''
    expect(await statusWith(first, url)).toBe(200)
    const second = await makeToken({ DATA_DIR })
    // Either of the processes may answer.
    for (let round = 0; round < 4; round++) {
      await until(async () => (await statusWith(second, url)) === 200, 'Expected the new token to open the hub')
      await until(async () => (await statusWith(first, url)) === 401, 'Expected the old token to be refused')
    }
    hub.child.kill('SIGTERM')
    await hub.ended
    const third = await makeToken({ DATA_DIR })
    hub = await startHubProcess(settings)
    expect(hub.out()).not.toContain('admin token')
    expect(await statusWith(third, url)).toBe(200)
    expect(await statusWith(second, url)).toBe(401)
  } finally {
    hub.child.kill('SIGTERM')
    await hub.ended
    await rm(folder, { recursive: true, force: true })
  }
}, 90_000)

it('on a database of your own it needs no SECRET_KEY, and does not touch a hub that goes by ADMIN_TOKEN', async () => {
  const database = await createTestDatabase()
  const byDatabase = await startTestHub(
    { ADMIN_TOKEN: '', FAILED_LOGINS_PER_MINUTE: '0' },
    { databaseUrl: database.url },
  )
  const bySetting = await startTestHub({}, { databaseUrl: database.url })
  const token = await makeToken({ DATABASE_URL: database.url })
  await until(async () => (await statusWith(token, byDatabase.url)) === 200)
  expect(await statusWith(token, bySetting.url)).toBe(401)
  expect(await statusWith(bySetting.adminToken, bySetting.url)).toBe(200)
  await byDatabase.close()
  await bySetting.close()
  await database.drop()
})

it('with ADMIN_TOKEN set it says in one line that the setting alone counts, and makes none', async () => {
  const answer = await runCommand(COMMAND, { ADMIN_TOKEN: 'chosen-by-the-administrator' })
  expect(answer).toEqual({ code: 2, out: '', err: expect.stringMatching(/^ADMIN_TOKEN is set[^\n]+\n$/) })
})

it('on a database that no hub has used it says so', async () => {
  const database = await createTestDatabase({ isEmpty: true })
  const answer = await runCommand(COMMAND, { DATABASE_URL: database.url })
  expect(answer).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(/^The database holds nothing of a hub[^\n]+\n$/),
  })
  await database.drop()
})
