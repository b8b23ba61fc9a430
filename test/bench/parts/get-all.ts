import type { ReadJob, ReadResult } from '../list-reader.ts'
import { partyNumber } from '../party-number.ts'
import { type Asked, cpuMicroseconds, startAsked } from '../processes.ts'
import { seedEach } from '../seed.ts'
import type { SourcesQuestion } from '../sources.ts'
import type { Stage } from '../stage.ts'
import { atMost, median, type Row, ratios, spread } from '../table.ts'
import { peakMb, residentMb, startHub, type Target } from '../targets.ts'

const SOURCES = 100
const LOCATIONS = 1_000
const LOCATION_BYTES = 1_024
const PAGE = 1_000

/** What sources take to find a page; a loopback has no latency of its own. */
const ANSWERING_MS = [0, 10]

/**
 * The lists of many CPOs as one, beside reading them one after the other. Either way the reader parses what it gets before it
 * asks for more, as a party has to, in a process of its own; and the sources do next to nothing, which no real one could.
 */
export async function benchGetAll({ runs, createDatabase }: Stage): Promise<Row[]> {
  const sizes = [SOURCES, LOCATIONS, LOCATION_BYTES].map(String)
  const sources = await startAsked<SourcesQuestion, number[]>('sources.ts', sizes)
  const reader = await startAsked<ReadJob, ReadResult>('list-reader.ts', [])
  const ports = await sources.ask({ answerAfterMs: 0 })
  const url = await createDatabase('get_all')
  const token = await seedNetwork(url, ports)
  const hub = await startHub(url)
  const rows: Row[] = []
  for (const answerAfterMs of ANSWERING_MS) {
    await sources.ask({ answerAfterMs })
    rows.push(...(await compare(runs, reader, ports, hub, token, answerAfterMs)))
  }
  for (const process of [hub.process, reader, sources]) await process.stop()
  return rows
}

async function compare(
  runs: number,
  reader: Asked<ReadJob, ReadResult>,
  ports: readonly number[],
  hub: Target,
  token: string,
  answerAfterMs: number,
): Promise<Row[]> {
  const { pid } = hub.process
  const [direct, collected] = [directJob(ports), hubJob(hub.port, token)]
  const ms = { direct: [] as number[], hub: [] as number[] }
  const parsing = { direct: [] as number[], hub: [] as number[] }
  const cpuMs: number[] = []
  const before = residentMb(pid)
  let afterOne = before
  for (let run = -1; run < runs; run++) {
    const one = await readWhole(reader.ask, direct)
    const cpuBefore = cpuMicroseconds(pid)
    const all = await readWhole(reader.ask, collected)
    if (run < 0) afterOne = residentMb(pid)
    if (run < 0) continue
    ms.direct.push(one.ms)
    ms.hub.push(all.ms)
    parsing.direct.push(one.parsingMs)
    parsing.hub.push(all.parsingMs)
    cpuMs.push((cpuMicroseconds(pid) - cpuBefore) / 1000)
  }
  const megabytes = { 'memory before MB': before, 'after one list MB': afterOne, 'at most MB': peakMb(pid) }
  const memory = Object.fromEntries(Object.entries(megabytes).map(([when, mb]) => [when, mb.toFixed(0)]))
  const against = ratios(ms.hub, ms.direct)
  const times = (way: 'direct' | 'hub') => ({ ms: spread(ms[way], 0), 'of it parsing ms': spread(parsing[way], 0) })
  const speed = answerAfterMs === 0 ? 'at once' : `after ${answerAfterMs} ms`
  const measure = `${SOURCES} sources of ${LOCATIONS} locations of 1 KB, in pages of ${PAGE}, answering ${speed}`
  return [
    { measure, what: 'one after the other', figures: times('direct') },
    {
      measure,
      what: 'hub, GET All',
      figures: { ...times('hub'), 'against direct': spread(against, 2), 'cpu ms': spread(cpuMs, 0), ...memory },
      goal: atMost(median(against), 1.3, 'against direct '),
    },
  ]
}

/** Sources are platforms 0 and up; the one that reads them comes behind. Its token. */
async function seedNetwork(databaseUrl: string, ports: readonly number[]): Promise<string> {
  const origin = (n: number) => `http://127.0.0.1:${ports[n]}`
  const tokens = await seedEach(databaseUrl, [
    ...ports.map((_, n) => ({
      n,
      role: 'CPO' as const,
      origin: origin(n),
      modules: [['locations', 'SENDER']] as const,
    })),
    { n: ports.length, role: 'EMSP', origin: origin(0), modules: [['locations', 'RECEIVER']] },
  ])
  return tokens.at(-1) as string
}

function directJob(ports: readonly number[]): ReadJob {
  const urls = ports.map((port, n) => `http://127.0.0.1:${port}/${n}/SENDER/locations?offset=0&limit=${PAGE}`)
  return { urls, headers: {} }
}

function hubJob(port: number, token: string): ReadJob {
  const { countryCode, partyId } = partyNumber(SOURCES)
  return {
    urls: [`http://127.0.0.1:${port}/ocpi/2.2.1/sender/locations?limit=${PAGE}`],
    headers: {
      Authorization: `Token ${btoa(token)}`,
      'OCPI-from-country-code': countryCode,
      'OCPI-from-party-id': partyId,
      'OCPI-to-country-code': 'NL',
      'OCPI-to-party-id': 'HUB',
    },
  }
}

/** Throws unless every location came once. */
async function readWhole(read: (job: ReadJob) => Promise<ReadResult>, job: ReadJob): Promise<ReadResult> {
  const result = await read(job)
  const { objects, different, pages } = result
  const wanted = SOURCES * LOCATIONS
  if (objects !== wanted || different !== wanted || pages !== wanted / PAGE) {
    throw new Error(`${objects} locations came on ${pages} pages, ${different} of them different`)
  }
  return result
}
