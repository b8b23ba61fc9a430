import type { Command } from 'commander'
import { idOfPlatform } from '../find-platform.ts'
import { momentAhead, type ReasonOption, withReason } from '../input.ts'
import type { Open } from '../session.ts'
import { type Cell, facts, type Screen, table } from '../text/screen.ts'
import { ago, moment } from '../text/words.ts'
import type { CreatedPartnerLinkView, PartnerLinkView } from '../views.ts'

type Wish = ReasonOption & { readonly until?: string }

/** Links by which a partner's people follow their own connection. */
export function addPartnerLinkCommands(program: Command, open: Open, now: () => number): void {
  const links = program.command('partner-links').description("links to a platform's own page, for the partner's people")
  addLinks(links, open, now)
  addAdd(links, open, now)
  addRevoke(links, open)
}

function addLinks(links: Command, open: Open, now: () => number): void {
  links
    .command('list')
    .description('list the links of a platform, the newest first')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub partner-links list NL-ABC')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/partner-links`
      session.show(await session.api.call<readonly PartnerLinkView[]>('GET', path), (rows) =>
        rows.length === 0 ? 'None\n' : linkTable(session.screen, rows, now()),
      )
    })
}

function addAdd(links: Command, open: Open, now: () => number): void {
  withReason(links.command('add'))
    .description('make a link, and show it this once')
    .argument('<platform>', 'id, name or party')
    .option('--until <moment>', 'when it opens nothing any more; at most 90d, else 30d', momentAhead(now))
    .addHelpText('after', '\nExample:\n  ocpi-hub partner-links add NL-ABC --until 14d')
    .action(async (named: string, { until, reason }: Wish, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/partner-links`
      const body = { expires_at: until, reason }
      session.show(await session.api.call<CreatedPartnerLinkView>('POST', path, { body }), ({ link, expires_at }) =>
        facts(session.screen, [
          ['link', { text: link, tone: 'strong' }],
          ['until', moment(expires_at)],
          ['', 'It is shown this once: send it over a channel you trust.'],
        ]),
      )
    })
}

function addRevoke(links: Command, open: Open): void {
  withReason(links.command('revoke'))
    .description('revoke a link; browsers that it let in are shut out at once')
    .argument('<platform>', 'id, name or party')
    .argument('<link>', 'id of the link')
    .addHelpText('after', '\nExample:\n  ocpi-hub partner-links revoke NL-ABC 0b0c6a5e-…')
    .action(async (named: string, link: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/partner-links/${encodeURIComponent(link)}`
      session.show(
        await session.api.call('DELETE', path, { query: { reason } }),
        () => `${link} opens nothing any more\n`,
      )
    })
}

function linkTable(screen: Screen, links: readonly PartnerLinkView[], now: number): string {
  const rows = links.map((link) => {
    const { id, made_at, made_by, expires_at, last_used_at, sessions } = link
    return [
      standing(link, now),
      moment(made_at),
      made_by,
      moment(expires_at),
      last_used_at === null ? 'never' : ago(last_used_at, now),
      sessions,
      id,
    ]
  })
  return table(screen, ['STATE', 'MADE', 'BY', 'ENDS', 'LAST LOOKED AT', 'BROWSERS', 'ID'], rows, ['BY'])
}

function standing({ revoked_at, expires_at }: PartnerLinkView, now: number): Cell {
  if (revoked_at !== null) return { text: '– revoked', tone: 'quiet' }
  return Date.parse(expires_at) > now ? { text: '● open', tone: 'good' } : { text: '– ended', tone: 'quiet' }
}
