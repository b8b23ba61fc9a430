import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser'
import { beforeAll, describe, expect, test } from 'vitest'

/** What each room may import beside itself; packages by name. */
const ROOMS: Readonly<Record<string, { rooms: readonly string[]; packages: readonly string[]; node?: boolean }>> = {
  ocpi: { rooms: [], packages: [] },
  hub: { rooms: ['ocpi'], packages: ['p-queue'] },
  http: { rooms: ['hub', 'ocpi'], packages: ['hono'] },
  admin: { rooms: ['hub', 'ocpi'], packages: ['hono', '@hono/zod-openapi', 'zod'] },
  storage: { rooms: ['hub', 'ocpi'], packages: ['drizzle-orm', 'postgres'] },
  // The demo is a program of its own: its processes need Node, its partners a server and a client.
  demo: { rooms: ['ocpi'], packages: ['hono', '@hono/node-server', 'undici'], node: true },
}

const root = fileURLToPath(new URL('../..', import.meta.url))

const forbidden: IFlattenedRuleSet['forbidden'] = [
  { name: 'no-cycles', severity: 'error', from: { path: '^src' }, to: { circular: true } },
  ...Object.entries(ROOMS).flatMap(([room, { rooms, packages, node }]) => {
    const own = [room, ...rooms].map((name) => `^src/${name}/`)
    const allowed = packages.map((name) => `(^|/)node_modules/${name}(/|$)`)
    return [
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
    const files = result.modules.filter((module) => module.source.startsWith('src/')).map((module) => module.source)
    const onDisk = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )
    expect(files.length).toBeGreaterThan(50)
    expect(files.length).toBe(onDisk.length)
    const resolved = result.modules.flatMap((module) => module.dependencies).filter((one) => one.couldNotResolve)
    expect(resolved.map((one) => one.module)).toEqual([])
  })

  test('import in one direction, without cycles', () => {
    const breaches = result.summary.violations.map((one) => `${one.rule.name}: ${one.from} → ${one.to}`)
    expect(breaches).toEqual([])
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
