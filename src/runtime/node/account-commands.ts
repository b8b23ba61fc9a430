import type { AccountStore, Admin, AdminChange } from '../../hub/administration/accounts.ts'
import { ADMIN_ROLES, type AdminRole } from '../../hub/administration/author.ts'
import { newKey } from '../../hub/administration/new-key.ts'
import { DAY_MS } from '../../hub/moments.ts'
import { CannotStart } from '../shared/cannot-start.ts'
import { passwords } from '../shared/passwords.ts'
import { digest, random } from '../shared/secrets.ts'

const MOST_DAYS = 36_500
const NAME = /^\P{Cc}{1,100}$/u

/** What a command was called with: `add`, `Ada`, and its options. */
export type AccountOrder = {
  readonly verb: string | undefined
  readonly name: string | undefined
  readonly role: string | undefined
  readonly seesBodies: boolean
  readonly days?: string | undefined
}

/** Carries out an order about people and returns what to print. Throws a CannotStart for what cannot be done. */
export async function orderAdmins(accounts: AccountStore, order: AccountOrder): Promise<string> {
  if (order.verb === 'list') {
    return linesOf(await accounts.listAdmins(), (admin) => [admin.name, admin.role, ...marksOf(admin)])
  }
  const name = nameOf(order)
  switch (order.verb) {
    case 'add': {
      const password = random.token()
      const rights = { role: roleOf(order), maySeeBodies: order.seesBodies }
      const account = { id: random.id(), name, email: null, ...rights, createdAt: Date.now() }
      const result = await accounts.addAdmin({ ...account, passwordDigest: await passwords.digest(password) })
      if (result !== 'added') throw new CannotStart([notAdded(name, result)])
      return shownOnce(password, `The password of ${name}, ${rights.role}`)
    }
    case 'password': {
      const password = random.token()
      await change(accounts, name, { passwordDigest: await passwords.digest(password) })
      return shownOnce(password, `The new password of ${name}, who is signed out everywhere`)
    }
    case 'role': {
      const role = roleOf(order)
      await change(accounts, name, { role, maySeeBodies: order.seesBodies })
      return `${name} is ${role}, and has to sign in again`
    }
    case 'disable':
      await change(accounts, name, { disabledAt: Date.now() })
      return `${name} cannot sign in any more`
    case 'enable':
      await change(accounts, name, { disabledAt: null })
      return `${name} can sign in again`
    case 'remove':
      await accounts.removeAdmin(named(await accounts.listAdmins(), name).id)
      return `${name} is removed`
    default:
      throw new CannotStart([
        `${order.verb ?? 'nothing'}: expected list, add, role, password, disable, enable or remove`,
      ])
  }
}

/** The same about API keys. */
export async function orderKeys(accounts: AccountStore, order: AccountOrder): Promise<string> {
  if (order.verb === 'list') {
    return linesOf(await accounts.listKeys(), (key) => [
      key.name,
      key.role,
      `${key.prefix}…`,
      ...(key.expiresAt === null ? [] : [`until ${new Date(key.expiresAt).toISOString()}`]),
      ...marksOf(key),
    ])
  }
  const name = nameOf(order)
  switch (order.verb) {
    case 'add': {
      const expiresAt = order.days === undefined ? null : Date.now() + daysOf(order.days) * DAY_MS
      const asked = { name, role: roleOf(order), maySeeBodies: order.seesBodies, expiresAt, createdBy: 'command' }
      const { key, ...made } = newKey({ random, digest, now: Date.now }, asked)
      const result = await accounts.addKey(made)
      if (result !== 'added') throw new CannotStart([notAdded(name, result)])
      return shownOnce(key, `The key ${name}, ${asked.role}`)
    }
    case 'remove':
      await accounts.removeKey(named(await accounts.listKeys(), name).id)
      return `${name} is removed`
    default:
      throw new CannotStart([`${order.verb ?? 'nothing'}: expected list, add or remove`])
  }
}

async function change(accounts: AccountStore, name: string, change: AdminChange): Promise<void> {
  await accounts.changeAdmin(named(await accounts.listAdmins(), name).id, change)
}

function named<T extends { readonly name: string }>(accounts: readonly T[], name: string): T {
  const found = accounts.find((account) => account.name.toLowerCase() === name.toLowerCase())
  if (!found) throw new CannotStart([`${name}: nobody has this name; list shows the names`])
  return found
}

function nameOf({ name = '' }: AccountOrder): string {
  if (!NAME.test(name) || name.trim() !== name) throw new CannotStart(['Expected a name of at most 100 characters'])
  return name
}

function roleOf({ role }: AccountOrder): AdminRole {
  const known = ADMIN_ROLES.find((one) => one === role)
  if (!known) throw new CannotStart([`--role ${role ?? ''}: expected ${ADMIN_ROLES.join(', ')}`])
  return known
}

function daysOf(text: string): number {
  const days = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : MOST_DAYS + 1
  if (days > MOST_DAYS) throw new CannotStart([`--days ${text}: expected a whole number from 1 to ${MOST_DAYS}`])
  return days
}

function notAdded(name: string, why: 'name-taken' | 'too-many'): string {
  return why === 'name-taken' ? `${name}: another has this name` : 'There is no room for more: remove some first'
}

function shownOnce(secret: string, what: string): string {
  return `${secret}\n${what}, shown this once: keep it.`
}

function linesOf<T>(accounts: readonly T[], partsOf: (account: T) => readonly string[]): string {
  return accounts.length === 0 ? 'None' : accounts.map((account) => partsOf(account).join('  ')).join('\n')
}

function marksOf({ maySeeBodies, disabledAt }: Pick<Admin, 'maySeeBodies' | 'disabledAt'>): string[] {
  return [...(maySeeBodies ? ['sees bodies'] : []), ...(disabledAt === null ? [] : ['disabled'])]
}
