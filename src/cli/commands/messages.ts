import { type Command, Option } from 'commander'
import { findPlatform, idIfNamed } from '../find-platform.ts'
import type { Query } from '../hub-api.ts'
import { momentOf, type ReasonOption, withReason } from '../input.ts'
import { type PageOptions, readList, wholeNumber, withPages } from '../pages.ts'
import type { Open, Session } from '../session.ts'
import { messageTable, messageText, receiptTable } from '../text/message.ts'
import { footer } from '../text/platform.ts'
import { facts } from '../text/screen.ts'
import { moment } from '../text/words.ts'
import type { MessageDetailView, MessageView, ReceiptView, ReplayedView } from '../views.ts'
import { tailMessages } from './tail.ts'

type Filters = {
  readonly party?: string
  readonly platform?: string
  readonly module?: string
  readonly kind?: string
  readonly outcome?: string
  readonly failed?: boolean
  readonly refused?: boolean
  readonly object?: string
  readonly correlation?: string
  readonly request?: string
  readonly status?: string
  readonly client?: string
}

/** Finding messages, following them, and sending them again. */
export function addMessageCommands(program: Command, open: Open, now: () => number): void {
  const messages = program.command('messages').description('what was sent, by whom, and what became of it')
  withPages(withFilters(messages.command('list').alias('search')))
    .description('search the message log, newest first; of the last 24 hours unless told otherwise')
    .option('--since <moment>', 'from then on; 2h is two hours ago', momentOf(now))
    .option('--until <moment>', 'before', momentOf(now))
    .addHelpText(
      'after',
      '\nExamples:\n  ocpi-hub messages list --party NL-CPO --failed --since 2h\n  ocpi-hub messages list --object LOC4711\n' +
        '  ocpi-hub messages list --correlation 8c1f… --json',
    )
    .action(async (options: Filters & PageOptions & { since?: string; until?: string }, command: Command) => {
      const session = await open(command)
      const query = { ...(await queryOf(session, options)), since: options.since, until: options.until }
      const list = await readList<MessageView>(session.api, '/messages', query, options)
      const searched = moment(list.headers.get('X-Search-Since'))
      session.show(list, (rows) =>
        rows.length === 0
          ? `No message since ${searched}\n`
          : messageTable(session.screen, rows) + footer(rows.length, list.hasMore, 'message'),
      )
    })
  withFilters(messages.command('tail'))
    .description(
      'show messages as they pass, until Ctrl-C, also over a restart of the hub; those that take long show when they are over',
    )
    .option('--count <n>', 'end after so many', wholeNumber)
    .addHelpText('after', '\nExample:\n  ocpi-hub messages tail --party NL-CPA --failed')
    .action(async (options: Filters & { readonly count?: number }, command: Command) => {
      const session = await open(command)
      await tailMessages(session, await queryOf(session, options), options.count ?? Number.POSITIVE_INFINITY)
    })
  addShowAndStory(messages, open)
  addDeliveries(messages, open)
  addReplay(messages, open)
}

function withFilters(command: Command): Command {
  return command
    .option('--party <party>', 'sent or got by this party')
    .option('--platform <platform>', 'sent or got by this platform')
    .option('--module <module>', 'of this module')
    .option('--kind <kind>', 'direct, broadcast, delivery, get-all, open, via, configuration, hub-call, check')
    .addOption(new Option('--outcome <outcome>', 'that came to this').choices(['ok', 'refused', 'failed']))
    .option('--failed', 'that somebody could not answer, as --outcome failed')
    .option('--refused', 'that somebody would not answer, as --outcome refused')
    .option('--object <id>', 'about this location, session, CDR, tariff or token')
    .option('--correlation <id>', 'with this correlation ID')
    .option('--request <id>', 'with this request ID')
    .option('--status <number>', 'an HTTP status, or from 1000 on an OCPI status')
    .option('--client <address>', 'from this address, answered by the hub itself')
}

async function queryOf(session: Session, options: Filters): Promise<Query> {
  const { party, module, kind, object, status, client } = options
  const outcome = options.failed ? 'failed' : options.refused ? 'refused' : options.outcome
  const platform_id = await idIfNamed(session.api, options.platform)
  const ids = { correlation_id: options.correlation, request_id: options.request }
  return { party, platform_id, module, kind, outcome, object, ...ids, status, client }
}

function addShowAndStory(messages: Command, open: Open): void {
  messages
    .command('show')
    .description('show a message with what was kept of its headers and bodies, and what the hub changed')
    .argument('<id>', 'as the list shows it')
    .addHelpText('after', '\nExample:\n  ocpi-hub messages show 01JD…')
    .action(async (id: string, _: unknown, command: Command) => {
      const session = await open(command)
      const reply = await session.api.call<MessageDetailView>('GET', pathOf(id))
      session.show(reply, (message) => messageText(session.screen, message))
    })
  messages
    .command('story')
    .description('list what belongs to a message, oldest first: a command, its result, its session and CDR')
    .argument('<id>', 'as the list shows it')
    .addHelpText('after', '\nExample:\n  ocpi-hub messages story 01JD…')
    .action(async (id: string, _: unknown, command: Command) => {
      const session = await open(command)
      const reply = await session.api.call<readonly MessageView[]>('GET', `${pathOf(id)}/story`)
      session.show(reply, (rows) => messageTable(session.screen, rows))
    })
}

function addDeliveries(messages: Command, open: Open): void {
  withPages(messages.command('deliveries'))
    .description('list who has a broadcast: what became of it for each platform that it could be for')
    .argument('<id>', 'of the broadcast')
    .addHelpText('after', '\nExample:\n  ocpi-hub messages deliveries 01JD…')
    .action(async (id: string, options: PageOptions, command: Command) => {
      const session = await open(command)
      const list = await readList<ReceiptView>(session.api, `${pathOf(id)}/deliveries`, {}, options)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'No platform could get it\n'
          : receiptTable(session.screen, rows) + footer(rows.length, list.hasMore, 'receiver'),
      )
    })
}

function addReplay(messages: Command, open: Open): void {
  type Options = ReasonOption & { readonly to?: string; readonly force?: boolean; readonly cdr?: boolean }
  withReason(messages.command('replay'))
    .description('send a delivery that failed, or a broadcast, to one platform again')
    .argument('<id>', 'of the message')
    .option('--to <platform>', 'of a broadcast: to whom')
    .option('--force', 'also what was delivered')
    .option('--cdr', 'also a CDR, which the partner may take for another one')
    .addHelpText('after', '\nExample:\n  ocpi-hub messages replay 01JD… --reason "the partner lost it"')
    .action(async (id: string, { to, force, cdr, reason }: Options, command: Command) => {
      const session = await open(command)
      const platform_id = to === undefined ? undefined : (await findPlatform(session.api, to)).id
      const body = { platform_id, force, cdr, reason }
      const reply = await session.api.call<ReplayedView>('POST', `${pathOf(id)}/replay`, { body })
      session.show(reply, (replayed) =>
        facts(session.screen, [
          ['waits as push', replayed.push],
          ['for', replayed.platform_id],
          ['correlation ID', replayed.correlation_id],
          ['body from', replayed.source],
        ]),
      )
    })
}

function pathOf(id: string): string {
  return `/messages/${encodeURIComponent(id)}`
}
