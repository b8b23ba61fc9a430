import postgres from 'postgres'
import { request } from 'undici'
import { showId } from '../../../src/storage/message-log/rows.ts'
import { BUSY, platformId } from '../filled-log.ts'
import { fillNetwork, NEWCOMERS } from '../filled-network.ts'
import type { Stage } from '../stage.ts'
import { atMost, below, both, median, type Row, spread } from '../table.ts'
import { startHub, type Target } from '../targets.ts'

/** Milliseconds that a page may take to make at the median. */
const GOAL_MS = 200
const MATRIX_MS = 100
const MATRIX_KB = 20
const RUNS = 9
const ADMIN_TOKEN = 'the-administrator-token-of-the-bench'

/** Every page of the console, of a network of 10,000 platforms with a filled message log, signed in and over HTTP. */
export async function benchConsole({ exchanges, filledLog }: Stage): Promise<Row[]> {
  const { url, end } = await filledLog()
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  await fillNetwork(sql, end)
  // All that was loaded stays.
  const hub = await startHub(url, { ADMIN_TOKEN, MESSAGE_LOG_BYTES: String(64 * 1024 ** 3) })
  const rows: Row[] = []
  try {
    const cookie = await signIn(hub)
    for (const [what, path] of await pagesOf(sql)) {
      const { times, bytes } = await ask(hub, cookie, path)
      const isMatrix = what.startsWith('matrix')
      const time = isMatrix ? below(median(times), MATRIX_MS, 'ms ') : atMost(median(times), GOAL_MS)
      rows.push({
        measure: `Console, 10000 platforms and ${exchanges} exchanges`,
        what,
        figures: { ms: spread(times, 0), KB: (bytes / 1024).toFixed(1) },
        goal: isMatrix ? both(time, below(bytes / 1024, MATRIX_KB, 'KB ')) : time,
      })
    }
  } finally {
    await hub.process.stop()
    await sql.end()
  }
  return rows
}

async function signIn({ port }: Target): Promise<string> {
  const origin = `http://127.0.0.1:${port}`
  const answer = await request(`${origin}/admin/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: origin, 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams({ token: ADMIN_TOKEN }).toString(),
  })
  await answer.body.dump()
  const cookie = [answer.headers['set-cookie'] ?? []].flat()[0]?.split(';')[0]
  if (cookie === undefined) throw new Error(`signing in was answered ${answer.statusCode}`)
  return cookie
}

/** Once to warm up, then so many times; bytes as they come over the wire. */
async function ask({ port }: Target, cookie: string, path: string): Promise<{ times: number[]; bytes: number }> {
  const times: number[] = []
  let bytes = 0
  for (let run = 0; run <= RUNS; run++) {
    const startedAt = performance.now()
    const answer = await request(`http://127.0.0.1:${port}${path}`, {
      headers: { Cookie: cookie, 'Accept-Encoding': 'gzip' },
    })
    const body = await answer.body.arrayBuffer()
    // What is found alone is gone to at once.
    if (answer.statusCode !== 200 && answer.statusCode !== 303)
      throw new Error(`${path} was answered ${answer.statusCode}`)
    if (run > 0) times.push(performance.now() - startedAt)
    bytes = body.byteLength
  }
  return { times, bytes }
}

/** What each page is of, and where it is. */
async function pagesOf(sql: postgres.Sql): Promise<[string, string][]> {
  const [busy, rare, newcomer] = [platformId(1), platformId(BUSY - 2), platformId(NEWCOMERS)]
  const [sample] = await sql<{ at: string; id: string; correlation: string; object: string }[]>`
    select at, id, correlation_id as correlation, object_key as object from message_log where segment = 4 offset 1000 limit 1`
  const { at = '', id = '', correlation = '', object = '' } = sample ?? {}
  return [
    ['overview, 1 hour', '/admin?window=1h'],
    ['overview, 24 hours', '/admin?window=24h'],
    ['overview, 7 days', '/admin?window=7d'],
    ['platforms', '/admin/platforms'],
    ['platforms that are away', '/admin/platforms?status=OFFLINE'],
    ['platforms by name', '/admin/platforms?q=form+99'],
    ['platforms by party', '/admin/platforms?q=PA-001'],
    ['platform, busy', `/admin/platforms/${busy}`],
    ['platform, rare', `/admin/platforms/${rare}`],
    ["platform's history", `/admin/platforms/${busy}/history`],
    ["platform's others", `/admin/platforms/${busy}/others`],
    ['onboarding', '/admin/onboarding'],
    ['newcomer', `/admin/onboarding/${newcomer}`],
    ['add a platform', '/admin/onboarding/new'],
    ['messages', '/admin/messages'],
    ['messages of a platform, busy', `/admin/messages?platform_id=${busy}`],
    ['messages of a platform, failed', `/admin/messages?platform_id=${busy}&outcome=failed`],
    ['messages of a party, rare', `/admin/messages?party=PA-${BUSY - 2}`],
    ['messages of a correlation', `/admin/messages?correlation_id=${correlation}`],
    ['messages of an object', `/admin/messages?object=${object}`],
    ['message', `/admin/messages/${showId(Number(at), Number(id))}`],
    ['agreements', '/admin/agreements?view=rules'],
    ['matrix, 200 by 200', '/admin/agreements'],
    ['pair', '/admin/agreements/PA-001/PA-002'],
    ['queues, most waiting first', '/admin/queues'],
    ['queues, longest waiting first', '/admin/queues?sort=oldest'],
    ['queues by platform', '/admin/queues?sort=platform'],
    ['queues that are behind', '/admin/queues?state=lagging'],
    ['queue', `/admin/queues/${busy}`],
    ['missed of a queue', `/admin/queues/${busy}/missed`],
    ['find a party', '/admin/find?q=PA-001'],
    ['find an object', `/admin/find?q=${object}`],
    ['find what is nowhere', '/admin/find?q=LOC4711'],
    ['audit trail', '/admin/audit'],
    ['audit trail of a platform', `/admin/audit?platform=${busy}`],
    ['people', '/admin/settings/people'],
    ['keys', '/admin/settings/keys'],
    ['sign-in', '/admin/settings/sign-in'],
    ['reference of the API', '/admin/api'],
  ]
}
