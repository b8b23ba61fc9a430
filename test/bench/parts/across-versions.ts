import postgres from 'postgres'
import { request } from 'undici'
import { type Cast, startCast } from '../broadcast.ts'
import { exchange, type Measured, measure } from '../direct.ts'
import { platformId } from '../party-number.ts'
import { cpuMicroseconds } from '../processes.ts'
import type { Stage } from '../stage.ts'
import { atLeast, median, type Row, ratios, spread } from '../table.ts'
import { startHub } from '../targets.ts'

const PARTNERS = 20
const UNLIMITED_PER_SECOND = 100_000
const PUSHES_PER_SECOND_OF_RUN = 400
const WITHIN_MS = 60_000
const OTHER_VERSION = '2.3.0'

/** Messages between platforms of unlike OCPI versions, beside the same messages between platforms of one. */
export async function benchAcrossVersions(stage: Stage): Promise<Row[]> {
  return [...(await benchGet(stage)), ...(await benchPushes(stage))]
}

/** Platform 1, of 2.2.1, asks platform 0 of its own version, and platform 2 of another. */
async function benchGet({ runs, seconds, upstream, network }: Stage): Promise<Row[]> {
  const { url, token } = await network(10)
  await speak(url, [platformId(2)])
  const page = await (await request(`${upstream.origin}/0/SENDER/locations`)).body.text()
  const hub = await startHub(url)
  // Of what is in the page nothing is said otherwise in the other version.
  const job = (receiver: number) => ({ target: hub, request: exchange('GET', hub, token, receiver), body: page })
  const [same, across] = (await measure([job(0), job(2)], { runs, seconds, connections: 50 })) as [Measured, Measured]
  await hub.process.stop()
  const row = (what: string, { results, cpuMicros }: Measured): Row => ({
    measure: 'GET of 1 KB, 50 connections',
    what,
    figures: {
      'req/s': spread(
        results.map(({ perSecond }) => perSecond),
        0,
      ),
      'p99 ms': median(results.map(({ p99Ms }) => p99Ms)).toFixed(3),
      'cpu µs/req': median(cpuMicros).toFixed(0),
    },
  })
  const rates = [across, same].map(({ results }) => results.map(({ perSecond }) => perSecond))
  return [row('of one version', same), withGoal(row(`of ${OTHER_VERSION} in 2.2.1`, across), rates, 0.8)]
}

/** Half of the partners speak another version than the sender. */
async function benchPushes({ runs, seconds, createDatabase }: Stage): Promise<Row[]> {
  const settings = { senders: 1, partners: PARTNERS, delivery: { requestsPerSecond: UNLIMITED_PER_SECOND } }
  const others = Array.from({ length: PARTNERS / 2 }, (_, i) => platformId(1 + 2 * i))
  const casts = [
    await startCast(await createDatabase('one_version'), settings),
    await startCast(await createDatabase('mixed_versions'), {
      ...settings,
      beforeStart: async (sql) => void (await setVersion(sql, others)),
    }),
  ]
  const count = Math.round(PUSHES_PER_SECOND_OF_RUN * seconds)
  const series = casts.map(() => ({ rates: [] as number[], cpuMicros: [] as number[] }))
  // Once more than is counted: code is not compiled at its first run.
  for (let run = -1; run < runs; run++) {
    for (const [index, cast] of casts.entries()) {
      const { rate, cpuMicros } = await push(cast, { from: (run + 1) * count, count })
      if (run < 0) continue
      series[index]?.rates.push(rate)
      series[index]?.cpuMicros.push(cpuMicros)
    }
  }
  for (const cast of casts) await cast.stop()
  const names = ['all of one version', `half of them of ${OTHER_VERSION}`]
  const rows = series.map(
    ({ rates, cpuMicros }, index): Row => ({
      measure: `Deliveries of 1 KB to ${PARTNERS} partners, as they are accepted`,
      what: names[index] as string,
      figures: { 'deliveries/s': spread(rates, 0), 'cpu µs/delivery': spread(cpuMicros, 0) },
    }),
  )
  const [same, mixed] = series.map(({ rates }) => rates) as [number[], number[]]
  return [rows[0] as Row, withGoal(rows[1] as Row, [mixed, same], 0.9)]
}

async function push(cast: Cast, objects: { readonly from: number; readonly count: number }) {
  const { pid } = cast.hub.process
  const before = cpuMicroseconds(pid)
  await cast.expect(objects)
  const [sender] = cast.senders
  const senders = sender ? Array.from({ length: 16 }, () => sender) : []
  await cast.push({ senders, from: objects.from, until: { count: objects.count } })
  const { received, firstAt, lastAt } = await cast.received(WITHIN_MS)
  await cast.rest()
  return { rate: (1000 * received) / (lastAt - firstAt), cpuMicros: (cpuMicroseconds(pid) - before) / received }
}

function withGoal(row: Row, [across = [], same = []]: number[][], bound: number): Row {
  const against = ratios(across, same)
  return {
    ...row,
    figures: { ...row.figures, 'against one version': spread(against, 2) },
    goal: atLeast(median(against), bound),
  }
}

async function speak(databaseUrl: string, platforms: readonly string[]): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1 })
  await setVersion(sql, platforms)
  await sql.end()
}

async function setVersion(sql: postgres.Sql, platforms: readonly string[]): Promise<void> {
  await sql`update platforms set version = ${OTHER_VERSION} where id in ${sql(platforms)}`
}
