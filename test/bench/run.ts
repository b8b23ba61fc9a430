import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benchAccept } from './parts/accept.ts'
import { benchBacklog } from './parts/backlog.ts'
import { benchBroadcast } from './parts/broadcast.ts'
import { benchDirect } from './parts/direct.ts'
import { benchGetAll } from './parts/get-all.ts'
import { benchProcesses } from './parts/processes.ts'
import { benchRate } from './parts/rate.ts'
import { benchSize } from './parts/size.ts'
import { PINS, pinSelf } from './processes.ts'
import { openStage, type Stage } from './stage.ts'
import { type Row, show } from './table.ts'

// `npm run bench -- [--runs 9] [--seconds 3] [--sizes 10,1000,10000] [--only direct,get-all] [--out bench-results.json]`
// Ratios within one run are what counts: absolute figures belong to the machine they were measured on.

const PARTS: Readonly<Record<string, (stage: Stage) => Promise<Row[]>>> = {
  direct: benchDirect,
  size: benchSize,
  processes: benchProcesses,
  broadcast: benchBroadcast,
  accept: benchAccept,
  backlog: benchBacklog,
  rate: benchRate,
  'get-all': benchGetAll,
}

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '10,1000,10000' },
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
    out: { type: 'string', default: 'bench-results.json' },
  },
})
const [runs, seconds] = [Number(options.runs), Number(options.seconds)]
const say = (line: string) => process.stdout.write(`${line}\n`)
const parts = options.only.split(',').map((name) => {
  const bench = PARTS[name]
  if (!bench) throw new Error(`Expected parts out of ${Object.keys(PARTS).join(', ')}, got ${name}`)
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
const stage = await openStage({ runs, seconds, sizes: options.sizes.split(',').map(Number) })
try {
  for (const { name, bench } of parts) {
    const startedAt = performance.now()
    rows.push(...(await bench(stage)))
    say(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  }
} finally {
  await stage.close()
}
say(`\n${show(rows)}`)
await writeFile(
  options.out,
  `${JSON.stringify({ at: new Date().toISOString(), node: process.version, runs, seconds, rows }, null, 2)}\n`,
)
say(`Written to ${options.out}`)
process.exit(0)
