import type { Command } from 'commander'
import { idIfNamed } from '../find-platform.ts'
import { createNames } from '../names.ts'
import { type PageOptions, readList, wholeNumber, withPages } from '../pages.ts'
import type { Open } from '../session.ts'
import { footer } from '../text/platform.ts'
import { type Cell, type Screen, table } from '../text/screen.ts'
import { moment } from '../text/words.ts'
import type { EventView } from '../views.ts'
import { tailEvents } from './tail.ts'

type Filters = { readonly platform?: string; readonly kinds?: string }

/** What happened, and what happens. */
export function addEventCommands(program: Command, open: Open): void {
  const events = program.command('events').description('what happened: statuses, alarms, queues, handshakes')
  withPages(withFilters(events.command('list')))
    .description('list what happened, newest first')
    .addHelpText('after', '\nExample:\n  ocpi-hub events list --kinds alarm,platform.status')
    .action(async (options: Filters & PageOptions, command: Command) => {
      const session = await open(command)
      const query = { kinds: options.kinds, platform: await idIfNamed(session.api, options.platform) }
      const list = await readList<EventView>(session.api, '/events', query, options)
      const ids = session.isJson ? [] : list.value.map(({ platform_id }) => platform_id)
      const names = await createNames(session.api).ofAll(ids)
      const cells = list.value.map((event, i) => cellsOf(event, names[i] ?? ''))
      session.show(list, (rows) =>
        rows.length === 0
          ? 'Nothing happened\n'
          : table(session.screen, ['AT', 'KIND', 'PLATFORM', ''], cells, ['PLATFORM', '']) +
            footer(rows.length, list.hasMore, 'event'),
      )
    })
  withFilters(events.command('tail'))
    .description('follow what happens, until Ctrl-C; a connection that is lost is taken up again and misses nothing')
    .option('--count <n>', 'end after so many', wholeNumber)
    .addHelpText('after', '\nExample:\n  ocpi-hub events tail --kinds alarm --json')
    .action(async (options: Filters & { readonly count?: number }, command: Command) => {
      const session = await open(command)
      const query = { kinds: options.kinds, platform: await idIfNamed(session.api, options.platform) }
      const most = options.count ?? Number.POSITIVE_INFINITY
      const names = createNames(session.api)
      await tailEvents(session, query, most, async (event) =>
        eventLine(session.screen, event, await names.of(event.platform_id)),
      )
    })
}

function withFilters(command: Command): Command {
  return command
    .option('--platform <platform>', 'about this platform')
    .option('--kinds <list>', 'of these kinds, with commas between')
}

function cellsOf({ at, kind, data }: EventView, platform: string): Cell[] {
  const isBad = kind === 'alarm' || kind === 'objects.missed' || kind === 'queue.lags'
  return [moment(at), isBad ? { text: `▲ ${kind}`, tone: 'warn' } : kind, platform, inWords(data)]
}

function eventLine(screen: Screen, event: EventView, platform: string): string {
  return table({ ...screen, columns: null }, ['', '', '', ''], [cellsOf(event, platform)])
}

/** `from CONNECTED, to OFFLINE, cause …`: the fields that say something. */
function inWords(data: EventView['data']): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
