import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { isRunning } from '../../../src/runtime/node/postgres/server.ts'
import { createTestDatabase } from '../../support/database.ts'
import { freePort } from '../../support/free-port.ts'
import { createHubClient } from '../../support/hub-client.ts'
import { routedModules } from '../../support/partner.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'

const ENTRY = fileURLToPath(new URL('../../../src/runtime/node.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const ADMIN_TOKEN = 'token-of-the-administrator'

let folder: string
let port: number
let children: ChildProcess[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-process-'))
  await chmod(folder, 0o755)
  port = await freePort()
  children = []
})
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  }
  const pid = await serverPid()
  if (pid !== null && (await isRunning(pid))) process.kill(pid, 'SIGQUIT')
  await until(async () => pid === null || !(await isRunning(pid)))
  await rm(folder, { recursive: true, force: true })
})

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('it did not come about within 30 s')
    await sleep(10)
  }
}

async function serverPid(): Promise<number | null> {
  const text = await readFile(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').catch(() => null)
  return text === null ? null : Number(text.split('\n')[0])
}

type Started = { child: ChildProcess; out: () => string; err: () => string; ended: Promise<number | null> }

const USUAL = { MESSAGE_LOG_THREAD: 'off', PROCESSES: '1' }

function launch(settings: Record<string, string> = {}, command = [process.execPath, ENTRY]): Started {
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: ROOT,
    env: { ...USUAL, PATH: process.env.PATH, PORT: String(port), DATA_DIR: join(folder, 'data'), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, out: () => out, err: () => err, ended }
}

async function startHub(settings: Record<string, string> = {}, command?: string[]): Promise<Started> {
  const started = launch(settings, command)
  await until(() => started.out().includes(' is ready at ') || started.child.exitCode !== null)
  if (started.child.exitCode !== null) throw new Error(started.err())
  return started
}

async function refusal(settings: Record<string, string>): Promise<string[]> {
  const { ended, out, err } = launch(settings)
  expect(await ended).toBe(2)
  expect(out()).toBe('')
  const [title, ...lines] = err().trimEnd().split('\n')
  expect(title).toBe('The hub cannot start:')
  return lines.map((line) => line.replace(/^ {2}- /, ''))
}

function call(path: string, token: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers })
}

async function createPlatform(token: string, name: string): Promise<void> {
  const made = await call('/admin/api/platforms', token, { method: 'POST', body: JSON.stringify({ name }) })
  expect(made.status).toBe(201)
}

async function platformNames(token: string): Promise<string> {
  const answer = await call('/admin/api/platforms', token)
  expect(answer.status).toBe(200)
  return await answer.text()
}

/** A request in flight for as long as the test wants: its body is not complete. */
function openRequest(agent: Agent) {
  const body = JSON.stringify({ name: 'Slow but sure' })
  const outgoing = request({
    port,
    agent,
    method: 'POST',
    path: '/admin/api/platforms',
    headers: {
      Authorization: `Bearer ${ADMIN_TOKEN}`,
      'Content-Type': 'application/json',
      'Content-Length': body.length,
    },
  })
  outgoing.write(body.slice(0, 5))
  const status = once(outgoing, 'response').then(([incoming]) => {
    incoming.resume()
    return incoming.statusCode as number
  })
  status.catch(() => {})
  return { finish: () => outgoing.end(body.slice(5)), status }
}

