import { appendFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { idIfNamed } from '../find-platform.ts'
import type { Query } from '../hub-api.ts'
import { momentOf } from '../input.ts'
import { nextCursor, type PageOptions, readList, withPages } from '../pages.ts'
import type { Open, Session } from '../session.ts'
import { footer } from '../text/platform.ts'
import { type Cell, table } from '../text/screen.ts'
import { moment } from '../text/words.ts'
import type { AuditEntryView } from '../views.ts'
import { unreadable } from './agreements.ts'

const HEADS = ['AT', 'WHO', 'ACTION', 'ON', 'REASON', 'AFTER']

type Filters = {
  readonly who?: string
  readonly what?: string
  readonly platform?: string
  readonly text?: string
  readonly since?: string
  readonly until?: string
}

/** Who changed what. */
export function addAuditCommands(program: Command, open: Open, now: () => number): void {
  const audit = program.command('audit').description('who changed what, when and why')
  withPages(withFilters(audit.command('list'), now))
    .description('list changes, the latest first')
    .addHelpText('after', '\nExample:\n  ocpi-hub audit list --platform Rheinstrom --what platform.suspend')
    .action(async (options: Filters & PageOptions, command: Command) => {
      const session = await open(command)
      const list = await readList<AuditEntryView>(session.api, '/audit', await queryOf(session, options), options)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'No change\n'
          : table(session.screen, HEADS, rows.map(cellsOf), HEADS.slice(3)) +
            footer(rows.length, list.hasMore, 'change'),
      )
    })
  withFilters(audit.command('export'), now)
    .description('all of it as CSV')
    .option('--output <file>', 'into a file')
    .addHelpText('after', '\nExample:\n  ocpi-hub audit export --since 2026-01-01T00:00:00Z --output audit.csv')
    .action(async (options: Filters & { readonly output?: string }, command: Command) => {
      const session = await open(command)
      const { output } = options
      if (output !== undefined) await writeFile(output, '').catch(unreadable)
      for await (const text of csvOf(session, await queryOf(session, options))) {
        if (output === undefined) session.io.out(text)
        else await appendFile(output, text).catch(unreadable)
      }
    })
}

function withFilters(command: Command, now: () => number): Command {
  return command
    .option('--who <name>', 'by this person or key')
    .option('--what <action>', 'this action, or what it begins with: platform')
    .option('--platform <platform>', 'about this platform; of a removed one the id')
    .option('--text <text>', 'with this text anywhere')
    .option('--since <moment>', 'from then on; 7d is a week ago', momentOf(now))
    .option('--until <moment>', 'before', momentOf(now))
}

async function queryOf(session: Session, { who, what, platform, text, since, until }: Filters): Promise<Query> {
  return { who, what, platform: await idIfNamed(session.api, platform), q: text, since, until }
}

function cellsOf({ at, who, action, on, after, reason }: AuditEntryView): Cell[] {
  return [moment(at), who.name, action, on.name ?? on.id, reason, after === null ? '' : JSON.stringify(after)]
}

/** The parts of one file: of those behind the first the heads are left out. */
async function* csvOf({ api }: Session, query: Query): AsyncGenerator<string> {
  let cursor: string | undefined
  do {
    const { text, headers } = await api.call('GET', '/audit', { query: { ...query, cursor }, accept: 'text/csv' })
    yield cursor === undefined ? text : text.slice(text.indexOf('\n') + 1)
    cursor = nextCursor(headers)
  } while (cursor !== undefined)
}
