import type { BareJob, BareResult } from '../bare-deliveries.ts'
import { type Cast, PUSH_BYTES, startCast } from '../broadcast.ts'
import type { PartnersReport } from '../partners.ts'
import { type Asked, cpuMicroseconds, PINS, startAsked } from '../processes.ts'
import type { Stage } from '../stage.ts'
import { atLeast, median, percentile, type Row, ratios, spread } from '../table.ts'

const PARTNERS = 20
/** The hub's default. */
const CONCURRENCY = 8
/** At this rate nothing is limited. */
const UNLIMITED_PER_SECOND = 100_000
const PUSHES_PER_SECOND_OF_RUN = 800
const PACED_PER_SECOND = 50
const PACED_PUSHES = 300
const WITHIN_MS = 60_000

type Series = { readonly rates: number[]; readonly cpuMicros: number[] }

/** Deliveries to partners that answer at once, beside a bare loop that sends the same bodies to the same partners. */
export async function benchBroadcast({ runs, seconds, createDatabase }: Stage): Promise<Row[]> {
  const delivery = { requestsPerSecond: UNLIMITED_PER_SECOND }
  const cast = await startCast(await createDatabase('broadcast'), { senders: 1, partners: PARTNERS, delivery })
  const loop = await startAsked<BareJob, BareResult>('bare-deliveries.ts', [], PINS?.measured)
  const count = Math.round(PUSHES_PER_SECOND_OF_RUN * seconds)
  const ways = {
    bare: () => sendBare(cast, loop, take()),
    waiting: () => drain(cast, take()),
    live: () => pushLive(cast, take()),
  }
  const series = { bare: newSeries(), waiting: newSeries(), live: newSeries() }
  let next = 0
  function take(): Objects {
    next += count
    return { from: next - count, count }
  }

  // Once more than is counted: code is not compiled at its first run.
  for (let run = -1; run < runs; run++) {
    for (const way of ['bare', 'waiting', 'live'] as const) {
      const { pid } = way === 'bare' ? loop : cast.hub.process
      const before = cpuMicroseconds(pid)
      const { received, firstAt, lastAt } = await ways[way]()
      await cast.rest()
      if (run < 0) continue
      series[way].rates.push((1000 * received) / (lastAt - firstAt))
      series[way].cpuMicros.push((cpuMicroseconds(pid) - before) / received)
    }
  }
  const paced = await pace(cast, next)
  await loop.stop()
  await cast.stop()
  return [
    rowOf('bare undici.request loop', series.bare, series.bare),
    rowOf('hub, pushes that waited', series.waiting, series.bare),
    rowOf('hub, while it accepts them', series.live, series.bare),
    paced,
  ]
}

type Objects = { readonly from: number; readonly count: number }

function newSeries(): Series {
  return { rates: [], cpuMicros: [] }
}

async function sendBare(cast: Cast, loop: Asked<BareJob, BareResult>, objects: Objects): Promise<PartnersReport> {
  const { ports, firstPartner, senders } = cast
  await cast.expect(objects)
  const owner = senders[0]?.n ?? 0
  const { wrong } = await loop.ask({
    ...{ ports, firstPartner, owner, concurrency: CONCURRENCY, bytes: PUSH_BYTES },
    ...objects,
  })
  if (wrong > 0) throw new Error(`${wrong} wrong answers to the bare loop`)
  return cast.received(WITHIN_MS)
}

/** Like with like: all pushes are stored before the first is sent. */
async function drain(cast: Cast, { from, count }: Objects): Promise<PartnersReport> {
  await cast.setPaused(true)
  await cast.push({ senders: lines(cast), from, until: { count } })
  await cast.rest()
  await cast.expect({ from, count })
  await cast.setPaused(false)
  return cast.received(WITHIN_MS)
}

/** Accepting takes its part of the same processor. */
async function pushLive(cast: Cast, { from, count }: Objects): Promise<PartnersReport> {
  await cast.expect({ from, count })
  await cast.push({ senders: lines(cast), from, until: { count } })
  return cast.received(WITHIN_MS)
}

/** From a push's answer at its sender to its arrival at the last partner, with nothing else in hand. */
async function pace(cast: Cast, from: number): Promise<Row> {
  await cast.expect({ from, count: PACED_PUSHES })
  const { answeredAt } = await cast.push({
    senders: lines(cast),
    from,
    until: { count: PACED_PUSHES },
    perSecond: PACED_PER_SECOND,
  })
  const { completedAt } = await cast.received(WITHIN_MS)
  const taken = completedAt.map((at, push) => at - (answeredAt[push] ?? Number.NaN))
  return {
    measure: `From the sender's answer to the last of ${PARTNERS} partners, ${PACED_PER_SECOND} pushes/s`,
    what: 'hub',
    figures: { 'p50 ms': median(taken).toFixed(2), 'p99 ms': percentile(taken, 0.99).toFixed(2) },
  }
}

function lines(cast: Cast) {
  const [sender] = cast.senders
  return sender ? Array.from({ length: 16 }, () => sender) : []
}

function rowOf(what: string, { rates, cpuMicros }: Series, bare: Series): Row {
  const against = ratios(rates, bare.rates)
  const figures = {
    'deliveries/s': spread(rates, 0),
    'against bare': spread(against, 2),
    'cpu µs/delivery': spread(cpuMicros, 0),
  }
  const row = { measure: `Deliveries of 1 KB to ${PARTNERS} partners, ${CONCURRENCY} at once to each`, what, figures }
  return bare.rates === rates ? row : { ...row, goal: atLeast(median(against), 0.8, 'against bare ') }
}
