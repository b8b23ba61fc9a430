import { type Command, Option } from 'commander'
import { EXIT, Failure } from '../exit.ts'
import { findPlatform, idOfPlatform } from '../find-platform.ts'
import { type ReasonOption, withReason } from '../input.ts'
import { type PageOptions, readList, wholeNumber, withPages } from '../pages.ts'
import type { Open } from '../session.ts'
import { footer } from '../text/platform.ts'
import { missedTable, queueTable, queueText, resentTable } from '../text/queue.ts'
import type { MissedView, QueueDetailView, QueueView, ResentView } from '../views.ts'

/** What waits for each platform. */
export function addQueueCommands(program: Command, open: Open): void {
  const queues = program.command('queues').description('what waits for each platform, and what it missed')
  addLists(queues, open)
  addSteering(queues, open, 'pause', 'send nothing more to a platform until its queue is resumed')
  addSteering(queues, open, 'resume', 'go on with a queue that was paused')
  addSteering(queues, open, 'skip', 'drop everything accepted so far and list it as missed', (name) => {
    return `All that waits for ${name} is dropped and listed as missed.`
  })
  addResend(queues, open)
}

type ListOptions = PageOptions & {
  readonly state?: 'waiting' | 'lagging' | 'paused'
  readonly sort?: string
}

const STATES = ['waiting', 'lagging', 'paused']
const SORTS = ['waiting', 'oldest', 'platform']

const NONE = {
  '': 'No platform has a queue yet\n',
  waiting: 'Nothing waits\n',
  lagging: 'No queue is behind\n',
  paused: 'Every queue goes on\n',
} as const

function addLists(queues: Command, open: Open): void {
  withPages(queues.command('list'))
    .description('list the queues of all platforms that have connected')
    .addOption(new Option('--state <state>', 'only those: something waits, behind, nothing is sent').choices(STATES))
    .addOption(new Option('--sort <order>', 'most waiting first, longest waiting first, by platform').choices(SORTS))
    .addHelpText(
      'after',
      '\nExamples:\n  ocpi-hub queues list --state lagging --sort oldest\n  ocpi-hub queues list --state waiting --all',
    )
    .action(async ({ state, sort, ...pages }: ListOptions, command: Command) => {
      const session = await open(command)
      const query = { state, sort }
      const list = await readList<QueueView>(session.api, '/queues', query, pages)
      session.show(list, (rows) =>
        rows.length === 0
          ? NONE[state ?? '']
          : queueTable(session.screen, rows) + footer(rows.length, list.hasMore, 'queue'),
      )
    })
  queues
    .command('show')
    .description('show the queue of a platform: what waits, what failed lately, what it missed of each module')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub queues show DE-EMB')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const path = `/queues/${await idOfPlatform(session.api, named)}`
      const reply = await session.api.call<QueueDetailView>('GET', path)
      session.show(reply, (queue) => queueText(session.screen, queue))
    })
  withPages(queues.command('missed'))
    .description('list objects whose pushes a platform will not get, the latest missed first')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub queues missed DE-EMB')
    .action(async (named: string, options: PageOptions, command: Command) => {
      const session = await open(command)
      const path = `/queues/${await idOfPlatform(session.api, named)}/missed`
      const list = await readList<MissedView>(session.api, path, {}, options)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'Nothing was missed\n'
          : missedTable(session.screen, rows) + footer(rows.length, list.hasMore, 'object'),
      )
    })
}

function addSteering(queues: Command, open: Open, verb: string, says: string, asks?: (name: string) => string): void {
  withReason(queues.command(verb))
    .description(says)
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', `\nExample:\n  ocpi-hub queues ${verb} DE-EMB${asks ? ' --yes' : ''}`)
    .action(async (named: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const { id, name } = await findPlatform(session.api, named)
      if (asks) await session.confirm(asks(name))
      const reply = await session.api.call<QueueView>('POST', `/queues/${id}/${verb}`, { query: { reason } })
      session.show(reply, (queue) => queueTable(session.screen, [queue]))
    })
}

const MOST_OF_A_CALL = 50

function addResend(queues: Command, open: Open): void {
  type Options = ReasonOption & { readonly limit: number; readonly all?: boolean }
  withReason(queues.command('resend'))
    .description('get what a platform missed from its owners, as it is now, and send it; exit code 4 when some stays')
    .argument('<platform>', 'id, name or party')
    .option('--limit <n>', 'objects at most, the latest missed first', wholeNumber, 20)
    .option('--all', 'every object that was missed')
    .addHelpText('after', '\nExample:\n  ocpi-hub queues resend DE-EMB --all')
    .action(async (named: string, options: Options, command: Command) => {
      const session = await open(command)
      const path = `/queues/${await idOfPlatform(session.api, named)}/missed/resend`
      let left = options.all ? Number.POSITIVE_INFINITY : options.limit
      let cursor: string | undefined
      let stays = 0
      do {
        const body = { limit: Math.min(left, MOST_OF_A_CALL), cursor, reason: options.reason }
        const reply = await session.api.call<ResentView>('POST', path, { body })
        session.show(reply, ({ objects }) => resentTable(session.screen, objects))
        stays += reply.value.objects.filter(({ outcome }) => outcome !== 'queued').length
        left -= reply.value.objects.length
        cursor = reply.value.next ?? undefined
      } while (cursor !== undefined && left > 0)
      if (stays > 0) throw new Failure(EXIT.partner, session.isJson ? '' : `${stays} of them stay on the list`)
    })
}
