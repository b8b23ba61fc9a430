import type { Command } from 'commander'
import { idOfPlatform } from '../find-platform.ts'
import { party, partyRole, type ReasonOption, several, withReason } from '../input.ts'
import { createNames } from '../names.ts'
import { type PageOptions, readList, withPages } from '../pages.ts'
import type { Open } from '../session.ts'
import { footer, platformLine } from '../text/platform.ts'
import { type Cell, table } from '../text/screen.ts'
import { ago, partyText, statusCell } from '../text/words.ts'
import type { PendingRoleView, PlatformView } from '../views.ts'

type Role = ReturnType<typeof partyRole>
type Party = ReturnType<typeof party>

/** Who has which party, and roles that wait for a decision. */
export function addPartyCommands(program: Command, open: Open): void {
  const parties = program.command('parties').description('who has which party, and roles that wait to be confirmed')
  addLists(parties, open)
  for (const [verb, says] of [
    ['confirm', 'let roles count that a platform brought: all that are named, or none'],
    ['refuse', 'drop roles that wait, until the platform brings them again'],
  ] as const) {
    withReason(parties.command(verb))
      .description(says)
      .argument('<platform>', 'id, name or party')
      .argument('<party:role...>', 'NL-CP3:CPO', several(partyRole))
      .addHelpText('after', `\nExample:\n  ocpi-hub parties ${verb} Rheinstrom NL-CP3:CPO`)
      .action(async (named: string, roles: readonly Role[], { reason }: ReasonOption, command: Command) => {
        const session = await open(command)
        const path = `/platforms/${await idOfPlatform(session.api, named)}/pending-roles/${verb}`
        const reply = await session.api.call<PlatformView>('POST', path, { body: { roles, reason } })
        session.show(reply, (platform) => platformLine(session.screen, platform))
      })
  }
  addMoveAndFree(parties, open)
}

function addLists(parties: Command, open: Open): void {
  withPages(parties.command('list'))
    .description('list the parties of platforms, with how each stands')
    .argument('[text]', 'part of the name of the platform or of the party')
    .option('--role <role>', 'only platforms with this role')
    .addHelpText('after', '\nExample:\n  ocpi-hub parties list NL-CPO')
    .action(async (text: string | undefined, options: PageOptions & { readonly role?: string }, command: Command) => {
      const session = await open(command)
      const query = { q: text, role: options.role?.toUpperCase() }
      const list = await readList<PlatformView>(session.api, '/platforms', query, options)
      session.show(list, (platforms) => {
        const rows = platforms.flatMap((platform) =>
          platform.parties.map((one): Cell[] => [partyText(one), one.role, statusCell(one.status), platform.name]),
        )
        return table(session.screen, ['PARTY', 'ROLE', 'STATUS', 'PLATFORM'], rows)
      })
    })
  withPages(parties.command('pending'))
    .description('list roles that platforms brought and that wait for you')
    .addHelpText('after', '\nExample:\n  ocpi-hub parties pending')
    .action(async (options: PageOptions, command: Command) => {
      const session = await open(command)
      const list = await readList<PendingRoleView>(session.api, '/pending-roles', {}, options)
      const ids = session.isJson ? [] : list.value.map(({ platform_id }) => platform_id)
      const names = await createNames(session.api).ofAll(ids)
      session.show(list, (roles) => {
        const rows = roles.map((one, i) => [
          partyText(one),
          one.role,
          one.why,
          ago(one.since, session.io.now()),
          names[i] ?? '',
        ])
        if (rows.length === 0) return 'No role waits\n'
        const heads = ['PARTY', 'ROLE', 'WHY', 'SINCE', 'PLATFORM']
        return table(session.screen, heads, rows) + footer(rows.length, list.hasMore, 'role')
      })
    })
}

function addMoveAndFree(parties: Command, open: Open): void {
  withReason(parties.command('move'))
    .description('move a party to another platform, with all its roles or in one of them')
    .argument('<party>', 'NL-CPO', party)
    .argument('<platform>', 'id, name or another party of it')
    .option('--role <role>', 'only this role')
    .addHelpText('after', '\nExample:\n  ocpi-hub parties move NL-CPO "Polder Charging" --role CPO')
    .action(async (moved: Party, named: string, options: ReasonOption & { role?: string }, command: Command) => {
      const session = await open(command)
      const platform_id = await idOfPlatform(session.api, named)
      const body = { platform_id, role: options.role?.toUpperCase(), reason: options.reason }
      const reply = await session.api.call<PlatformView>('POST', `${pathOf(moved)}/move`, { body })
      session.show(reply, (platform) => platformLine(session.screen, platform))
    })
  withReason(parties.command('free'))
    .description('let any platform bring a party that another gave up, before its time')
    .argument('<party>', 'NL-CPO', party)
    .option('--role <role>', 'only this role')
    .addHelpText('after', '\nExample:\n  ocpi-hub parties free NL-CP3')
    .action(async (freed: Party, options: ReasonOption & { role?: string }, command: Command) => {
      const session = await open(command)
      const body = { role: options.role?.toUpperCase(), reason: options.reason }
      const reply = await session.api.call('POST', `${pathOf(freed)}/free`, { body })
      session.show(reply, () => `${partyText(freed)} is free\n`)
    })
}

function pathOf({ country_code, party_id }: Party): string {
  return `/parties/${encodeURIComponent(country_code)}/${encodeURIComponent(party_id)}`
}
