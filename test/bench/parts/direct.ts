import { request } from 'undici'
import { answerOf, compare, exchange, type Job, type Measured, measure } from '../direct.ts'
import type { Stage } from '../stage.ts'
import { atLeast, below, both, median, type Row, ratios, spread } from '../table.ts'
import { metric, startBeside, startHub, startProxies, type Target } from '../targets.ts'

/** Direct routing beside proxies that do nothing else. */
export async function benchDirect({ runs, seconds, upstream, network, beside }: Stage): Promise<Row[]> {
  const { url, token } = await network(10)
  const page = await (await request(`${upstream.origin}/0/SENDER/locations`)).body.text()
  const done = await (await request(`${upstream.origin}/0`, { method: 'PUT', body: '{}' })).body.text()
  const hub = await startHub(url)
  const [bare, hono, ...others] = (await startProxies(upstream.origin)) as [Target, Target, ...Target[]]
  const targets = [bare, hub, hono, ...others]
  const job = (method: 'GET' | 'PUT', body: string) => (target: Target) => ({
    target,
    request: exchange(method, target, token),
    body,
  })
  const another = beside === null ? null : await startBeside(beside, upstream.origin)
  const ofAnother = async (method: 'GET' | 'PUT', body: string): Promise<Job[]> => {
    if (!another) return []
    const { target, request } = job(method, body)(another)
    return [{ target, request, body: await answerOf(target, request, body) }]
  }
  const getsOf = await ofAnother('GET', page)
  const gets = await measure([...targets.map(job('GET', page)), ...getsOf], { runs, seconds, connections: 50 })
  const putsOf = await ofAnother('PUT', done)
  const puts = await measure([...[bare, hub, hono].map(job('PUT', done)), ...putsOf], {
    runs,
    seconds,
    connections: 50,
  })
  const single = await measure([...[bare, hub].map(job('GET', page)), ...getsOf], { runs, seconds, connections: 1 })
  const [written, dropped] = [
    await metric(hub, 'ocpi_hub_message_log_written'),
    await metric(hub, 'ocpi_hub_message_log_dropped'),
  ]
  for (const target of another ? [...targets, another] : targets) await target.process.stop()
  const share = (100 * dropped) / (written + dropped)
  return [
    ...withGoals(compare('GET of 1 KB, 50 connections', gets), gets),
    ...withGoals(compare('PUT of 2 KB, 50 connections', puts), puts),
    ...compare('GET of 1 KB, 1 connection', single),
    addedLatency(single),
    {
      measure: 'Message log',
      what: 'hub',
      figures: { written: String(written), dropped: String(dropped), share: `${share.toFixed(2)} %` },
      goal: below(share, 1, 'share '),
    },
  ]
}

/** The hub is the second of them, between the bare proxy and Hono's. */
function withGoals(rows: readonly Row[], measured: readonly Measured[]): Row[] {
  const [bare = [], hub = [], hono = []] = measured.map(({ results }) => results.map(({ perSecond }) => perSecond))
  const [againstBare, againstHono] = [median(ratios(hub, bare)), median(ratios(hub, hono))]
  const goal = both(atLeast(againstBare, 0.9, 'against bare '), atLeast(againstHono, 4, 'times hono/proxy '))
  return rows.map((row, index) =>
    index === 1 ? { ...row, figures: { ...row.figures, 'times hono/proxy': againstHono.toFixed(2) }, goal } : row,
  )
}

function addedLatency(single: readonly Measured[]): Row {
  const [ofBare = [], ofHub = []] = single.map(({ results }) => results.map(({ p50Ms }) => p50Ms))
  const added = ofHub.map((ms, run) => ms - (ofBare[run] ?? Number.NaN))
  return {
    measure: 'Added latency at 1 connection',
    what: 'hub over bare',
    figures: { 'median ms': spread(added, 3) },
    goal: below(median(added), 0.3),
  }
}
