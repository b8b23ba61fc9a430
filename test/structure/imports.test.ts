import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser'
import { beforeAll, describe, expect, test } from 'vitest'

/** What a room may import beside itself; packages by name. */
type Room = {
  readonly rooms: readonly string[]
  readonly packages: readonly string[]
  readonly node?: boolean
  /** Rooms and packages of which it takes types and nothing that runs. */
  readonly types?: readonly string[]
}

const ROOMS: Readonly<Record<string, Room>> = {
  ocpi: { rooms: [], packages: [] },
  hub: { rooms: ['ocpi'], packages: ['p-queue'] },
  http: { rooms: ['hub', 'ocpi'], packages: ['hono'] },
  admin: { rooms: ['hub', 'ocpi'], packages: ['hono', '@hono/zod-openapi', 'zod'] },
  // Simulated partners, within the hub's process; their parties know nothing of the hub.
  sandbox: { rooms: ['hub', 'ocpi'], packages: ['hono'] },
  // Of the administrators' room it has parts of pages and the words for what is shown, see the rule below.
  partner: { rooms: ['hub', 'ocpi', 'admin'], packages: ['hono'] },
  storage: { rooms: ['hub', 'ocpi'], packages: ['drizzle-orm', 'postgres'] },
  // What a command was called with, whichever room's command it is.
  command: { rooms: [], packages: [], node: true },
  // A client over HTTP: of the hub it knows what its API answers, and runs nothing of it.
  cli: { rooms: [], packages: ['commander'], node: true, types: ['admin', 'zod'] },
  // The demo is a program of its own: its processes need Node, its partners a server and a client.
  demo: { rooms: ['ocpi', 'command', 'sandbox'], packages: ['hono', '@hono/node-server', 'undici'], node: true },
}

type Directions = Readonly<Record<string, readonly string[]>>
type Rules = NonNullable<IFlattenedRuleSet['forbidden']>

/**
 * What the parts of a folder may import of each other, beside themselves: only parts that stand above them, so that no two
 * import each other. A part is a folder, a file, or `*.ts`: every file that lies at the folder's top. A file that is not named
 * is imported by no part and may import all of them.
 */
const PARTS: Readonly<Record<string, Directions>> = {
  'src/hub': {
    '*.ts': [],
    administration: ['*.ts'],
    message: ['*.ts'],
    network: ['*.ts', 'administration'],
    translate: ['*.ts', 'administration', 'message', 'network'],
    corridor: ['*.ts', 'administration', 'message', 'network', 'translate'],
    webhooks: ['*.ts', 'administration', 'message', 'corridor'],
    'get-all': ['*.ts', 'message', 'network', 'translate', 'corridor'],
    registration: ['*.ts', 'administration', 'message', 'network', 'translate', 'corridor'],
    check: ['*.ts', 'administration', 'message', 'network', 'translate', 'corridor', 'registration'],
    push: ['*.ts', 'administration', 'message', 'network', 'translate', 'corridor'],
    shadow: ['*.ts', 'message', 'network', 'translate', 'corridor', 'push'],
    // The lane that tells a platform of others is one of its push queue; push knows nothing of it.
    presence: ['*.ts', 'administration', 'network', 'registration', 'push'],
    'open-routing': ['*.ts', 'message', 'network', 'translate', 'corridor', 'get-all', 'push'],
  },
  'src/hub/push': {
    'fifo.ts': [],
    'push.ts': [],
    'cursor.ts': ['push.ts'],
    log: ['fifo.ts', 'push.ts'],
    accept: ['push.ts', 'log'],
    attempt: ['push.ts'],
    queue: ['fifo.ts', 'push.ts', 'cursor.ts', 'log', 'attempt'],
    drain: ['push.ts', 'cursor.ts', 'log', 'attempt', 'queue'],
  },
  'src/admin': {
    'ports.ts': [],
    'problem.ts': [],
    'use-cases': ['ports.ts'],
    'sign-in': ['ports.ts', 'problem.ts'],
    api: ['ports.ts', 'problem.ts', 'use-cases', 'sign-in'],
    // Asks the API as anybody does, and knows its types: see the rule below.
    console: ['ports.ts', 'problem.ts', 'sign-in', 'api'],
  },
  'src/sandbox': { party: [] },
  'src/runtime': {
    shared: [],
    metrics: [],
    settings: ['shared'],
    wiring: ['shared', 'settings'],
    // What runs on Workers knows nothing of what runs on Node.
    workers: ['shared', 'metrics', 'settings', 'wiring'],
    'workers.ts': ['workers'],
    node: ['shared', 'metrics', 'settings', 'wiring'],
    // Runs the Worker on this machine, as a program: imports nothing of it.
    edge: ['shared', 'settings', 'node'],
  },
}

/** What pages for partners are made of, as those for administrators are; no route, no page, no use case. */
const PARTNER_TAKES = [
  '^src/admin/console/parts/',
  '^src/admin/console/(assets|headers|views)\\.ts$',
  '^src/admin/api/[^/]+/[^/]+-view\\.ts$',
  '^src/admin/sign-in/session-cookie\\.ts$',
]

