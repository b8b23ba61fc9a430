import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unstable_readConfig as readConfig } from 'wrangler'
import { OBJECTS, workerdConfig } from '../../src/runtime/edge/workerd-config.ts'
import { placeOf, readPage } from '../docs/pages.ts'

// What an operator deploys by, as wrangler reads it, and the commands of the operators' page: all of it that needs no account.

/** As much of it as the hub is concerned with. */
type Environment = {
  readonly name: string
  readonly vars: Readonly<Record<string, string>>
  readonly secrets: { readonly required: readonly string[] }
  readonly routes: readonly object[]
  readonly workers_dev: boolean
  readonly preview_urls: boolean
  readonly durable_objects: { readonly bindings: readonly { readonly class_name: string }[] }
  readonly migrations: readonly { readonly new_sqlite_classes?: readonly string[] }[]
  readonly hyperdrive: readonly { readonly binding: string }[]
  readonly triggers: { readonly crons: readonly string[] }
  readonly observability: { readonly enabled: boolean }
  readonly limits: { readonly cpu_ms: number }
  readonly placement: object
  readonly compatibility_date: string
  readonly compatibility_flags: readonly string[]
}

const config = (env: string) => readConfig({ config: placeOf('wrangler.toml'), env }) as Environment

describe.each(['staging', 'production'])('the environment %s', (environment) => {
  const read = config(environment)

  test('has all that the hub needs of the platform', () => {
    const classes = Object.values(OBJECTS)
    expect(read.durable_objects.bindings.map(({ class_name }) => class_name)).toEqual(classes)
    expect(read.migrations.flatMap(({ new_sqlite_classes = [] }) => new_sqlite_classes)).toEqual(classes)
    expect(read.hyperdrive.map(({ binding }) => binding)).toEqual(['HYPERDRIVE'])
    expect(read.triggers.crons).toEqual(['* * * * *'])
    expect(read.observability.enabled).toBe(true)
    expect(read.limits.cpu_ms).toBeGreaterThan(0)
    expect(read.placement).toEqual({ mode: 'smart' })
  })

  test('calls partners as from the Internet, names of its own domain too', () => {
    expect(read.compatibility_flags).toContain('global_fetch_strictly_public')
  })

  test('is reached at its public URL alone', () => {
    const { host } = new URL(read.vars['PUBLIC_URL'] ?? '')
    expect(read.routes).toEqual([{ pattern: host, custom_domain: true }])
    expect([read.workers_dev, read.preview_urls]).toEqual([false, false])
  })

  test('names its secrets, and holds none', () => {
    expect(read.secrets.required).toEqual(['SECRET_KEY', 'ADMIN_TOKEN'])
    expect(Object.keys(read.vars).filter((name) => /KEY|TOKEN|DATABASE_URL/.test(name))).toEqual([])
  })
})

test('staging and production are Workers of their own', () => {
  expect(config('staging').name).not.toBe(config('production').name)
})

test('the hub runs here by the same rules of the runtime as there', () => {
  const { compatibility_date: date, compatibility_flags: flags } = config('production')
  const settings = { bundle: '/b.js', dataDir: '/', host: '::1', port: 1, databaseUrl: 'postgres://h/d', settings: {} }
  const local = workerdConfig(settings)
  expect(local).toContain(`compatibilityDate = "${date}"`)
  // The other one holds by itself from that date on.
  const named = flags.filter((flag) => flag !== 'nodejs_compat').map((flag) => `"${flag}"`)
  expect(local).toContain(`compatibilityFlags = [${named.join(', ')}]`)
})

describe('the commands of the operators’ page', () => {
  const page = readPage('docs/operators.md')
  const [, secrets = ''] = /```bash\n(.*production\.secrets.*)\n/.exec(page) ?? []
  const commands = [...new Set([...page.matchAll(/`(?:[^`]*&& )?npx (wrangler [^`]+)`/g)].map(([, text = '']) => text))]
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-wrangler-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /** Types it in the folder, with the project's programs, and without the network. */
  async function type(text: string): Promise<string> {
    const PATH = `${placeOf('node_modules/.bin')}:${process.env['PATH']}`
    const env = { PATH, HOME: folder, CI: '1', WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' }
    const { stdout } = await promisify(execFile)('bash', ['-ec', text], { cwd: folder, env })
    return stdout
  }

  test('name what wrangler knows', { timeout: 240_000 }, async () => {
    const optionsOf = new Map<string, Set<string>>()
    for (const command of commands) {
      const words = command.split(' ').slice(1)
      const verb = words.slice(0, ['hyperdrive', 'secret', 'versions'].includes(words[0] ?? '') ? 2 : 1).join(' ')
      const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0] ?? '')
      optionsOf.set(verb, new Set([...(optionsOf.get(verb) ?? []), ...options]))
    }
    expect(optionsOf.size).toBeGreaterThan(5)
    for (const [verb, options] of optionsOf) {
      const help = await type(`wrangler ${verb} --help`)
      expect(help).toContain(`wrangler ${verb}`)
      for (const option of options) expect(help, verb).toMatch(new RegExp(`${option}\\b`))
    }
  })

  test('make secrets with which the first deployment goes', { timeout: 60_000 }, async () => {
    await type(secrets)
    const deploy = commands.find((command) => command.includes('--secrets-file')) as string
    const said = await type(`${deploy} --dry-run --outdir ${folder}/out --config ${placeOf('wrangler.toml')}`)
    for (const name of config('production').secrets.required) expect(said).toContain(`env.${name} `)
  })
})
