import { type Cast, startCast } from '../broadcast.ts'
import { cpuMicroseconds } from '../processes.ts'
import type { Stage } from '../stage.ts'
import { atLeast, atMost, both, median, percentile, type Row, ratios, spread } from '../table.ts'

const SENDERS = 16
const FEW = 10
const MANY = 1_000
/** With few and with many partners the hub delivers as much in all. */
const DELIVERIES_PER_SECOND = 1_000
/** Runs that do not count: code is not compiled at its first. */
const WARMUPS = 3

type Series = {
  readonly rates: number[]
  readonly cpuMicros: number[]
  readonly p50Ms: number[]
  readonly p99Ms: number[]
}

/** What taking a push costs, and what the number of partners has to do with it. */
export async function benchAccept(stage: Stage): Promise<Row[]> {
  const { createDatabase } = stage
  const few = await startCast(await createDatabase('accept_few'), castOf(FEW, DELIVERIES_PER_SECOND / FEW))
  const many = await startCast(await createDatabase('accept_many'), castOf(MANY, DELIVERIES_PER_SECOND / MANY))
  const counters = { few: 0, many: 0 }
  const active = await interleaved(stage, { few, many }, counters)
  for (const cast of [few, many]) await cast.setPaused(true)
  const paused = await interleaved(stage, { few, many }, counters)
  for (const cast of [few, many]) await cast.stop()
  const all = await allActive(stage)
  const sent = `${DELIVERIES_PER_SECOND}/s delivered in all`
  return [...rowsOf(sent, active), ...rowsOf('queues paused', paused), all]
}

function castOf(partners: number, requestsPerSecond: number) {
  return { senders: SENDERS, partners, delivery: { requestsPerSecond } }
}

async function interleaved(
  { runs, seconds }: Stage,
  casts: { readonly few: Cast; readonly many: Cast },
  counters: { few: number; many: number },
): Promise<{ few: Series; many: Series }> {
  const series = { few: newSeries(), many: newSeries() }
  for (let run = -WARMUPS; run < runs; run++) {
    for (const size of ['few', 'many'] as const) {
      counters[size] += await accept(casts[size], counters[size], seconds, run < 0 ? newSeries() : series[size])
    }
  }
  return series
}

function newSeries(): Series {
  return { rates: [], cpuMicros: [], p50Ms: [], p99Ms: [] }
}

/** One run; how many were accepted. */
async function accept(cast: Cast, from: number, seconds: number, series: Series): Promise<number> {
  const { pid } = cast.hub.process
  const before = cpuMicroseconds(pid)
  const { sent, startedAt, endedAt, sentAt, answeredAt } = await cast.push({
    senders: cast.senders,
    from,
    until: { seconds },
  })
  const taken = answeredAt.map((at, i) => at - (sentAt[i] ?? Number.NaN))
  series.rates.push((1000 * sent) / (endedAt - startedAt))
  series.cpuMicros.push((cpuMicroseconds(pid) - before) / sent)
  series.p50Ms.push(median(taken))
  series.p99Ms.push(percentile(taken, 0.99))
  return sent
}

/** Every partner is sent as much as it takes by default, which is more than one process can send. */
async function allActive({ runs, seconds, createDatabase }: Stage): Promise<Row> {
  const cast = await startCast(await createDatabase('accept_all'), { senders: SENDERS, partners: MANY, delivery: {} })
  const series = newSeries()
  const before = await cast.receivedSoFar()
  let accepted = 0
  for (let run = 0; run < Math.min(runs, 3); run++) accepted += await accept(cast, accepted, seconds, series)
  const delivered = (await cast.receivedSoFar()).received - before.received
  await cast.stop()
  const figures = { ...figuresOf(series), 'delivered per accepted': (delivered / accepted).toFixed(1) }
  return { measure: MEASURE, what: '1,000 partners, 50/s to each', figures }
}

const MEASURE = `Accepting broadcasts of 1 KB from ${SENDERS} senders`

function rowsOf(state: string, { few, many }: { readonly few: Series; readonly many: Series }): Row[] {
  const cost = median(ratios(many.cpuMicros, few.cpuMicros))
  const isFast = (series: Series) => atLeast(median(series.rates), 2_000)
  return [
    { measure: MEASURE, what: `${FEW} partners, ${state}`, figures: figuresOf(few), goal: isFast(few) },
    {
      measure: MEASURE,
      what: `1,000 partners, ${state}`,
      figures: { ...figuresOf(many), 'times the cost': cost.toFixed(2) },
      goal: both(isFast(many), atMost(cost, 1.2, 'times the cost ')),
    },
  ]
}

function figuresOf({ rates, cpuMicros, p50Ms, p99Ms }: Series): Record<string, string> {
  return {
    'pushes/s': spread(rates, 0),
    'cpu µs/push': spread(cpuMicros, 0),
    'answer p50 ms': median(p50Ms).toFixed(1),
    'p99 ms': median(p99Ms).toFixed(1),
  }
}
