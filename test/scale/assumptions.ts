import { readFileSync } from 'node:fs'

/** A number that the tables are computed from, with where it comes from. */
export type Assumption = { readonly value: number; readonly what: string; readonly source: string }

/** What a network does, on the mean. Nobody measured it: put your own in. */
export const TRAFFIC = {
  pushesPerPoint: assume(20, 'broadcast pushes of one charge point a day', 'guessed: status, some tariffs'),
  directsPerPoint: assume(8, 'direct requests of one charge point a day', 'guessed: sessions, CDRs, commands'),
  receiversPerPush: assume(15, 'receivers of a push, or all where they are fewer', 'guessed'),
  receivingShare: assume(0.3, 'share of platforms that pushes are for', 'guessed: eMSPs'),
  busiestHour: assume(3, 'times the mean in the busiest hour', 'guessed'),
  changesPerPlatform: assume(0.1, 'changes of a platform that all others are told of, a day', 'guessed: outages'),
  silentShare: assume(0.5, 'share of platforms that send too seldom to count as heard', 'guessed'),
  pushRowKb: assume(1.2, 'KB of a push in the push log', '1 KB of body'),
  messageRowKb: assume(1.5, 'KB of an exchange in the message log', '1 KB of bodies'),
  deliveryRows: assume(100, 'successful deliveries of a process a second that are rows of the message log', 'setting'),
  answerMs: assume(100, 'ms until a partner answers', 'guessed'),
} as const

/** What the hub does by itself, read from its code, so that the tables follow it. */
export const HUB = {
  handOverS: fromCode('src/runtime/workers/objects/handing.ts', 'BUSY_EVERY_MS', 'between two hand-overs to one queue'),
  restAfterS: fromCode('src/runtime/workers/objects/queue-watch.ts', 'REST_AFTER_MS', 'until a queue is at rest'),
  deadManS: fromCode('src/runtime/workers/objects/queue.ts', 'DEAD_MAN_EVERY_MS', 'between alarms set by a queue'),
  ordersS: fromCode('src/runtime/workers/objects/queue-engine.ts', 'ORDERS_EVERY_MS', 'between two looks for orders'),
  leaseS: fromCode('src/hub/push/drain/leases.ts', 'RENEW_EVERY_MS', 'between two looks at a lease'),
  rowsS: fromCode('src/runtime/workers/objects/queue-log.ts', 'BATCH_MS', 'that a queue gathers exchanges'),
  requestRowsS: fromCode('src/runtime/workers/observed.ts', 'GATHER_MS', 'that an isolate gathers exchanges'),
  copyS: fromCode('src/runtime/workers/objects/row-gatherer.ts', 'GATHER_MS', 'that the Log object gathers exchanges'),
  tableS: fromCode('src/runtime/workers/shared-table.ts', 'CHECK_EVERY_MS', 'that an isolate trusts its table'),
  alarmS: fromCode('src/runtime/workers/objects/keeper.ts', 'ALARM_MS', 'between alarms of the Keeper and the Log'),
} as const

/** Of one save of a queue's cursor to the next: gathered for 200 ms, and then four times that at rest. */
export const SAVE_S = 1
/** Of one save of many cursors. */
export const SAVED_AT_ONCE = 200
/** Of rows in one call of a queue to the Log object. */
export const ROWS_AT_ONCE = 120
/** Asked so long after it was heard last. */
export const KEEPALIVE_S = 300
/** One process of Workers that writes: what it does beside pushes, in statements a second (leases, table, rounds). */
export const STEADY_STATEMENTS = 4

/** What Workers take; measured with workerd on two cores, or guessed where only an account can show it. */
export const WORKERS = {
  cpuMs: assume(1, 'ms of processor for one request', 'guessed: twice what workerd takes here'),
  isolates: assume(20, 'isolates that serve requests, and one more for each 100 requests a second', 'guessed'),
  databaseS: assume(0.005, 's of a statement, through Hyperdrive', 'guessed: the same region'),
} as const

/** What Node takes: measured by `npm run bench` on two cores that others used too. */
export const NODE = {
  directUs: assume(175, 'µs of the hub for a direct request', 'bench: direct'),
  deliveryUs: assume(100, 'µs of the hub for a delivery', 'bench: broadcast'),
  acceptUs: assume(365, 'µs of the hub for accepting a push', 'bench: accept'),
  readUs: assume(15, 'µs of each other process for reading a push', 'guessed'),
  busyShare: assume(0.6, 'share of a processor that a process is to use at most', 'chosen'),
  processMb: assume(155, 'MB of a process', 'bench: size'),
  platformKb: assume(6, 'KB of a platform in each process', 'bench: size'),
} as const

/** Dollars on Cloudflare's paid plan. `included` is of a month and needs nothing but the base. */
export const PRICES = {
  base: price(5, 0, 'the plan, a month', 'workers/platform/pricing'),
  requests: price(0.3, 10, 'million requests to the Worker', 'workers/platform/pricing'),
  cpu: price(0.02, 30, 'million ms of the Worker', 'workers/platform/pricing'),
  objectRequests: price(0.15, 1, 'million calls of objects, alarms included', 'durable-objects/platform/pricing'),
  duration: price(
    12.5,
    0.4,
    'million GB-s of objects that are awake, 0.128 GB each',
    'durable-objects/platform/pricing',
  ),
  rowsWritten: price(1, 50, 'million rows that objects store, alarms set included', 'durable-objects/platform/pricing'),
  points: price(0.25, 10, 'million points in Analytics Engine, where bound', 'analytics/analytics-engine/pricing'),
} as const

export type Price = {
  readonly dollars: number
  readonly included: number
  readonly what: string
  readonly page: string
}

function assume(value: number, what: string, source: string): Assumption {
  return { value, what, source }
}

/** A constant of the hub in milliseconds, as seconds. Throws where it is not found, so that nobody changes its name without the tables. */
function fromCode(file: string, name: string, what: string): Assumption {
  const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const [, digits] = new RegExp(`const ${name} = ([\\d_]+)$`, 'm').exec(source) ?? []
  if (digits === undefined) throw new Error(`Expected ${name} in ${file}`)
  return { value: Number(digits.replaceAll('_', '')) / 1_000, what: `s ${what}`, source: file }
}

function price(dollars: number, included: number, what: string, page: string): Price {
  return { dollars, included, what, page }
}
