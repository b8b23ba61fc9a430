import { type Assumption, NODE, PRICES, TRAFFIC, WORKERS } from './assumptions.ts'
import { machineOf } from './node.ts'
import { busiestHour, DAY_S, type Network, trafficOf } from './traffic.ts'
import { billOf, loadOf, pointsBill } from './workers.ts'

const NETWORKS: readonly Network[] = [
  { platforms: 10, chargePoints: 1_000 },
  { platforms: 100, chargePoints: 100_000 },
  { platforms: 100, chargePoints: 1_000_000 },
  { platforms: 1_000, chargePoints: 1_000_000 },
  { platforms: 1_000, chargePoints: 20_000_000 },
  { platforms: 10_000, chargePoints: 1_000_000 },
  { platforms: 10_000, chargePoints: 20_000_000 },
]

/** A piece of the chapter, in Markdown. */
export type Piece = { readonly title: string; readonly text: string }

/** Everything of the chapter on scale that is computed, in its order. */
export function scalePieces(): readonly Piece[] {
  return [
    { title: 'Load on Workers', text: workersLoad() },
    { title: 'Cost on Workers', text: workersCost() },
    { title: 'Load on Node', text: nodeLoad() },
    { title: 'Assumptions', text: assumptions() },
    { title: 'Prices', text: prices() },
  ]
}

function workersLoad(): string {
  return markdown(
    [
      'platforms / charge points',
      'pushes a day (/s)',
      'deliveries a day (/s)',
      'Worker requests a day',
      'object requests a day',
      'GB-s a day',
      'push log, rows a day (GB)',
      'queues awake',
      'calls of the Log object/s, busiest hour',
      'statements/s, busiest hour',
    ],
    NETWORKS.map((network) => {
      const traffic = trafficOf(network)
      const mean = loadOf(traffic)
      const busiest = loadOf(busiestHour(traffic))
      return [
        nameOf(network),
        daily(traffic.pushes),
        daily(traffic.deliveries),
        number(mean.requests * DAY_S),
        number(mean.objectRequests * DAY_S),
        number(mean.gbSeconds * DAY_S),
        `${number(traffic.pushes * DAY_S)} (${number(machineOf(traffic).pushLogGbPerDay)})`,
        number(mean.awakeQueues),
        number(busiest.logCalls),
        number(busiest.statements),
      ]
    }),
  )
}

function workersCost(): string {
  return markdown(
    [
      'platforms / charge points',
      'plan',
      'Worker requests',
      'processor',
      'object requests',
      'GB-s',
      'rows of objects',
      'all, $ a month',
      'and Analytics Engine',
    ],
    NETWORKS.map((network) => {
      const traffic = trafficOf(network)
      const { base, requests, cpu, objectRequests, duration, rowsWritten } = billOf(loadOf(traffic))
      const items = [base, requests, cpu, objectRequests, duration, rowsWritten]
      const sum = items.reduce((all, item) => all + item, 0)
      return [nameOf(network), ...items.map(dollars), `**${dollars(sum)}**`, dollars(pointsBill(traffic))]
    }),
  )
}

function nodeLoad(): string {
  return markdown(
    [
      'platforms / charge points',
      'pushes/s',
      'deliveries/s',
      'of these to one partner',
      'direct requests/s',
      'processors of the hub',
      'processes',
      'MB of memory',
      'database, rows/s',
      'push log, GB a day',
      'message log, GB a day',
      'and with all deliveries',
    ],
    NETWORKS.map((network) => {
      const machine = machineOf(trafficOf(network))
      const figures = [
        machine.pushes,
        machine.deliveries,
        machine.perReceiver,
        machine.directs,
        machine.processors,
        machine.processes,
        machine.memoryMb,
        machine.rows,
        machine.pushLogGbPerDay,
        machine.messageLogGbPerDay,
        machine.messageLogGbPerDayWithDeliveries,
      ]
      return [nameOf(network), ...figures.map(number)]
    }),
  )
}

function assumptions(): string {
  const listed = (group: Readonly<Record<string, Assumption>>) =>
    Object.values(group)
      .map(({ value, what, source }) => `${exact(value)} ${what} (${source})`)
      .join('; ')
  return [
    `- Traffic: ${listed(TRAFFIC)}.`,
    `- Workers: ${listed(WORKERS)}.`,
    `- Node, on two processors that others used too: ${listed(NODE)}.`,
  ].join('\n')
}

function prices(): string {
  return markdown(
    ['$', 'for', 'millions a month that cost nothing', 'page'],
    Object.values(PRICES).map(({ dollars, included, what, page }) => [
      exact(dollars),
      what,
      included === 0 ? '' : exact(included),
      `[${page}](https://developers.cloudflare.com/${page}/)`,
    ]),
  )
}

function nameOf({ platforms, chargePoints }: Network): string {
  return `${number(platforms)} / ${number(chargePoints)}`
}

/** `20 M (230)` */
function daily(perSecond: number): string {
  return `${number(perSecond * DAY_S)} (${number(perSecond)})`
}

function exact(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 3 })
}

/** Two figures that count: `5`, `0.23`, `1,500`, `3.3 M`, `6,000 M`. */
function number(value: number): string {
  const rounded = Number(value.toPrecision(2))
  return rounded >= 1_000_000 ? `${exact(rounded / 1e6)} M` : exact(rounded)
}

/** Cents of a bill do not count. */
function dollars(value: number): string {
  return number(value < 10 ? Math.round(value) : value)
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n')
}
