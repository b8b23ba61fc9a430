import { request } from 'undici'
import { exchange, measure } from '../direct.ts'
import type { Stage } from '../stage.ts'
import { below, both, type Goal, median, type Row, ratios, spread } from '../table.ts'
import { residentMb, startHub, type Target } from '../targets.ts'

/** What the size of the network costs the direct path. */
export async function benchSize({ runs, seconds, sizes, upstream, network }: Stage): Promise<Row[]> {
  const page = await (await request(`${upstream.origin}/0/SENDER/locations`)).body.text()
  const hubs: { target: Target; token: string; platforms: number }[] = []
  for (const platforms of sizes) {
    const { url, token } = await network(platforms)
    const target = await startHub(url)
    hubs.push({ target: { ...target, name: `hub, ${platforms} platforms` }, token, platforms })
  }
  const jobs = hubs.map(({ target, token }) => ({ target, request: exchange('GET', target, token), body: page }))
  const measured = await measure(jobs, { runs, seconds, connections: 50 })
  const smallest = measured[0]?.results.map((result) => result.perSecond) ?? []
  const rows = measured.map(({ target, results }, index): Row => {
    const rates = results.map((result) => result.perSecond)
    const against = ratios(rates, smallest)
    const memory = residentMb(target.process.pid)
    const figures = {
      'req/s': spread(rates, 0),
      'against the smallest': spread(against, 2),
      'memory MB': memory.toFixed(0),
    }
    const row = { measure: 'Size of the network, GET of 1 KB', what: target.name, figures }
    if (index === 0) return row
    const isLargest = hubs[index]?.platforms === 10_000
    return { ...row, goal: isLargest ? both(within10(against), below(memory, 250, 'memory ')) : within10(against) }
  })
  for (const { target } of hubs) await target.process.stop()
  return rows
}

function within10(against: readonly number[]): Goal {
  return { text: 'within 10 %', isMet: Math.abs(median(against) - 1) <= 0.1 }
}
