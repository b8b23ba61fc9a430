import { cpus } from 'node:os'
import { request } from 'undici'
import { exchange, measure } from '../direct.ts'
import type { Stage } from '../stage.ts'
import { median, type Row, spread } from '../table.ts'
import { startHub } from '../targets.ts'

/** What a second process on the same database gives. */
export async function benchProcesses({ runs, seconds, upstream, network }: Stage): Promise<Row[]> {
  const page = await (await request(`${upstream.origin}/0/SENDER/locations`)).body.text()
  const { url, token } = await network(10)
  const rates: number[][] = []
  for (const count of [1, 2]) {
    const hub = await startHub(url, { PROCESSES: String(count) })
    const jobs = [{ target: hub, request: exchange('GET', hub, token), body: page }]
    const [measured] = await measure(jobs, { runs, seconds, connections: 50 })
    rates.push(measured?.results.map((result) => result.perSecond) ?? [])
    await hub.process.stop()
  }
  const [one = [], two = []] = rates
  const figures = {
    'one, req/s': spread(one, 0),
    'two, req/s': spread(two, 0),
    ratio: (median(two) / median(one)).toFixed(2),
  }
  const measured = `Processes on one database (unpinned, ${cpus().length} processors for everything)`
  return [{ measure: measured, what: 'hub', figures }]
}
