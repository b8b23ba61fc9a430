import postgres from 'postgres'
import type { MessageFilter } from '../../../src/hub/message/message-query.ts'
import { HOUR_MS, MINUTE_MS } from '../../../src/hub/message/traffic.ts'
import { openDatabase } from '../../../src/storage/database.ts'
import { createMessageSearch } from '../../../src/storage/message-log/search.ts'
import { createTrafficReader } from '../../../src/storage/traffic/read.ts'
import { ANY_MESSAGE } from '../../support/any-message.ts'
import { BUSY, platformId } from '../filled-log.ts'
import type { Stage } from '../stage.ts'
import { atMost, median, type Row, spread } from '../table.ts'

const HUB = { countryCode: 'NL', partyId: 'HUB' }
/** Milliseconds that a search may take at the median; one for a request ID may take longer. */
const GOAL_MS = 200
const REQUEST_ID_MS = 1_000
const RUNS = 5
const PAGE = { limit: 51, before: null }

/** Searches of a filled message log, in all of it, and the upgrade of one. */
export async function benchSearch({ exchanges, filledLog }: Stage): Promise<Row[]> {
  const { url, end, upgradeMs } = await filledLog()
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  const rows: Row[] = [
    {
      measure: `Message log of ${exchanges} exchanges`,
      what: 'upgrade',
      figures: { s: (upgradeMs / 1000).toFixed(1) },
    },
    ...(await sizes(sql, exchanges)),
  ]
  const [sample] = await sql<{ request: string; sent: string; correlation: string; object: string }[]>`
    select request_id as request, forwarded_request_id as sent, correlation_id as correlation, object_key as object
      from message_log where segment = 4 offset 1000 limit 1`
  await sql.end()
  const database = openDatabase({ url, maxConnections: 3 })
  const { find } = createMessageSearch(database.orm, HUB)
  const traffic = createTrafficReader(database.orm)
  const search = (filter: Partial<MessageFilter>) => () => find({ ...ANY_MESSAGE, ...filter }, PAGE)
  const chart =
    (days: number, step: number, platform: string | null = null) =>
    () =>
      traffic({ since: end - days * 24 * HOUR_MS, until: end, step, platform, module: null, by: 'module' }, 50_000)
  const [busy, rare, none] = [platformId(1), platformId(BUSY - 2), platformId(9_000)]
  const cases: [string, () => Promise<readonly unknown[]>, goal?: number][] = [
    ['all', search({})],
    ['a correlation ID', search({ correlationId: sample?.correlation ?? '' })],
    ['a platform, busy', search({ platformId: busy })],
    ['a platform, middling', search({ platformId: platformId(60) })],
    ['a platform, rare', search({ platformId: rare })],
    ['a platform without traffic', search({ platformId: none })],
    ['a platform, busy, failed', search({ platformId: busy, outcome: 'failed' })],
    ['a platform, rare, failed', search({ platformId: rare, outcome: 'failed' })],
    ['a platform, rare, a module', search({ platformId: rare, module: 'tariffs' })],
    ['a party, busy', search({ party: 'pa-001' })],
    ['a party, rare', search({ party: `PA-${BUSY - 2}` })],
    ['a party without traffic', search({ party: 'PF-000' })],
    ['a party that nobody holds', search({ party: 'XX-NON' })],
    ['failed', search({ outcome: 'failed' })],
    ['refused', search({ outcome: 'refused' })],
    ['status 2001', search({ ocpiStatus: 2001 })],
    ['status 404', search({ httpStatus: 404 })],
    ['status 3003, which nobody got', search({ ocpiStatus: 3003 })],
    ['an object', search({ objectKey: sample?.object ?? '' })],
    ['an unknown object', search({ objectKey: 'LOC4711' })],
    ['a request ID', search({ requestId: sample?.request ?? '' }), REQUEST_ID_MS],
    ["a request ID of the hub's", search({ requestId: sample?.sent ?? '' }), REQUEST_ID_MS],
    ['traffic of 24 hours, by minutes', chart(1, MINUTE_MS)],
    ['traffic of 7 days, by hours', chart(7, HOUR_MS)],
    ['traffic of a busy platform, 7 days', chart(7, HOUR_MS, busy)],
  ]
  for (const [what, run, goal = GOAL_MS] of cases) {
    const times: number[] = []
    let found = 0
    for (let i = 0; i <= RUNS; i++) {
      const startedAt = performance.now()
      found = await run().then(
        (answer) => answer.length,
        () => Number.NaN,
      )
      if (i > 0) times.push(performance.now() - startedAt)
    }
    rows.push({
      measure: 'Search of all of it, 51 newest',
      what,
      figures: { ms: spread(times, 1), rows: String(found) },
      goal: atMost(median(times), goal),
    })
  }
  await database.close()
  return rows
}

/** What the log and what was made for its search take up. */
async function sizes(sql: postgres.Sql, exchanges: number): Promise<Row[]> {
  const found = await sql<{ what: string; bytes: string }[]>`
    select 'message_log' as what, sum(pg_total_relation_size(inhrelid)) as bytes
      from pg_inherits where inhparent = 'message_log'::regclass
    union all select c.relname, sum(pg_relation_size(i.inhrelid))
      from pg_inherits i join pg_class c on c.oid = i.inhparent and c.relkind = 'I' group by 1
    union all select 'traffic_hour', pg_total_relation_size('traffic_hour')
    union all select 'traffic_minute', pg_total_relation_size('traffic_minute')`
  return found.map(({ what, bytes }) => ({
    measure: `Message log of ${exchanges} exchanges`,
    what,
    figures: { MB: (Number(bytes) / 2 ** 20).toFixed(1), 'bytes an exchange': (Number(bytes) / exchanges).toFixed(1) },
  }))
}
