import {
  HUB,
  KEEPALIVE_S,
  PRICES,
  type Price,
  ROWS_AT_ONCE,
  SAVE_S,
  SAVED_AT_ONCE,
  STEADY_STATEMENTS,
  TRAFFIC,
  WORKERS,
} from './assumptions.ts'
import { awakeShare, DAY_S, gathered, type Traffic } from './traffic.ts'

const MONTH_S = 30 * DAY_S
/** What an object is billed for, however little it holds. */
const OBJECT_GB = 0.128
/** The Log object and the Keeper object. */
const ALWAYS_AWAKE = 2
/** Rows that a queue stores to begin and to rest: what it notes, the alarm, and both deleted. */
const ROWS_OF_A_START = 5
/** Calls of a queue that was at rest to tell its platform of a change: begin, the mark, what it observed, a save. */
const CALLS_OF_A_CHANGE = 4

/** What a network takes on Workers, in a second unless it says otherwise. */
export type Load = {
  readonly requests: number
  readonly objectRequests: number
  /** Of these the calls of the one Log object. */
  readonly logCalls: number
  readonly gbSeconds: number
  readonly rowsWritten: number
  readonly statements: number
  readonly awakeQueues: number
}

export function loadOf(traffic: Traffic): Load {
  const { pushes, deliveries, directs, receivers, perReceiver, platforms } = traffic
  const requests = pushes + directs
  const restS = HUB.restAfterS.value

  const awakeQueues = receivers * awakeShare(perReceiver, restS)
  const starts = receivers * perReceiver * Math.exp(-perReceiver * restS)
  const saves = receivers * gathered(perReceiver, SAVE_S)
  const queueRows = Math.max(receivers * gathered(perReceiver, HUB.rowsS.value), deliveries / ROWS_AT_ONCE)
  const orders = awakeQueues / HUB.ordersS.value

  const changes = (platforms * TRAFFIC.changesPerPlatform.value) / DAY_S
  const told = changes * (platforms - awakeQueues)
  const checks = (platforms * TRAFFIC.silentShare.value) / KEEPALIVE_S

  const isolates = WORKERS.isolates.value + requests / 100
  const requestRows = isolates * gathered(requests / isolates, HUB.requestRowsS.value)
  const tables = isolates * gathered(requests / isolates, HUB.tableS.value)

  const leases = awakeQueues / HUB.leaseS.value
  const ofQueues = starts + saves + queueRows + orders + leases + told * CALLS_OF_A_CHANGE
  const logCalls = pushes + ofQueues + requestRows + tables
  const handOvers = receivers * gathered(perReceiver, HUB.handOverS.value) + changes * platforms
  const alarms = ALWAYS_AWAKE / HUB.alarmS.value
  const awake = awakeQueues + told * restS + (checks * TRAFFIC.answerMs.value) / 1000 + ALWAYS_AWAKE

  const { databaseS } = WORKERS
  const statements =
    gathered(pushes, databaseS.value) +
    2 * gathered(starts + told, 0.02 + databaseS.value) +
    Math.max(gathered(saves, 0.2 + databaseS.value), saves / SAVED_AT_ONCE) +
    gathered(orders, 0.02 + databaseS.value) +
    gathered(queueRows + requestRows, HUB.copyS.value + databaseS.value) +
    STEADY_STATEMENTS

  return {
    requests,
    objectRequests: logCalls + handOvers + 2 * checks + alarms,
    logCalls,
    gbSeconds: awake * OBJECT_GB,
    rowsWritten: (starts + told) * ROWS_OF_A_START + awakeQueues / HUB.deadManS.value + 1 + alarms,
    statements,
    awakeQueues,
  }
}

/** Dollars a month, by item. */
export type Bill = { readonly [Item in Exclude<keyof typeof PRICES, 'points'>]: number }

export function billOf({ requests, objectRequests, gbSeconds, rowsWritten }: Load): Bill {
  return {
    base: PRICES.base.dollars,
    requests: monthly(PRICES.requests, requests),
    cpu: monthly(PRICES.cpu, requests * WORKERS.cpuMs.value),
    objectRequests: monthly(PRICES.objectRequests, objectRequests),
    duration: monthly(PRICES.duration, gbSeconds),
    rowsWritten: monthly(PRICES.rowsWritten, rowsWritten),
  }
}

/** Of Analytics Engine, with one point for each request and delivery. */
export function pointsBill({ pushes, directs, deliveries }: Traffic): number {
  return monthly(PRICES.points, pushes + directs + deliveries)
}

function monthly({ dollars, included }: Price, perSecond: number): number {
  return Math.max(0, (perSecond * MONTH_S) / 1e6 - included) * dollars
}