/** Agreements, limits, presence and what tells of messages are the same whatever versions partners speak. */
const UNVERSIONED = [
  '^src/hub/(administration|message|presence|webhooks)/',
  '^src/hub/(limits|take-turns|in-parallel)\\.ts$',
  '^src/hub/network/(agreement-store|pairs|policy|seen-by)\\.ts$',
]

function directionsWithin(folder: string, parts: Directions): Rules {
  const pathOf = (part: string) =>
    `^${folder}/${part.endsWith('.ts') ? `${part.replace('*', '[^/]+').replace('.ts', '\\.ts')}$` : `${part}/`}`
  return Object.entries(parts).map(([part, others]) => ({
    name: `${folder}/${part}-imports-only-its-own`,
    severity: 'error' as const,
    from: { path: pathOf(part) },
    to: { path: `^${folder}/`, pathNot: [part, ...others].map(pathOf) },
  }))
}

const root = fileURLToPath(new URL('../..', import.meta.url))

const forbidden: Rules = [
  { name: 'no-cycles', severity: 'error', from: { path: '^src' }, to: { circular: true } },
  ...Object.entries(ROOMS).flatMap(([room, { rooms, packages, node, types = [] }]) => {
    const ownOf = (names: readonly string[]) => names.map((name) => `^src/${name}/`)
    const packagesOf = (names: readonly string[]) => names.map((name) => `(^|/)node_modules/${name}(/|$)`)
    const typed = [...ownOf(types), ...packagesOf(types)]
    const own = ownOf([room, ...rooms])
    const allowed = [...packagesOf(packages), ...typed]
    return [
      ...(typed.length === 0
        ? []
        : [
            {
              name: `${room}-takes-types-alone`,
              severity: 'error' as const,
              from: { path: `^src/${room}/` },
              to: { path: typed, dependencyTypesNot: ['type-only' as const] },
            },
          ]),
      {
        name: `${room}-imports-only-its-own`,
        severity: 'error' as const,
        from: { path: `^src/${room}/` },
        to: { pathNot: [...own, ...allowed], dependencyTypesNot: ['core' as const] },
      },
      ...(node || room === 'storage'
        ? []
        : [
            {
              name: `${room}-knows-no-node`,
              severity: 'error' as const,
              from: { path: `^src/${room}/` },
              to: { dependencyTypes: ['core' as const] },
            },
          ]),
    ]
  }),
  {
    name: 'console-knows-types-of-the-api-only',
    severity: 'error',
    from: { path: '^src/admin/console/' },
    to: { path: '^src/admin/api/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'partner-takes-parts-and-views-of-admin-only',
    severity: 'error',
    from: { path: '^src/partner/' },
    to: { path: '^src/admin/', pathNot: PARTNER_TAKES },
  },
  {
    name: 'knows-nothing-of-what-versions-make-of-objects',
    severity: 'error',
    from: { path: UNVERSIONED },
    // But the words in which it is told.
    to: {
      path: '^src/(hub/(translate|shadow)/|ocpi/convert/|ocpi/dialect-211\\.ts$)',
      pathNot: '^src/ocpi/convert/conversion\\.ts$',
    },
  },
  ...Object.entries(PARTS).flatMap(([folder, parts]) => directionsWithin(folder, parts)),
]

describe('the rooms of src', () => {
  let result: ICruiseResult

  beforeAll(async () => {
    const { output } = await cruise(['src'], {
      baseDir: root,
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: true,
      validate: true,
      ruleSet: { forbidden },
      enhancedResolveOptions: {
        extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
        exportsFields: ['exports'],
        conditionNames: ['import', 'node', 'default'],
      },
    })
    result = output as ICruiseResult
  }, 60_000)

  test('are all read: a scan that finds nothing would find everything well', () => {
    const files = result.modules.map((module) => module.source).filter((file) => /^src\/.*\.ts$/.test(file))
    const onDisk = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )
    expect(files.length).toBeGreaterThan(50)
    expect(files.length).toBe(onDisk.length)
    const resolved = result.modules.flatMap((module) => module.dependencies).filter((one) => one.couldNotResolve)
    // The platform's own, which exists in workerd alone.
    expect([...new Set(resolved.map((one) => one.module))]).toEqual(['cloudflare:workers'])
  })

  test('import in one direction, without cycles', () => {
    const breaches = result.summary.violations.map((one) => `${one.rule.name}: ${one.from} → ${one.to}`)
    expect(breaches).toEqual([])
  })

  test.each(Object.entries(PARTS))('%s: every folder in it has a direction, and none runs up', (folder, parts) => {
    const names = Object.keys(parts)
    const folders = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([])
    const up = names.filter((part, i) => parts[part]?.some((other) => !names.slice(0, i).includes(other)))
    expect(up).toEqual([])
  })

  test('hold no barrels: no file only hands on what others export', () => {
    const barrels = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => {
        const lines = readFileSync(join(root, 'src', file), 'utf8')
          .split('\n')
          .map((line) => line.trim())
        const code = lines.filter((line) => line !== '' && !/^(\/\/|\/?\*)/.test(line))
        return code.length > 0 && code.every((line) => /^export (type )?(\*|\{.*\}) .*from/.test(line))
      })
    expect(barrels).toEqual([])
  })
})
