import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { readOptions, refuse } from '../../src/command/read-options.ts'
import { benchAccept } from './parts/accept.ts'
import { benchAcrossVersions } from './parts/across-versions.ts'
import { benchBacklog } from './parts/backlog.ts'
import { benchBroadcast } from './parts/broadcast.ts'
import { benchConsole } from './parts/console.ts'
import { benchConvert } from './parts/convert.ts'
import { benchDirect } from './parts/direct.ts'
import { benchEdge } from './parts/edge.ts'
import { benchGetAll } from './parts/get-all.ts'
import { benchProcesses } from './parts/processes.ts'
import { benchRate } from './parts/rate.ts'
import { benchSearch } from './parts/search.ts'
import { benchSize } from './parts/size.ts'
import { PINS, pinSelf } from './processes.ts'
import { openStage, type Stage } from './stage.ts'
import { type Row, show } from './table.ts'

const PARTS: Readonly<Record<string, (stage: Stage) => Promise<Row[]>>> = {
  direct: benchDirect,
  size: benchSize,
  processes: benchProcesses,
  broadcast: benchBroadcast,
  accept: benchAccept,
  backlog: benchBacklog,
  rate: benchRate,
  'get-all': benchGetAll,
  convert: async (stage) => [...(await benchConvert(stage)), ...(await benchAcrossVersions(stage))],
  edge: benchEdge,
  search: benchSearch,
  console: benchConsole,
}
/** Those that fill a disk are asked for by name. */
const BY_NAME = ['search', 'console']
const USUAL = Object.keys(PARTS).filter((name) => !BY_NAME.includes(name))

const USAGE = `npm run bench [-- --only direct,get-all --runs 9]

Measures the hub beside bare programs that do the same. Ratios within one run are what counts: absolute figures belong to the
machine they were measured on.

  --only     parts out of ${Object.keys(PARTS).join(',')}; all but search and console when absent
  --runs     measurements of each figure, 9 when absent
  --seconds  of each measurement, 3 when absent
  --sizes    platforms in the part size, 10,1000,10000 when absent
  --beside   another hub for the part direct: a program that is started with a port and the partner's origin, writes a line with
             "ready", and answers every call at /ocpi/2.2.1
  --exchanges  in the message log of the parts search and console, 5000000 when absent, for which it takes 8 GB of disk and minutes
  --out      file for the results, bench-results.json when absent`

const options = readOptions(USAGE, {
  runs: { type: 'string', default: '9' },
  seconds: { type: 'string', default: '3' },
  sizes: { type: 'string', default: '10,1000,10000' },
  only: { type: 'string', default: USUAL.join(',') },
  exchanges: { type: 'string', default: '5000000' },
  beside: { type: 'string' },
  out: { type: 'string', default: 'bench-results.json' },
})
const [runs, seconds] = [Number(options.runs), Number(options.seconds)]
const say = (line: string) => process.stdout.write(`${line}\n`)
const parts = options.only.split(',').map((name) => {
  const bench = PARTS[name]
  if (!bench) refuse(`--only ${name}: expected parts out of ${Object.keys(PARTS).join(', ')}`)
  return { name, bench }
})

pinSelf()
say(
  `${cpus().length} processors (${cpus()[0]?.model.trim()}), Node ${process.version}, ${runs} runs of ${seconds} s each`,
)
say(
  PINS
    ? `measured process on processor ${PINS.measured}, load, partners and database on ${PINS.others}`
    : 'processes not pinned',
)
const rows: Row[] = []
const stage = await openStage({
  runs,
  seconds,
  sizes: options.sizes.split(',').map(Number),
  exchanges: Number(options.exchanges),
  beside: options.beside ?? null,
})
try {
  for (const { name, bench } of parts) {
    const startedAt = performance.now()
    const measured = await bench(stage)
    rows.push(...measured)
    // Each at once: what took long outlives the failure of what follows.
    say(`\n${show(measured)}`)
    say(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  }
} finally {
  await stage.close()
}
await writeFile(
  options.out,
  `${JSON.stringify({ at: new Date().toISOString(), node: process.version, runs, seconds, rows }, null, 2)}\n`,
)
say(`Written to ${options.out}`)
process.exit(0)
