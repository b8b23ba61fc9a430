import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { request } from 'undici'
import { startEmbeddedPostgres } from '../../src/runtime/embedded-postgres.ts'
import { createLog } from '../../src/runtime/log.ts'
import { migrateDatabase } from '../../src/storage/migrate.ts'
import {
  compare,
  exchange,
  measure,
  metric,
  residentMb,
  startHub,
  startProxies,
  startUpstream,
  type Target,
} from './direct.ts'
import { PINS, pinSelf } from './processes.ts'
import { seedCopies, seedPlatforms } from './seed.ts'
import { median, ratios, type Row, show, spread } from './table.ts'

// `npm run bench -- [--runs 9] [--seconds 3] [--sizes 10,1000,10000] [--out bench-results.json]`
// Ratios within one run are what counts: absolute figures belong to the machine they were measured on.

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '10,1000,10000' },
    out: { type: 'string', default: 'bench-results.json' },
  },
})
const runs = Number(options.runs)
const seconds = Number(options.seconds)
const sizes = options.sizes.split(',').map(Number)
const rows: Row[] = []
const say = (line: string) => process.stdout.write(`${line}\n`)

pinSelf()
const folder = await mkdtemp(join(tmpdir(), 'ocpi-hub-bench-'))
const server = await startEmbeddedPostgres({ dataDir: folder, log: createLog('warn') })
const upstream = await startUpstream()
const page = await (await request(`${upstream.origin}/0/SENDER/locations`)).body.text()
const done = await (await request(`${upstream.origin}/0`, { method: 'PUT', body: '{}' })).body.text()
say(
  `${cpus().length} processors (${cpus()[0]?.model.trim()}), Node ${process.version}, ${runs} runs of ${seconds} s each`,
)
say(
  PINS
    ? `measured process on processor ${PINS.measured}, load, partner and database on ${PINS.others}`
    : 'processes not pinned',
)

/** A database of its own with so many platforms; the tokens of the first ones. */
function databaseOf(platforms: number): Promise<{ url: string; token: string }> {
  const made = databases.get(platforms) ?? makeDatabase(platforms)
  databases.set(platforms, made)
  return made
}

const databases = new Map<number, Promise<{ url: string; token: string }>>()

async function makeDatabase(platforms: number): Promise<{ url: string; token: string }> {
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined })
  await sql.unsafe(`create database bench_${platforms}`)
  await sql.end()
  const url = new URL(server.url)
  url.pathname = `/bench_${platforms}`
  await migrateDatabase({ url: url.href, folder: new URL('../../migrations', import.meta.url).pathname })
  const tokens = await seedPlatforms(url.href, 0, Math.min(platforms, 10), upstream.origin)
  if (platforms > 10) await seedCopies(url.href, 10, platforms)
  return { url: url.href, token: tokens[1] as string }
}

async function direct(): Promise<void> {
  const { url, token } = await databaseOf(10)
  const hub = await startHub(url)
  const [bare, ...others] = await startProxies(upstream.origin)
  const targets = [bare as Target, hub, ...others]
  const job = (method: 'GET' | 'PUT', body: string) => (target: Target) => ({
    target,
    request: exchange(method, target, token),
    body,
  })
  const gets = await measure(targets.map(job('GET', page)), { runs, seconds, connections: 50 })
  rows.push(...compare('GET of 1 KB, 50 connections', gets))
  const puts = await measure(targets.slice(0, 2).map(job('PUT', done)), { runs, seconds, connections: 50 })
  rows.push(...compare('PUT of 2 KB, 50 connections', puts))
  const single = await measure(targets.slice(0, 2).map(job('GET', page)), { runs, seconds, connections: 1 })
  rows.push(...compare('GET of 1 KB, 1 connection', single))
  const [ofBare, ofHub] = single.map(({ results }) => results.map((result) => result.p50Ms)) as [number[], number[]]
  const added = ofHub.map((ms, run) => ms - (ofBare[run] as number))
  rows.push({
    measure: 'Added latency at 1 connection',
    what: 'hub over bare',
    figures: { 'median ms': spread(added, 3) },
  })
  const [written, dropped] = [
    await metric(hub, 'ocpi_hub_message_log_written'),
    await metric(hub, 'ocpi_hub_message_log_dropped'),
  ]
  const share = `${((100 * dropped) / (written + dropped)).toFixed(2)} %`
  rows.push({
    measure: 'Message log',
    what: 'hub',
    figures: { written: String(written), dropped: String(dropped), share },
  })
  for (const target of targets) await target.process.stop()
}

async function size(): Promise<void> {
  const hubs: { target: Target; token: string; platforms: number }[] = []
  for (const platforms of sizes) {
    const { url, token } = await databaseOf(platforms)
    const target = await startHub(url)
    hubs.push({ target: { ...target, name: `hub, ${platforms} platforms` }, token, platforms })
  }
  const jobs = hubs.map(({ target, token }) => ({ target, request: exchange('GET', target, token), body: page }))
  const measured = await measure(jobs, { runs, seconds, connections: 50 })
  const smallest = measured[0]?.results.map((result) => result.perSecond) ?? []
  for (const { target, results } of measured) {
    const rates = results.map((result) => result.perSecond)
    const figures = {
      'req/s': spread(rates, 0),
      'against the smallest': spread(ratios(rates, smallest), 2),
      'memory MB': residentMb(target.process.pid).toFixed(0),
    }
    rows.push({ measure: 'Size of the network, GET of 1 KB', what: target.name, figures })
  }
  for (const { target } of hubs) await target.process.stop()
}

async function processes(): Promise<void> {
  const { url, token } = await databaseOf(10)
  const rates: number[][] = []
  for (const count of [1, 2]) {
    const hub = await startHub(url, { PROCESSES: String(count) })
    const [measured] = await measure([{ target: hub, request: exchange('GET', hub, token), body: page }], {
      runs,
      seconds,
      connections: 50,
    })
    rates.push(measured?.results.map((result) => result.perSecond) ?? [])
    await hub.process.stop()
  }
  const [one = [], two = []] = rates
  const figures = {
    'one, req/s': spread(one, 0),
    'two, req/s': spread(two, 0),
    ratio: (median(two) / median(one)).toFixed(2),
  }
  rows.push({
    measure: `Processes on one database (unpinned, ${cpus().length} processors for everything)`,
    what: 'hub',
    figures,
  })
}

try {
  await direct()
  await size()
  await processes()
} finally {
  await upstream.process.stop()
  await server.stop(5000)
  await rm(folder, { recursive: true, force: true })
}
say(`\n${show(rows)}`)
await writeFile(
  options.out,
  `${JSON.stringify({ at: new Date().toISOString(), node: process.version, runs, seconds, rows }, null, 2)}\n`,
)
say(`Written to ${options.out}`)
process.exit(0)