describe('a hub that starts', () => {
  it('shows where it is and, the first time only, the token of its administrator', async () => {
    const first = await startHub()
    const token = /admin token +(\S+)/.exec(first.out())?.[1] ?? ''
    expect(first.out()).toContain(`http://localhost:${port}`)
    expect(first.out()).toContain('NL-HUB')
    expect(first.out()).toContain(join(folder, 'data'))
    expect((await call('/healthz', '')).status).toBe(200)
    await createPlatform(token, 'Kept One')
    expect((await call('/admin/api/platforms', 'not-the-token')).status).toBe(401)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)
    const second = await startHub()
    expect(second.out()).not.toContain('admin token')
    expect(await platformNames(token)).toContain('Kept One')
    for (const line of `${first.err()}${second.err()}`.trim().split('\n')) {
      expect(JSON.parse(line || '{}')).not.toContain(token)
    }
  })

  it('has threads to spare for names that no server resolves', async () => {
    const { child } = await startHub({ ADMIN_TOKEN })
    expect((await readdir(`/proc/${child.pid}/task`)).length).toBeGreaterThan(64)
  })

  it('goes on after kill -9, with its database server left running or not', async () => {
    const first = await startHub({ ADMIN_TOKEN })
    await createPlatform(ADMIN_TOKEN, 'Kept One')
    first.child.kill('SIGKILL')
    await first.ended
    const left = (await serverPid()) ?? 0
    expect(await isRunning(left)).toBe(true)
    const second = await startHub({ ADMIN_TOKEN })
    expect(await serverPid()).toBe(left)
    await createPlatform(ADMIN_TOKEN, 'Kept Two')
    second.child.kill('SIGKILL')
    process.kill(left, 'SIGKILL')
    await second.ended
    await startHub({ ADMIN_TOKEN })
    const names = await platformNames(ADMIN_TOKEN)
    expect(names).toContain('Kept One')
    expect(names).toContain('Kept Two')
  })

  it('runs on a database of your own, and not with the key of another', async () => {
    const [key, other] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string]
    const url = inject('databaseServer')
    const database = new URL(url)
    database.pathname = `/process_${process.pid}`
    const { default: postgres } = await import('postgres')
    const sql = postgres(url, { max: 1, onnotice: () => {} })
    try {
      await sql.unsafe(`create database ${database.pathname.slice(1)}`)
      const hub = await startHub({ DATABASE_URL: database.href, SECRET_KEY: key, ADMIN_TOKEN })
      await createPlatform(ADMIN_TOKEN, 'In your own database')
      hub.child.kill('SIGTERM')
      expect(await hub.ended).toBe(0)
      expect(await refusal({ DATABASE_URL: database.href, SECRET_KEY: other, ADMIN_TOKEN })).toEqual([
        expect.stringContaining('SECRET_KEY'),
      ])
    } finally {
      await sql.unsafe(`drop database if exists ${database.pathname.slice(1)} with (force)`)
      await sql.end()
    }
  })
})

describe('a hub that cannot start says why, all of it, and ends with exit code 2', () => {
  it('port taken and data folder in use by another hub', async () => {
    await startHub()
    const problems = await refusal({ HUB_PARTY_ID: 'TOO LONG' })
    expect(problems).toEqual([
      expect.stringMatching(/^HUB_PARTY_ID="TOO LONG"/),
      expect.stringContaining(`PORT=${port}: another program listens there`),
      expect.stringContaining('another hub uses this folder'),
    ])
    expect((await call('/readyz', '')).status).toBe(200)
  })

  it('database unreachable, settings malformed', async () => {
    const problems = await refusal({
      DATABASE_URL: `postgres://hub:hunter2@127.0.0.1:${port}/hub`,
      ROUTING_POLICY: 'foo',
      MAX_BODY_BYTES: '32MB',
    })
    expect(problems).toEqual([
      expect.stringContaining('MAX_BODY_BYTES=32MB: expected'),
      'ROUTING_POLICY=foo: expected open or agreements',
      expect.stringContaining('SECRET_KEY is missing'),
      expect.stringMatching(/^DATABASE_URL \(not shown\).*ECONNREFUSED/),
    ])
    expect(problems.join()).not.toContain('hunter2')
  })

  it('database that takes the connection and says nothing', async () => {
    const silent = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port: at } = silent.address() as { port: number }
    const settings = { DATABASE_URL: `postgres://hub:word@127.0.0.1:${at}/hub`, SECRET_KEY: 'A'.repeat(43) }
    expect(await refusal(settings)).toEqual([expect.stringContaining('no answer within')])
    silent.close()
  })

  it.runIf(process.platform === 'linux')('data folder where none can be made', async () => {
    expect(await refusal({ DATA_DIR: '/proc/hub/data' })).toEqual([
      expect.stringMatching(/^\/proc\/hub\/data\/secret-key cannot be kept: ENOENT/),
    ])
  })

  it('database that may only be read', async () => {
    const database = await createTestDatabase({ isEmpty: true })
    const url = `${database.url}?default_transaction_read_only=on`
    expect(await refusal({ DATABASE_URL: url, SECRET_KEY: Buffer.alloc(32).toString('base64') })).toEqual([
      expect.stringMatching(/^The database cannot be given the schema.*read-only transaction$/),
    ])
    await database.drop()
  })

  it('address of another machine', async () => {
    expect(await refusal({ HOST: '192.0.2.1' })).toEqual([
      expect.stringContaining('HOST=192.0.2.1: expected an address'),
    ])
  })
})

