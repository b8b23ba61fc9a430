import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleWorker } from '../../src/runtime/edge/bundle.ts'
import { OBJECTS } from '../../src/runtime/edge/workerd-config.ts'

// `wrangler deploy --dry-run`: all of a deployment that needs no account.

/** What an operator waits for at each deployment, and each isolate reads at its start; the platform takes 3 MB of a free account. */
const MOST_BYTES = 640_000

/** What workerd has of its own. */
const OF_THE_PLATFORM = [
  'cloudflare:sockets',
  'cloudflare:workers',
  ...['async_hooks', 'buffer', 'crypto', 'events', 'stream', 'util', 'zlib'].map((name) => `node:${name}`),
]

describe.each(['staging', 'production'])('the Worker of %s', (environment) => {
  let folder: string
  let code: Buffer
  let said: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-bundle-'))
    const made = await bundleWorker(folder, { environment })
    code = await readFile(made.bundle)
    said = made.said
  }, 120_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('has every binding that the hub asks for, and nothing that wrangler warns of', () => {
    expect(said).not.toMatch(/warning/i)
    expect(said).toMatch(/env\.HYPERDRIVE /)
    for (const [binding, object] of Object.entries(OBJECTS)) expect(said).toContain(`env.${binding} (${object})`)
  })

  test('is small, and imports only what the platform has', () => {
    expect(gzipSync(code).length).toBeLessThan(MOST_BYTES)
    const text = code.toString()
    const imported = [...text.matchAll(/(?:\bfrom|\bimport\(?|\brequire\()\s*"((?:node|cloudflare):[\w/]+)"/g)]
    const names = [...new Set(imported.map(([, name]) => name as string))]
    expect(names).toContain('node:crypto')
    expect(names.filter((name) => !OF_THE_PLATFORM.includes(name))).toEqual([])
  })
})
