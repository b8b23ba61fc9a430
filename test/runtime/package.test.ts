// What somebody has who installs the package into an empty folder: packed as `npm pack` does, from a copy of the project.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What a clone has and `npm pack` reads. */
const PROJECT = ['src', 'migrations', 'docs', 'package.json', 'README.md', 'CHANGELOG.md', 'LICENSE']

/** Without what this run's npm and vitest say of themselves; the Node of this run comes first. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|VITE|NODE_|HUB_RUNTIME)/.test(name))),
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
}
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']

let project: string
let folder: string
let packed: { readonly filename: string; readonly files: readonly { readonly path: string }[] }
const running: ChildProcess[] = []

const npm = (cwd: string, words: readonly string[]) => promisify(execFile)('npm', words, { cwd, env })

/** Runs the program of the package, as its user types it. */
function npx(words: readonly string[], settings: Record<string, string> = {}) {
  const child = spawn('npx', ['ocpi-hub', ...words], { cwd: folder, env: { ...env, ...settings }, detached: true })
  running.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  return { child, said: () => said, ended: once(child, 'close').then(([code]) => code as number | null) }
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'package-of-'))
  folder = await mkdtemp(join(tmpdir(), 'package-in-'))
  for (const name of PROJECT) await cp(join(ROOT, name), join(project, name), { recursive: true })
  await writeFile(join(project, 'src/demo/note.txt'), 'no script')
  await writeFile(join(project, 'src/demo/.run.ts.swp'), 'what an editor left')
  const { stdout } = await npm(project, ['pack', '--json', '--loglevel=error'])
  const told = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)))
  packed = (Array.isArray(told) ? told : Object.values(told))[0]
  await npm(folder, [...INSTALL, join(project, packed.filename)])
}, 120_000)
afterAll(async () => {
  for (const { pid, exitCode, signalCode } of running) {
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
  }
  await Promise.all([project, folder].map((path) => rm(path, { recursive: true, force: true })))
})

test('the package has scripts without types, whatever lies beside them, and the migrations', () => {
  const paths = packed.files.map(({ path }) => path)
  expect(paths.filter((path) => /\.ts$|^(src|test|node_modules)\/|\/\./.test(path))).toEqual([])
  for (const path of ['dist/runtime/cli.js', 'dist/demo/note.txt', 'migrations/meta/_journal.json', 'LICENSE']) {
    expect(paths).toContain(path)
  }
})

test('it forces no Node on whoever has one, and says which it needs', async () => {
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules/ocpi-hub/package.json'), 'utf8'))
  expect(manifest.optionalDependencies).toBeUndefined()
  expect(manifest.engines).toEqual({ node: '>=22.19.0' })
  await expect(readFile(join(folder, 'node_modules/.bin/node'))).rejects.toThrow('ENOENT')
})

test('packing leaves the project as it was', async () => {
  expect(await readFile(join(project, 'package.json'), 'utf8')).toBe(await readFile(join(ROOT, 'package.json'), 'utf8'))
})

test('a pack that broke off takes back the manifest, and none that was changed since', async () => {
  const manifest = join(project, 'package.json')
  const before = await readFile(manifest, 'utf8')
  const pack = (order: string) => promisify(execFile)('node', ['src/package/pack.ts', order], { cwd: project, env })
  await pack('make')
  expect(await readFile(manifest, 'utf8')).not.toBe(before)
  await pack('restore')
  expect(await readFile(manifest, 'utf8')).toBe(before)
  await pack('make')
  const changed = before.replace('"version"', '"homepage": "https://hub.example",\n  "version"')
  await writeFile(manifest, changed)
  await pack('restore')
  await pack('restore')
  expect(await readFile(manifest, 'utf8')).toBe(changed)
  await writeFile(manifest, before)
})

test('the demo makes its round', { timeout: 90_000 }, async () => {
  const demo = npx(['demo', '--once'])
  const code = await demo.ended
  expect(demo.said()).toMatch(/Summary: (\d+) of \1 steps as expected/)
  expect(code).toBe(0)
})

test('the hub starts, answers its own command line, and stops when told to', { timeout: 90_000 }, async () => {
  const port = String(await freePort())
  const token = 'token-of-the-package-0123456789'
  const hub = npx(['start'], { PORT: port, ADMIN_TOKEN: token, MESSAGE_LOG_THREAD: 'on' })
  await until(() => hub.said().includes(' is ready at ') || hub.child.exitCode !== null, 'Expected the hub', 60_000)
  const url = `http://127.0.0.1:${port}`
  expect((await fetch(`${url}/healthz`)).status, hub.said()).toBe(200)
  const asked = npx(['whoami', '--json'], { OCPI_HUB_URL: url, OCPI_HUB_KEY: token })
  expect(await asked.ended).toBe(0)
  expect(JSON.parse(asked.said())).toMatchObject({ name: 'owner', role: 'owner' })
  const made = await fetch(`${url}/admin/api/platforms`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: '{"name":"CPO"}',
  })
  const { registration } = (await made.json()) as { registration: { token: string } }
  await fetch(`${url}/ocpi/versions`, { headers: { Authorization: `Token ${registration.token}` } })
  const isLogged = async () => /^ocpi_hub_message_log_written 1$/m.test(await (await fetch(`${url}/metrics`)).text())
  await until(isLogged, 'Expected the thread of the message log to write')
  // Ctrl-C goes to every process of a terminal.
  process.kill(-(hub.child.pid as number), 'SIGINT')
  await hub.ended
  await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
})