describe('a hub that is told to stop', () => {
  it('answers what is in flight, takes nothing new, and ends with its database', async () => {
    const hub = await startHub({ ADMIN_TOKEN })
    const pid = (await serverPid()) ?? 0
    const agent = new Agent({ keepAlive: true })
    const inFlight = openRequest(agent)
    // The hub reads in order of arrival: once it answers this, it has the first part of the other.
    await platformNames(ADMIN_TOKEN)
    hub.child.kill('SIGTERM')
    await until(() =>
      call('/healthz', '').then(
        () => false,
        () => true,
      ),
    )
    inFlight.finish()
    expect(await inFlight.status).toBe(201)
    expect(await hub.ended).toBe(0)
    expect(hub.err()).not.toContain('not finished in time')
    expect(await isRunning(pid)).toBe(false)
    agent.destroy()
  })

  it('by a signal to the npm that started it, ends too: no shell stands between', async () => {
    const hub = await startHub({}, ['npm', 'start'])
    hub.child.kill('SIGTERM')
    await hub.ended
    expect(hub.err()).toContain('"signal":"SIGTERM"')
    await expect(call('/healthz', '')).rejects.toThrow('fetch failed')
  })

  it('by Ctrl-C, which npm passes on beside the terminal, ends in order all the same', async () => {
    const hub = await startHub()
    const pid = await serverPid()
    // Of one kind they could arrive as one.
    hub.child.kill('SIGINT')
    hub.child.kill('SIGTERM')
    expect(await hub.ended).toBe(0)
    expect(pid !== null && (await isRunning(pid))).toBe(false)
  })

  it('does not wait for a request that never ends', async () => {
    const hub = await startHub({ ADMIN_TOKEN })
    const agent = new Agent()
    const inFlight = openRequest(agent)
    await platformNames(ADMIN_TOKEN)
    const asked = Date.now()
    hub.child.kill('SIGTERM')
    expect(await hub.ended).toBe(0)
    expect(Date.now() - asked).toBeLessThan(5000)
    await expect(inFlight.status).rejects.toThrow()
    expect(await serverPid()).toBeNull()
    agent.destroy()
  })

  it.each(['off', 'on'])('its database away, says what the message log lost, with its thread %s', async (thread) => {
    const database = await createTestDatabase()
    const proxy = await startTcpProxy(database.url)
    const PUBLIC_URL = `http://127.0.0.1:${port}`
    const SECRET_KEY = Buffer.alloc(32, 1).toString('base64')
    const hub = await startHub({
      ...{ ADMIN_TOKEN, PUBLIC_URL, SECRET_KEY, DATABASE_URL: proxy.url, ALLOW_PRIVATE_NETWORKS: 'true' },
      MESSAGE_LOG_THREAD: thread,
    })
    const client = createHubClient(PUBLIC_URL, ADMIN_TOKEN)
    try {
      const cpo = await client.join({
        name: 'cpo',
        parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }],
      })
      proxy.freeze()
      const to = { country_code: 'NL', party_id: 'NIL' }
      expect((await cpo.call('tokens', 'SENDER', { to })).statusCode).toBe(4001)
      hub.child.kill('SIGTERM')
      expect(await hub.ended).toBe(0)
      expect(hub.err()).toContain('"alarm":"message-log-dropped"')
    } finally {
      await client.closePartners()
      await proxy.close()
      await database.drop()
    }
  })
})

describe('a hub that is told to stop while it delivers broadcasts', () => {
  const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
  const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const

  it('finishes the delivery under way, and delivers the others after the next start, each once and in order', async () => {
    const PUBLIC_URL = `http://127.0.0.1:${port}`
    const settings = { ADMIN_TOKEN, PUBLIC_URL, ALLOW_PRIVATE_NETWORKS: 'true', DELIVERY_CONCURRENCY: '1' }
    const hub = await startHub(settings)
    const client = createHubClient(PUBLIC_URL, ADMIN_TOKEN)
    try {
      const cpo = await client.join({ name: 'cpo', parties: [CPO] })
      const emsp = await client.join({ name: 'emsp', parties: [EMSP], modules: routedModules([EMSP]) })
      const delivered = () => emsp.requests.filter((each) => each.module === 'locations').map((each) => each.suffix)
      const isHeld = Promise.withResolvers<void>()
      emsp.on('locations', 'RECEIVER', async () => {
        await isHeld.promise
        return {}
      })
      const paths = ['A', 'B', 'C'].map((name) => `/NL/CPO/${name}`)
      for (const path of paths) {
        const push = { method: 'PATCH', path, body: {}, to: { country_code: 'NL', party_id: 'HUB' } }
        expect((await cpo.call('locations', 'RECEIVER', push)).statusCode).toBe(1000)
      }
      await until(() => delivered().length === 1)
      hub.child.kill('SIGTERM')
      await until(() =>
        call('/healthz', '').then(
          () => false,
          () => true,
        ),
      )
      isHeld.resolve()
      expect(await hub.ended).toBe(0)
      expect(delivered()).toEqual(paths.slice(0, 1))

      const again = await startHub(settings)
      await until(async () => {
        const { body } = await client.admin('GET', '/queues')
        return body.some((queue: { delivered: number }) => queue.delivered === paths.length)
      })
      expect(delivered()).toEqual(paths)
      again.child.kill('SIGTERM')
      expect(await again.ended).toBe(0)
    } finally {
      await client.closePartners()
    }
  })
})

