import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { request } from 'undici'
import { START_ENVIRONMENT, START_OPTIONS } from '../support/start-script.ts'
import { ALL_PROCESSORS, freePort, PINS, type Started, start } from './processes.ts'
import { SECRET_KEY_TEXT } from './seed.ts'

const here = (file: string) => new URL(file, import.meta.url).pathname

export type Target = {
  readonly name: string
  readonly port: number
  readonly process: Started
  /** Where the target listens for what the hub knows as the receiver's module. */
  readonly path: string
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
    CONNECTION_CHECK: 'off',
    INBOUND_REQUESTS_PER_SECOND: '0',
    BROADCASTS_PER_SECOND: '0',
    MAX_DIRECT_PER_PLATFORM: '1000',
    LOG_LEVEL: 'warn',
    ...START_ENVIRONMENT,
    ...environment,
  }
  const pin = environment['PROCESSES'] ? ALL_PROCESSORS : PINS?.measured
  const process = await start('hub', [...START_OPTIONS, here('../../src/runtime/node.ts')], pin, {
    env,
    readyLine: /is ready at/,
  })
  return { name: 'hub', port, process, path: '/ocpi/2.2.1' }
}

export async function startProxies(upstream: string): Promise<Target[]> {
  const proxies = [
    await startProxy('bare node:http + undici.request', 'bare-proxy.ts', upstream, 'pipe'),
    await startProxy('hono/proxy', 'hono-proxy.ts', upstream),
    await startProxy('bare, with stream.pipeline', 'bare-proxy.ts', upstream, 'pipeline'),
  ]
  const nginx = await startNginx(upstream)
  return nginx ? [...proxies, nginx] : proxies
}

async function startProxy(name: string, script: string, upstream: string, ...more: string[]): Promise<Target> {
  const port = await freePort()
  const process = await start(name, [here(script), String(port), upstream, ...more], PINS?.measured)
  return { name, port, process, path: '/0' }
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

/** Another hub, whoever wrote it. */
export async function startBeside(program: string, upstream: string): Promise<Target> {
  const port = await freePort()
  const process = await start(program, [String(port), upstream], PINS?.measured, { command: program })
  return { name: `hub beside: ${basename(program)}`, port, process, path: '/ocpi/2.2.1' }
}

/** Reads a figure of the hub's metrics. */
export async function metric(hub: Target, name: string): Promise<number> {
  const answer = await request(`http://127.0.0.1:${hub.port}/metrics`)
  const line = (await answer.body.text()).split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return Number(line?.split(' ')[1] ?? Number.NaN)
}

/** Resident memory of a process, in megabytes. */
export function residentMb(pid: number): number {
  return statusMb(pid, 'VmRSS')
}

/** The most it ever had. */
export function peakMb(pid: number): number {
  return statusMb(pid, 'VmHWM')
}

function statusMb(pid: number, field: string): number {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n')
  const line = lines.find((candidate) => candidate.startsWith(field))
  return Number(/(\d+)/.exec(line ?? '')?.[1] ?? 0) / 1024
}
