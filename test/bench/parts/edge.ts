import { request } from 'undici'
import { compare, exchange, type Measured, measure } from '../direct.ts'
import { startBareWorker, startEdgeHub } from '../edge-targets.ts'
import type { Stage } from '../stage.ts'
import { atLeast, below, median, type Row, ratios, spread } from '../table.ts'
import { residentMb } from '../targets.ts'

/** Direct routing in workerd, the runtime of Cloudflare Workers, beside a Worker that does nothing else. */
export async function benchEdge({ runs, seconds, upstream, network }: Stage): Promise<Row[]> {
  const { url, token } = await network(10)
  const page = await (await request(`${upstream.origin}/0/SENDER/locations`)).body.text()
  const targets = [await startBareWorker(upstream.origin), await startEdgeHub(url)] as const
  const jobs = targets.map((target) => ({ target, request: exchange('GET', target, token), body: page }))
  const [, hub] = targets
  const single = await measure(jobs, { runs, seconds, connections: 1 })
  const before = residentMb(hub.process.pid)
  const many = await measure(jobs, { runs, seconds, connections: 50 })
  const after = residentMb(hub.process.pid)
  for (const target of targets) await target.process.stop()
  const [bare = [], ofHub = []] = many.map(({ results }) => results.map(({ perSecond }) => perSecond))
  const goal = atLeast(median(ratios(ofHub, bare)), 0.5, 'against bare ')
  return [
    ...compare('GET of 1 KB, 50 connections, workerd', many).map((row, i) => (i === 1 ? { ...row, goal } : row)),
    ...compare('GET of 1 KB, 1 connection, workerd', single),
    addedLatency(single),
    {
      measure: 'Memory, before and after the 50 connections',
      what: 'hub in workerd',
      figures: { MB: `${before.toFixed(0)} → ${after.toFixed(0)}` },
    },
  ]
}

function addedLatency(single: readonly Measured[]): Row {
  const [ofBare = [], ofHub = []] = single.map(({ results }) => results.map(({ p50Ms }) => p50Ms))
  const added = ofHub.map((ms, run) => ms - (ofBare[run] ?? Number.NaN))
  return {
    measure: 'Added latency at 1 connection, workerd',
    what: 'hub over bare',
    figures: { 'median ms': spread(added, 3) },
    goal: below(median(added), 1),
  }
}