describe('a hub of several processes', () => {
  it('replaces one that was killed, and ends as a whole', async () => {
    const hub = await startHub({ ADMIN_TOKEN, PROCESSES: '2' })
    await createPlatform(ADMIN_TOKEN, 'Known to all')
    const workers = await workersOf(hub.child.pid ?? 0)
    expect(workers).toHaveLength(2)
    process.kill(workers[0] ?? 0, 'SIGKILL')
    await until(async () => {
      const now = await workersOf(hub.child.pid ?? 0)
      return now.length === 2 && !now.includes(workers[0] ?? 0)
    })
    for (let i = 0; i < 4; i++) expect(await platformNames(ADMIN_TOKEN)).toContain('Known to all')
    hub.child.kill('SIGTERM')
    expect(await hub.ended).toBe(0)
    expect(await serverPid()).toBeNull()
  })

  it('starts although one fails while the others start, which is started again', async () => {
    const faulty = join(folder, 'fails-at-first.mjs')
    await writeFile(
      faulty,
      `import cluster from 'node:cluster'
       if (cluster.worker?.id === 2 || cluster.worker?.id === 4) process.on('message', () => process.exit(1))`,
    )
    const hub = await startHub({ ADMIN_TOKEN, PROCESSES: '3', NODE_OPTIONS: `--import=${faulty}` })
    await until(() => hub.err().split('a worker process does not start').length === 3)
    await until(async () => (await workersOf(hub.child.pid ?? 0)).length === 3)
    await createPlatform(ADMIN_TOKEN, 'Known to all')
    hub.child.kill('SIGTERM')
    expect(await hub.ended).toBe(0)
  })

  it('does not start where its settings are wrong, and says so once', async () => {
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    const lines = await refusal({ ADMIN_TOKEN, PROCESSES: '3' })
    expect(lines).toEqual([expect.stringContaining(`${port}`)])
    other.close()
  })

  it('tells the metrics of all of them, whichever is asked, and goes on counting when one is replaced', async () => {
    const hub = await startHub({ ADMIN_TOKEN, PROCESSES: '2' })
    await createPlatform(ADMIN_TOKEN, 'Known to all')
    for (let i = 0; i < 10; i++) expect((await strangerAsks()).status).toBe(401)
    for (let i = 0; i < 4; i++) {
      expect(await metric('ocpi_hub_refused_logins_total')).toBe(10)
      expect(await metric('ocpi_hub_platforms{status="PLANNED"}')).toBe(1)
    }
    const [first = 0] = await workersOf(hub.child.pid ?? 0)
    process.kill(first, 'SIGKILL')
    await until(async () => {
      const now = await workersOf(hub.child.pid ?? 0)
      return now.length === 2 && !now.includes(first)
    })
    await strangerAsks()
    expect(await metric('ocpi_hub_refused_logins_total')).toBe(11)
    hub.child.kill('SIGTERM')
    expect(await hub.ended).toBe(0)
  })
})

/** A request with a token that is not valid, on a connection of its own: the processes take turns. */
function strangerAsks(): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/ocpi/versions`, {
    headers: { Authorization: 'Token no', Connection: 'close' },
  })
}

/** One number of the hub's metrics, asked for by a connection of its own, so that any of its processes may answer. */
async function metric(series: string): Promise<number> {
  const text = await (await call('/metrics', '', { headers: { Connection: 'close' } })).text()
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? Number.NaN)
}

/** Node's child processes of a process; its database server is one as well, in a session of its own. */
async function workersOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const children = text.trim().split(' ').map(Number)
  const commands = await Promise.all(
    children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')),
  )
  return children.filter((_, i) => commands[i]?.includes('node.ts'))
}
