import { disorder, leftBehind, lost } from '../support/acknowledged.ts'
import type { Honest, Phase } from './honest.ts'
import type { Hubs, MemorySample } from './hubs.ts'

const MOST_SHOWN = 5

export type Report = { readonly lines: readonly string[]; readonly problems: readonly string[] }

/** Acknowledged pushes that some honest eMSP lacks, replaced ones apart. */
export function lostPushes({ sent, received }: Honest): number {
  return received.reduce((sum, { serials }) => sum + lost(sent, serials).length, 0)
}

/** The first of the lost ones of each eMSP, and what the hub says that it misses. */
export async function whatIsLost({ eMspIds, sent, received }: Honest, { client }: Hubs): Promise<string[]> {
  const lines: string[] = []
  for (const [i, { serials }] of received.entries()) {
    const missing = lost(sent, serials).slice(0, MOST_SHOWN)
    if (missing.length === 0) continue
    for (const { object, serial, method } of missing)
      lines.push(`eMSP ${i} lacks ${method} ${object}, number ${serial}`)
    const { body } = await client.admin('GET', `/queues/${eMspIds[i]}/missed`)
    const listed = (body as { path: string; cause: string }[]).filter(({ path }) => path.startsWith('/NL/HC'))
    lines.push(
      `eMSP ${i} misses ${listed.length} in the hub's list: ${listed
        .slice(0, MOST_SHOWN)
        .map(({ path, cause }) => `${path} ${cause}`)
        .join(', ')}`,
    )
  }
  return lines
}

/** What became of the honest ones' pushes and requests, and of the hub's memory. */
export function reportOn(honest: Honest, hubs: Hubs, attacks: ReadonlyMap<string, number>): Report {
  const { sent, received, requests } = honest
  const acknowledged = sent.filter(({ isAnswered }) => isAnswered)
  const lostCount = lostPushes(honest)
  const behind = received.reduce((sum, { serials }) => sum + leftBehind(sent, serials).length, 0)
  const all = received.flatMap(({ serials }) => serials)
  const repeated = received.reduce((sum, { serials }) => sum + serials.length - new Set(serials).size, 0)
  const late = received.reduce((sum, { serials }) => sum + disorder(sent, serials).length, 0)
  const refused = (phase: Phase) => requests.filter((each) => each.phase === phase && !each.isServed).length

  const lines = [
    `kills      ${hubs.kills()}`,
    `attacks    ${[...attacks].map(([name, times]) => `${times} ${name}`).join(', ')}`,
    `pushes     ${sent.length}, ${acknowledged.length} acknowledged, ${all.length} deliveries`,
    `lost       ${lostCount}; ${behind} objects left in an older state`,
    `repeated   ${repeated}; ${late} came after a later one of their object`,
    ...(['quiet', 'attacked', 'killed'] as const).flatMap((phase) => [
      `delayed    ${phase.padEnd(8)} ${percentiles(delaysIn(honest, phase))} from the answer to the delivery`,
      `requests   ${phase.padEnd(8)} ${percentiles(durationsIn(honest, phase))}, ${refused(phase)} not served`,
    ]),
    ...memoryOf(hubs.memory),
  ]
  const problems = [
    ...(lostCount > 0 ? [`${lostCount} acknowledged pushes were lost`] : []),
    ...(behind > 0 ? [`${behind} objects were left in an older state`] : []),
    ...(honest.lockedOut() > 0 ? [`a good token got 401 ${honest.lockedOut()} times`] : []),
  ]
  return { lines, problems }
}

function delaysIn({ sent, received }: Honest, phase: Phase): number[] {
  return received.flatMap(({ firstAt }) =>
    sent.flatMap((each) => {
      const at = firstAt.get(each.serial)
      return each.phase === phase && each.isAnswered && at !== undefined ? [Math.max(0, at - each.answeredAt)] : []
    }),
  )
}

function durationsIn({ requests }: Honest, phase: Phase): number[] {
  return requests.filter((each) => each.phase === phase && each.isServed).map(({ durationMs }) => durationMs)
}

function percentiles(values: number[]): string {
  values.sort((a, b) => a - b)
  const at = (part: number) => Math.round(values[Math.floor(values.length * part)] ?? 0)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${Math.round(values.at(-1) ?? 0)} ms`
}

/** What processes hold over their age: its slope without their first minute, in which they fill their caches, and its least and most by tenths of the longest life. */
function memoryOf(samples: readonly MemorySample[]): string[] {
  const MB = 1024 * 1024
  const inMb = (bytes: number) => Math.round(bytes / MB)
  const settled = samples.filter(({ ageMinutes }) => ageMinutes > 1)
  if (settled.length <= 10) return ['grown      too short to say']
  const mean = (of: (sample: MemorySample) => number) =>
    settled.reduce((sum, each) => sum + of(each), 0) / settled.length
  const age = mean((each) => each.ageMinutes)
  const slope = (of: (sample: MemorySample) => number) => {
    const held = mean(of)
    const covariance = mean((each) => (each.ageMinutes - age) * (of(each) - held))
    return (covariance / mean((each) => (each.ageMinutes - age) ** 2) / MB).toFixed(1)
  }
  const oldest = Math.max(...samples.map(({ ageMinutes }) => ageMinutes))
  const tenths = Map.groupBy(samples, ({ ageMinutes }) => Math.min(9, Math.floor((ageMinutes / oldest) * 10)))
  const by = (of: (sample: MemorySample) => number, pick: (...values: number[]) => number) =>
    [...tenths.keys()].toSorted((a, b) => a - b).map((tenth) => inMb(pick(...(tenths.get(tenth) ?? []).map(of))))
  const resident = (each: MemorySample) => each.bytes
  const heap = (each: MemorySample) => each.heapBytes
  return [
    `grown      ${slope(resident)} MB a minute of a process, ${slope(heap)} of its objects; most ${inMb(Math.max(...samples.map(resident)))} MB`,
    `           by tenths of the longest life: ${by(resident, Math.min).join(' ')} MB at least, ${by(resident, Math.max).join(' ')} at most, objects ${by(heap, Math.min).join(' ')} at least`,
  ]
}
