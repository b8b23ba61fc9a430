import { afterAll, beforeAll, expect, it } from 'vitest'
import { BY_COMMAND } from '../../../src/hub/administration/audit.ts'
import { orderAdmins, orderKeys } from '../../../src/runtime/node/account-commands.ts'
import { createAccountStore } from '../../../src/storage/administration/accounts.ts'
import { type Database, openDatabase } from '../../../src/storage/database.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { runCommand } from '../../support/processes.ts'

const ADMINS = 'src/runtime/admins.ts'
const KEYS = 'src/runtime/api-keys.ts'

let hub: TestHub
let database: Database

beforeAll(async () => {
  hub = await startTestHub()
  database = openDatabase({ url: hub.databaseUrl, maxConnections: 2 })
})
afterAll(async () => {
  await database.close()
  await hub.close()
})

const admins = (verb: string, name?: string, role?: string, seesBodies = false) =>
  orderAdmins(createAccountStore(database.orm, BY_COMMAND), { verb, name, role, seesBodies })

const keys = (verb: string, name?: string, role?: string, days?: string) =>
  orderKeys(createAccountStore(database.orm, BY_COMMAND), { verb, name, role, seesBodies: false, days })

const firstLine = (text: string) => text.split('\n')[0] ?? ''

async function signIn(name: string, password: string): Promise<number> {
  const answer = await fetch(`${hub.url}/admin/api/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, password }),
  })
  return answer.status
}

it('who is locked out makes an account, a new password, and lets others in and out, while the hub runs', async () => {
  expect(await admins('list')).toBe('None')
  const first = firstLine(await admins('add', 'Ada', 'operator'))
  expect(await signIn('Ada', first)).toBe(201)
  const second = firstLine(await admins('password', 'ada'))
  expect([await signIn('Ada', first), await signIn('Ada', second)]).toEqual([401, 201])
  await admins('role', 'Ada', 'read-only', true)
  await admins('disable', 'Ada')
  expect(await admins('list')).toBe('Ada  read-only  sees bodies  disabled')
  expect(await signIn('Ada', second)).toBe(401)
  await admins('enable', 'Ada')
  expect(await signIn('Ada', second)).toBe(201)
  await admins('remove', 'Ada')
  expect(await admins('list')).toBe('None')
})

it('what a command changes stands in the audit trail', async () => {
  await admins('add', 'Eve', 'operator')
  await admins('remove', 'Eve')
  const { body } = await hub.admin('GET', '/audit?q=eve')
  const told = body.map(({ action, who, on }: Record<string, { name: string; way: string }>) => [
    action,
    who?.way,
    on?.name,
  ])
  expect(told).toEqual([
    ['admin.remove', 'command', 'Eve'],
    ['admin.add', 'command', 'Eve'],
  ])
})

it('makes and removes keys', async () => {
  const key = firstLine(await keys('add', 'export', 'read-only', '90'))
  const status = async () => {
    const headers = { Authorization: `Bearer ${key}` }
    return (await fetch(`${hub.url}/admin/api/platforms`, { headers })).status
  }
  expect(await status()).toBe(200)
  expect(await keys('list')).toMatch(/^export {2}read-only {2}ohk_[\w-]{6}… {2}until \d{4}-/)
  await keys('remove', 'export')
  expect(await status()).toBe(401)
})

it.each([
  [ADMINS, ['add', 'Bob', '--role', 'owner'], /^[\w-]{43}\nThe password of Bob, owner, shown this once/],
  [KEYS, ['add', 'backup', '--role', 'read-only', '--days', '365'], /^ohk_[\w-]{43}\nThe key backup, read-only, shown/],
])('%s %j prints what it made', async (script, words, said) => {
  const answer = await runCommand(script, { DATABASE_URL: hub.databaseUrl }, words)
  expect(answer).toEqual({ code: 0, out: expect.stringMatching(said), err: '' })
})

it.each([
  ['add', 'Ada'],
  ['add', 'Ada', 'king'],
  ['add', undefined, 'owner'],
  ['remove', 'nobody'],
  ['promote', 'Ada'],
])('the order to %s %s %s is refused', async (verb, name, role?: string) => {
  await expect(admins(verb ?? '', name, role)).rejects.toThrow()
})

it('refuses in one line', async () => {
  const words = ['add', 'export', '--role', 'owner', '--days', '0']
  const answer = await runCommand(KEYS, { DATABASE_URL: hub.databaseUrl }, words)
  expect(answer).toEqual({ code: 2, out: '', err: expect.stringMatching(/^[^\n]+\n$/) })
})
