// Who the command line is to the hub: keys, people, profiles; and how a shell completes it.

import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { momentAhead, momentOf } from '../../src/cli/input.ts'
import { createProgram } from '../../src/cli/program.ts'
import { freePort } from '../support/free-port.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { createCli } from './run-cli.ts'

let hub: TestHub
let home: string
let cli: ReturnType<typeof createCli>

const words = (line: string) => line.split(' ')

beforeAll(async () => {
  hub = await startTestHub({ FAILED_LOGINS_PER_MINUTE: '100' })
})
afterAll(() => hub.close())
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cli-home-'))
  cli = createCli({ HOME: home })
  return () => rm(home, { recursive: true })
})

test('the way into the console is a link that signs in once', async () => {
  const env = { OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken }
  const { code, out } = await cli(['console'], { env })
  expect(code).toBe(0)
  expect(out.startsWith(`${hub.url}/admin/sign-in?ticket=`)).toBe(true)
  const enter = async () => (await fetch(out.trim(), { redirect: 'manual' })).headers.get('Location')
  expect(await enter()).toBe('/admin')
  expect(await enter()).toMatch(/^\/admin\/sign-in/)
})

describe('a profile', () => {
  const add = (name: string, url: string, key = hub.adminToken) =>
    cli(['profile', 'add', name, url, '--key-stdin'], { stdin: `${key}\n` })

  test('keeps a hub and its key where only its owner reads, and is used where none is named', async () => {
    const path = join(home, '.config/ocpi-hub/config.json')
    expect((await add('here', `${hub.url}/`)).out).toBe(`here is kept in ${path}\n`)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await cli(['whoami'])).out).toContain('owner')
    await chmod(path, 0o644)
    expect(await cli(['whoami'])).toMatchObject({
      code: 2,
      err: `${path} holds keys and others may read it: chmod 600 ${path}\n`,
    })
  })

  test('lies where XDG_CONFIG_HOME says', async () => {
    const typed = { stdin: 'key', env: { XDG_CONFIG_HOME: join(home, 'xdg') } }
    await cli(['profile', 'add', 'here', hub.url, '--key-stdin'], typed)
    expect(JSON.parse(await readFile(join(home, 'xdg/ocpi-hub/config.json'), 'utf8'))).toEqual({
      current: 'here',
      profiles: { here: { url: hub.url, key: 'key' } },
    })
  })

  test('is listed without its key, chosen, and forgotten', async () => {
    await add('here', hub.url)
    await add('away', 'https://hub.example')
    expect((await cli(words('profile list'))).out).toBe(
      `   NAME  HUB\n●  here  ${hub.url}\n   away  https://hub.example\n`,
    )
    expect(JSON.parse((await cli(words('profile list --json'))).out)[1]).toEqual({
      name: 'away',
      url: 'https://hub.example',
      in_use: false,
    })
    expect((await cli(words('profile use away'))).code).toBe(0)
    expect((await cli(words('whoami --profile here'))).code).toBe(0)
    expect((await cli(words('profile use nosuch'))).code).toBe(2)
    expect((await cli(words('profile remove away'))).code).toBe(2)
    expect((await cli(words('profile remove away --yes'))).code).toBe(0)
    expect((await cli(['whoami'])).code).toBe(2)
  })

  test('gives its key to its own hub only', async () => {
    await add('here', hub.url)
    expect((await cli(['whoami', '--url', hub.url])).code).toBe(5)
    expect((await cli(['whoami'], { env: { OCPI_HUB_URL: hub.url } })).code).toBe(5)
  })

  test('named by an option goes before the environment, and the environment before the one in use', async () => {
    await add('away', `http://127.0.0.1:${await freePort()}`)
    const env = { OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken }
    expect((await cli(['whoami'], { env })).code).toBe(0)
    expect((await cli(words('whoami --profile away'), { env })).code).toBe(6)
  })

  test('asks for its key at a terminal, and never takes it as an argument', async () => {
    expect((await cli(['profile', 'add', 'here', hub.url])).err).toBe('Give the key on stdin, with --key-stdin\n')
    expect((await cli(['profile', 'add', 'here', hub.url], { answers: [hub.adminToken] })).code).toBe(0)
    expect((await cli(['profile', 'add', 'here', hub.url, hub.adminToken])).code).toBe(2)
  })
})

