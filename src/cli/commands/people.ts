import { type Command, Option } from 'commander'
import { usage } from '../exit.ts'
import { momentAhead, onOff, type ReasonOption, withReason } from '../input.ts'
import { addList, addRemove, idOf } from '../named.ts'
import { type Open, readSecret } from '../session.ts'
import { facts, type Screen, table } from '../text/screen.ts'
import { ago, moment } from '../text/words.ts'
import type { AdminView, CreatedKeyView, KeyView, LockOutView } from '../views.ts'

const ROLES = ['owner', 'operator', 'read-only']

type Rights = ReasonOption & { readonly role?: string; readonly seeBodies?: boolean; readonly disabled?: boolean }
type AdminOptions = Rights & { readonly email?: string; readonly passwordStdin?: boolean; readonly password?: boolean }
type KeyOptions = Rights & { readonly expires?: string }

/** The people who administer the hub, and the keys of programs. Owners' business. */
export function addPeopleCommands(program: Command, open: Open, now: () => number): void {
  const admins = program.command('admins').description('the people who administer the hub')
  addList<AdminView>(admins, open, '/admins', (screen, rows) => adminTable(screen, rows, now()), 'ocpi-hub admins list')
  addAdminChanges(admins, open)
  addRemove(admins, open, '/admins', 'and signed out everywhere', 'ocpi-hub admins remove Ada --yes')
  addLockOutCommands(program, open)
  const keys = program.command('keys').description('the keys of programs that call the API')
  addList<KeyView>(keys, open, '/keys', (screen, rows) => keyTable(screen, rows, now()), 'ocpi-hub keys list')
  addKeyChanges(keys, open, now)
  addRemove(keys, open, '/keys', 'and opens nothing any more', 'ocpi-hub keys remove "nightly export" --yes')
}

function addAdminChanges(admins: Command, open: Open): void {
  withRights(admins.command('add'))
    .description('add a person, who signs in with name and password')
    .argument('<name>', 'what they sign in with')
    .option('--email <address>', 'where they are written to')
    .option('--password-stdin', 'read the password from stdin; without this it is asked for')
    .option('--no-password', 'they cannot sign in until one is set')
    .addHelpText('after', '\nExample:\n  ocpi-hub admins add Ada --role operator --email ada@hub.example')
    .action(async (name: string, options: AdminOptions, command: Command) => {
      const session = await open(command)
      const { role, seeBodies: may_see_bodies, email, reason, passwordStdin } = options
      if (role === undefined) throw usage(`--role: expected one of ${ROLES.join(', ')}`)
      const password =
        options.password === false
          ? undefined
          : await readSecret(session.io, passwordStdin === true, 'password', '--password-stdin')
      const body = { name, role, may_see_bodies, email, password, reason }
      const reply = await session.api.call<AdminView>('POST', '/admins', { body })
      session.show(reply, (admin) => adminTable(session.screen, [admin], session.io.now()))
    })
  withRights(admins.command('set'))
    .description('change what a person may do, their address or password; what is left out stays')
    .argument('<name>', 'of the person, or the id')
    .option('--email <address>', 'where they are written to')
    .option('--password-stdin', 'a new password, read from stdin')
    .option('--disabled <on|off>', 'keep them out, or let them in again', onOff)
    .addHelpText('after', '\nExample:\n  ocpi-hub admins set Ada --role read-only --see-bodies on')
    .action(async (name: string, options: AdminOptions, command: Command) => {
      const session = await open(command)
      const { role, seeBodies: may_see_bodies, email, disabled, reason, passwordStdin } = options
      const id = await idOf(session.api, '/admins', name)
      const password = passwordStdin ? await readSecret(session.io, true, 'password', '--password-stdin') : undefined
      const body = { role, may_see_bodies, email, disabled, password, reason }
      const reply = await session.api.call<AdminView>('PATCH', `/admins/${id}`, { body })
      session.show(reply, (admin) => adminTable(session.screen, [admin], session.io.now()))
    })
}

