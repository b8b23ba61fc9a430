import { setTimeout as sleep } from 'node:timers/promises'
import { startCast } from '../broadcast.ts'
import type { Stage } from '../stage.ts'
import { atLeast, atMost, both, type Row } from '../table.ts'

const PER_SECOND = 20
const OVER_MS = 10_000
/** So that there are many spans of ten seconds to look at. */
const WATCHED_MS = 13_000

/** How closely a partner's rate is kept, as the partner sees it, while work waits. */
export async function benchRate({ createDatabase }: Stage): Promise<Row[]> {
  const delivery = { requestsPerSecond: PER_SECOND }
  const cast = await startCast(await createDatabase('rate'), { senders: 1, partners: 1, delivery })
  const count = (2 * PER_SECOND * WATCHED_MS) / 1000
  await cast.expect({ from: 0, count })
  await cast.push({ senders: cast.senders, from: 0, until: { count } })
  await sleep(WATCHED_MS)
  const { timesAtFirst: times } = await cast.receivedSoFar()
  await cast.stop()
  const most = Math.max(...countsWithin(times, 1000))
  const last = times.at(-1) ?? 0
  const whole = times.filter((at) => at + OVER_MS <= last)
  // From right behind each arrival, where a span begins that holds the fewest.
  const least = Math.min(...countsWithin(times, OVER_MS).slice(0, whole.length)) - 1
  const average = least / (OVER_MS / 1000)
  return [
    {
      measure: `A partner limited to ${PER_SECOND}/s, over any 10 s while work waits`,
      what: 'hub',
      figures: { 'most in any second': String(most), 'least average /s': average.toFixed(1) },
      goal: both(atMost(most, PER_SECOND, 'most '), atLeast(average, 18, 'average ')),
    },
  ]
}

/** For each time, how many there are from it on within so many milliseconds. */
function countsWithin(times: readonly number[], spanMs: number): number[] {
  let end = 0
  return times.map((at, index) => {
    while (end < times.length && (times[end] as number) < at + spanMs) end++
    return end - index
  })
}
