import { type Command, Option } from 'commander'
import { idIfNamed } from '../find-platform.ts'
import { momentOf } from '../input.ts'
import type { Open } from '../session.ts'
import { type Cell, table } from '../text/screen.ts'
import { moment } from '../text/words.ts'
import type { TrafficView } from '../views.ts'

type Options = {
  readonly step: string
  readonly platform?: string
  readonly module?: string
  readonly since?: string
  readonly until?: string
}

/** How much traffic there was. */
export function addTrafficCommand(program: Command, open: Open, now: () => number): void {
  program
    .command('traffic')
    .description('how many exchanges there were, how many failed, how long they took; of the last 24 hours')
    .addOption(new Option('--step <step>', 'sums of each').choices(['minute', 'hour', 'day']).default('hour'))
    .option('--platform <platform>', 'of this platform; by hours or days')
    .option('--module <module>', 'of this module')
    .option('--since <moment>', 'from then on; 2h is two hours ago', momentOf(now))
    .option('--until <moment>', 'before', momentOf(now))
    .addHelpText('after', '\nExample:\n  ocpi-hub traffic --step day --since 7d --module sessions')
    .action(async (options: Options, command: Command) => {
      const session = await open(command)
      const query = { ...options, platform: await idIfNamed(session.api, options.platform) }
      const reply = await session.api.call<readonly TrafficView[]>('GET', '/traffic', { query })
      session.show(reply, (points) => {
        if (points.length === 0) return 'No traffic\n'
        const heads = ['FROM', 'MODULE', 'OUTCOME', 'EXCHANGES', 'MEAN', 'MEDIAN', '95 %']
        return table(session.screen, heads, points.map(cellsOf))
      })
    })
}

function cellsOf({ at, module, outcome, n, ms, p50, p95 }: TrafficView): Cell[] {
  const tone = outcome === 'failed' ? 'bad' : outcome === 'refused' ? 'warn' : 'good'
  const took = [ms, p50, p95].map((each) => (each === null ? '' : `${each} ms`))
  return [moment(at), module ?? '', { text: outcome ?? '', tone }, n, ...took]
}