describe('people and keys', () => {
  beforeEach(() => {
    cli = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: hub.adminToken })
  })

  test('people are added with a password from stdin or a prompt, changed and removed', async () => {
    const stdin = ' correct horse battery \r\n'
    expect((await cli(words('admins add Ada --role operator --password-stdin'), { stdin })).out).toMatch(
      /^NAME .*\nAda +operator/,
    )
    // As the console takes it: with the spaces that belong to it, and without the line end that does not.
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ name: 'Ada', password: ' correct horse battery ' })
    expect((await fetch(`${hub.url}/admin/api/session`, { method: 'POST', headers, body })).status).toBe(201)
    expect((await cli(words('admins add Bob --role read-only'), { answers: ['correct horse battery'] })).code).toBe(0)
    expect((await cli(words('admins add Cy --role read-only --no-password'))).out).toContain('no password')
    expect((await cli(words('admins add Dan --role read-only'))).code).toBe(2)
    expect((await cli(words('admins add Ada --role owner --no-password'))).code).toBe(7)
    expect((await cli(words('admins set ada --role read-only --see-bodies on --disabled on'))).out).toMatch(
      /Ada +read-only +never +sees bodies, disabled/,
    )
    expect((await cli(words('admins remove Cy'))).code).toBe(2)
    expect((await cli(words('admins remove Cy --yes'))).out).toBe('Cy is removed\n')
    expect((await cli(words('admins list'))).out).not.toContain('Cy')
  })

  test('keys are made, shown once, let in, and end', async () => {
    const made = await cli(words('keys add export --role read-only --expires 2099-01-01'))
    const key = /^key +(ohk_\S+)$/m.exec(made.out)?.[1] ?? ''
    const reader = createCli({ OCPI_HUB_URL: hub.url, OCPI_HUB_KEY: key })
    expect((await reader(['whoami'])).out).toMatch(/^name +export\nrole +read-only\nsees bodies +no\nlet in by +key$/m)
    const listed = (await cli(words('keys list'))).out
    expect(listed).toMatch(/export +read-only +ohk_[\w-]+… .* 2099-01-01 00:00:00/)
    expect(listed).not.toContain(key)
    expect((await cli(words('keys set export --disabled on'))).out).toContain('disabled')
    expect((await reader(['whoami'])).code).toBe(5)
    expect((await cli(words('keys remove export --yes'))).code).toBe(0)
  })
})

test('a moment to come is named by how far it is, as one that is past', () => {
  expect(momentAhead(() => 0)('2h')).toBe('1970-01-01T02:00:00.000Z')
  expect(momentOf(() => 86_400_000)('1d')).toBe('1970-01-01T00:00:00.000Z')
})

describe('help', () => {
  const io = { env: {}, out: () => undefined, err: () => undefined, columns: null } as never
  const all = (command: ReturnType<typeof createProgram>): (typeof command)[] =>
    command.commands.flatMap((one) => (one.commands.length > 0 ? all(one as never) : [one])) as never

  test('has an example that is called as it stands for every command', async () => {
    const commands = all(createProgram(io)).filter((command) => command.name() !== 'complete')
    expect(commands.length).toBeGreaterThan(50)
    for (const command of commands) {
      const path = [command.parent?.name(), command.name()].filter((name) => name !== 'ocpi-hub').join(' ')
      const { code, out } = await createCli({})([...words(path), '--help'])
      expect(code, path).toBe(0)
      expect(out, path).toMatch(new RegExp(`Examples?:\n.*ocpi-hub ${path}`))
    }
  })
})

describe('completion', () => {
  test.each([
    ['que', 'queues'],
    ['queues pa', 'pause'],
    ['platforms list --st', '--status'],
    ['platforms list --status off', 'offline'],
    ['--profile here agreements al', 'allow'],
    ['completion b', 'bash'],
  ])('offers what goes on with: %s', async (begun, word) => {
    expect((await cli(['complete', '--', ...begun.split(' ')])).out).toBe(`${word}\n`)
  })

  test.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    expect((await cli(['completion', shell])).out).toContain('ocpi-hub complete --')
  })

  test('works in bash', async () => {
    const program = `ocpi-hub() { '${process.execPath}' src/runtime/cli.ts "$@"; }`
    const press = 'COMP_WORDS=(ocpi-hub queues re); COMP_CWORD=2; _ocpi_hub; printf "%s\\n" "${COMPREPLY[@]}"'
    const script = `${program}\n${(await cli(['completion', 'bash'])).out}\n${press}`
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: join(import.meta.dirname, '../..') })
    expect(stdout).toBe('resume\nresend\n')
  })
})
