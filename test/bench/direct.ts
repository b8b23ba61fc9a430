import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import type { LoadResult } from './load.ts'
import { ALL_PROCESSORS, cpuMicroseconds, freePort, load, PINS, type Started, start } from './processes.ts'
import { partyNumber, SECRET_KEY_TEXT } from './seed.ts'
import { median, ratios, type Row, spread } from './table.ts'

const here = (file: string) => new URL(file, import.meta.url).pathname

export type Target = {
  readonly name: string
  readonly port: number
  readonly process: Started
  /** Where the target listens for what the hub knows as the receiver's module. */
  readonly path: string
}

/** A partner that answers at once, on the processor of the load. */
export async function startUpstream(): Promise<{ origin: string; process: Started }> {
  const port = await freePort()
  const process = await start('upstream', [here('upstream.ts'), String(port)], PINS?.others)
  return { origin: `http://127.0.0.1:${port}`, process }
}

/** A hub on a processor of its own, with the limits off that would refuse a load test and everything else on. */
export async function startHub(databaseUrl: string, environment: Record<string, string> = {}): Promise<Target> {
  const port = await freePort()
  const env = {
    DATABASE_URL: databaseUrl,
    SECRET_KEY: SECRET_KEY_TEXT,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ALLOW_PRIVATE_NETWORKS: 'true',
    INBOUND_REQUESTS_PER_SECOND: '0',
    MAX_DIRECT_PER_PLATFORM: '1000',
    LOG_LEVEL: 'warn',
    ...environment,
  }
  const pin = environment['PROCESSES'] ? ALL_PROCESSORS : PINS?.measured
  const process = await start('hub', [here('../../src/runtime/node.ts')], pin, { env, readyLine: /is ready at/ })
  return { name: 'hub', port, process, path: '/ocpi/2.2.1' }
}

export async function startProxies(upstream: string): Promise<Target[]> {
  const proxies: Target[] = []
  for (const name of ['bare', 'hono'] as const) {
    const port = await freePort()
    const process = await start(name, [here(`${name}-proxy.ts`), String(port), upstream], PINS?.measured)
    proxies.push({
      name: name === 'bare' ? 'bare node:http + undici.request' : 'hono/proxy',
      port,
      process,
      path: '/0',
    })
  }
  const nginx = await startNginx(upstream)
  return nginx ? [...proxies, nginx] : proxies
}

async function startNginx(upstream: string): Promise<Target | null> {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' })
  } catch {
    return null
  }
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'ocpi-hub-bench-'))
  const config = join(folder, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr notice;
    events { worker_connections 1024; }
    http { access_log off; keepalive_requests 1000000; client_body_temp_path ${folder}; proxy_temp_path ${folder};
      upstream partner { server ${upstream.replace('http://', '')}; keepalive 64; keepalive_requests 1000000; }
      server { listen 127.0.0.1:${port}; location / { proxy_pass http://partner; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  )
  const process = await start('nginx', ['-c', config], PINS?.measured, {
    command: 'nginx',
    readyLine: /start worker process/,
  })
  return { name: 'nginx proxy_pass', port, process, path: '/0' }
}

/** The same exchange for each target: platform 1 asks platform 0, or pushes to it. */
export function exchange(method: 'GET' | 'PUT', target: Target, token: string): string {
  const [to, from] = [partyNumber(0), partyNumber(1)]
  const isHub = target.name.startsWith('hub')
  const path =
    method === 'GET'
      ? `${target.path}/${isHub ? 'sender' : 'SENDER'}/locations?limit=1`
      : `${target.path}/${isHub ? 'receiver' : 'RECEIVER'}/tokens/${from.countryCode}/${from.partyId}/TOKEN1`
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: hub.example',
    `Authorization: Token ${btoa(token)}`,
    'X-Request-ID: 6d3c2b1a-0000-4000-8000-000000000001',
    'X-Correlation-ID: 6d3c2b1a-0000-4000-8000-000000000002',
    `OCPI-to-country-code: ${to.countryCode}`,
    `OCPI-to-party-id: ${to.partyId}`,
    `OCPI-from-country-code: ${from.countryCode}`,
    `OCPI-from-party-id: ${from.partyId}`,
    'Accept: application/json',
  ]
  if (method === 'GET') return `${head.join('\r\n')}\r\n\r\n`
  const object = { country_code: from.countryCode, party_id: from.partyId, uid: 'TOKEN1', issuer: '' }
  object.issuer = 'x'.repeat(2048 - JSON.stringify(object).length)
  const body = JSON.stringify(object)
  return `${[...head, 'Content-Type: application/json', `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`
}

export type Measured = { readonly target: Target; readonly results: LoadResult[]; readonly cpuMicros: number[] }

/** Interleaved runs: one of each target, again and again, so that a machine that drifts drifts for all. */
export async function measure(
  targets: readonly { readonly target: Target; readonly request: string; readonly body: string }[],
  options: { readonly runs: number; readonly seconds: number; readonly connections: number },
): Promise<Measured[]> {
  const measured = targets.map(({ target }) => ({ target, results: [] as LoadResult[], cpuMicros: [] as number[] }))
  for (let run = 0; run < options.runs; run++) {
    for (const [index, { target, request: bytes, body }] of targets.entries()) {
      const before = cpuMicroseconds(target.process.pid)
      const result = await load({ ...options, port: target.port, request: bytes, body })
      if (result.wrong > 0) throw new Error(`${target.name}: ${result.wrong} wrong answers`)
      measured[index]?.results.push(result)
      const share = options.seconds / (options.seconds + 0.5)
      measured[index]?.cpuMicros.push(((cpuMicroseconds(target.process.pid) - before) * share) / result.requests)
    }
  }
  return measured
}

/** Requests per second and processor time of each, and against the first. */
export function compare(title: string, measured: readonly Measured[]): Row[] {
  const [yardstick] = measured
  if (!yardstick) return []
  return measured.map(({ target, results, cpuMicros }) => {
    const rates = results.map((result) => result.perSecond)
    const against = ratios(
      rates,
      yardstick.results.map((result) => result.perSecond),
    )
    return {
      measure: title,
      what: target.name,
      figures: {
        'req/s': spread(rates, 0),
        'against bare': spread(against, 2),
        'p50 ms': median(results.map((result) => result.p50Ms)).toFixed(3),
        'p99 ms': median(results.map((result) => result.p99Ms)).toFixed(3),
        'cpu µs/req': median(cpuMicros).toFixed(0),
      },
    }
  })
}

/** Reads a figure of the hub's metrics. */
export async function metric(hub: Target, name: string): Promise<number> {
  const answer = await request(`http://127.0.0.1:${hub.port}/metrics`)
  const line = (await answer.body.text()).split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return Number(line?.split(' ')[1] ?? Number.NaN)
}

/** Resident memory of a process, in megabytes. */
export function residentMb(pid: number): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith('VmRSS'))
  return Number(/(\d+)/.exec(line ?? '')?.[1] ?? 0) / 1024
}