function addKeyChanges(keys: Command, open: Open, now: () => number): void {
  withRights(keys.command('add'))
    .description('make a key, and show it this once')
    .argument('<name>', 'what it is for')
    .option('--expires <moment>', 'when it ends by itself; 90d is in 90 days', momentAhead(now))
    .addHelpText('after', '\nExample:\n  ocpi-hub keys add "nightly export" --role read-only --expires 2027-01-01')
    .action(async (name: string, options: KeyOptions, command: Command) => {
      const session = await open(command)
      const { role, seeBodies: may_see_bodies, expires: expires_at, reason } = options
      if (role === undefined) throw usage(`--role: expected one of ${ROLES.join(', ')}`)
      const body = { name, role, may_see_bodies, expires_at, reason }
      const reply = await session.api.call<CreatedKeyView>('POST', '/keys', { body })
      session.show(reply, (made) =>
        facts(session.screen, [
          ['key', { text: made.key, tone: 'strong' }],
          ['role', made.role],
          ['ends', moment(made.expires_at) || 'never'],
          ['', 'It is shown this once: keep it.'],
        ]),
      )
    })
  withRights(keys.command('set'))
    .description('change what a key may do and for how long; what is left out stays')
    .argument('<name>', 'of the key, or its id')
    .option('--expires <moment>', 'when it ends by itself; 90d is in 90 days', momentAhead(now))
    .option('--disabled <on|off>', 'keep it out, or let it in again', onOff)
    .addHelpText('after', '\nExample:\n  ocpi-hub keys set "nightly export" --disabled on')
    .action(async (name: string, options: KeyOptions, command: Command) => {
      const session = await open(command)
      const { role, seeBodies: may_see_bodies, expires: expires_at, disabled, reason } = options
      const id = await idOf(session.api, '/keys', name)
      const body = { role, may_see_bodies, expires_at, disabled, reason }
      const reply = await session.api.call<KeyView>('PATCH', `/keys/${id}`, { body })
      session.show(reply, (key) => keyTable(session.screen, [key], session.io.now()))
    })
}

function addLockOutCommands(program: Command, open: Open): void {
  const lockOuts = program.command('lock-outs').description('who failed to sign in too often, and has to wait')
  addList<LockOutView>(lockOuts, open, '/lock-outs', lockOutTable, 'ocpi-hub lock-outs list')
  withReason(lockOuts.command('lift'))
    .description('let them try again at once')
    .argument('<id>', 'of the lock-out')
    .addHelpText('after', '\nExample:\n  ocpi-hub lock-outs lift 1f2e3d4c-…')
    .action(async (id: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const path = `/lock-outs/${encodeURIComponent(id)}`
      session.show(await session.api.call('DELETE', path, { query: { reason } }), () => 'Lifted\n')
    })
}

function withRights(command: Command): Command {
  return withReason(command)
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES))
    .option('--see-bodies <on|off>', 'whether a read-only one sees headers and bodies of messages', onOff)
}

function adminTable(screen: Screen, admins: readonly AdminView[], now: number): string {
  const rows = admins.map((admin) => [
    admin.name,
    admin.role,
    admin.email,
    ago(admin.last_used_at, now) || 'never',
    [
      admin.may_see_bodies && 'sees bodies',
      !admin.has_password && !admin.from_provider && 'no password',
      admin.from_provider && 'from the identity provider',
      admin.disabled_at !== null && 'disabled',
    ]
      .filter((mark) => mark !== false)
      .join(', '),
    admin.id,
  ])
  return table(screen, ['NAME', 'ROLE', 'EMAIL', 'LAST HERE', '', 'ID'], rows)
}

function lockOutTable(screen: Screen, lockOuts: readonly LockOutView[]): string {
  const rows = lockOuts.map(({ name, address, since, next_try_at, id }) => [
    name ?? 'any, and tokens',
    address,
    moment(since),
    moment(next_try_at),
    id,
  ])
  return table(screen, ['NAME', 'FROM', 'SINCE', 'NEXT TRY', 'ID'], rows)
}

function keyTable(screen: Screen, keys: readonly KeyView[], now: number): string {
  const rows = keys.map((key) => [
    key.name,
    key.role,
    `${key.prefix}…`,
    ago(key.last_used_at, now) || 'never used',
    moment(key.expires_at) || 'never ends',
    [key.may_see_bodies && 'sees bodies', key.disabled_at !== null && 'disabled'].filter(Boolean).join(', '),
    key.id,
  ])
  return table(screen, ['NAME', 'ROLE', 'KEY', 'LAST USED', 'ENDS', '', 'ID'], rows)
}
