import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlarmKind } from '../../src/hub/ports.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'

// What the operators' page says of the hub, held against the hub.

const page = readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8')
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const wrangler = readFileSync(new URL('../../wrangler.toml', import.meta.url), 'utf8')

/** The names in the first column of the table under this head. */
function namesInTable(head: string): string[] {
  const [, rows = ''] = new RegExp(`^\\| ${head} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, 'm').exec(page) ?? []
  return rows
    .split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''))
}

describe('the alarms that operators find explained', () => {
  test('are all that the hub raises', () => {
    // A kind that is missing here or gone does not compile.
    const kinds: Record<AlarmKind, true> = {
      'receiver-rejects-our-token': true,
      'own-network-suspect': true,
      'message-log-dropped': true,
      'queue-paused': true,
      'database-away': true,
      'endpoints-left-out': true,
      'next-link-dropped': true,
      'list-not-as-announced': true,
      'roles-pending': true,
      'cursor-not-saved': true,
      'push-fault': true,
      'webhook-failing': true,
      'webhook-turned-off': true,
    }
    expect(namesInTable('alarm').sort()).toEqual(Object.keys(kinds).sort())
  })
})

describe('a hub that runs', () => {
  let hub: TestHub

  beforeAll(async () => {
    hub = await startTestHub()
  })
  afterAll(() => hub.close())

  test('has the metrics that operators find explained, and no others of its own', async () => {
    const text = await (await fetch(`${hub.url}/metrics`)).text()
    const names = [...text.matchAll(/^# TYPE (ocpi_hub_\w+)/gm)].map(([, name = '']) => name)
    expect(namesInTable('metric').sort()).toEqual(names.sort())
  })

  test('says that it lives and is ready at the addresses named', async () => {
    const addresses = namesInTable('address')
    expect(addresses).toEqual(['/healthz', '/readyz', '/metrics'])
    for (const address of addresses)
      for (const slash of ['', '/']) expect((await fetch(hub.url + address + slash)).status).toBe(200)
  })
})

describe('the unit for systemd', () => {
  const [, unit = ''] = /```ini\n(.*?)```/s.exec(page) ?? []

  test('starts what npm start does', () => {
    const [, command] = /^ExecStart=\S+\/node (.*)$/m.exec(unit) ?? []
    const arenas = /\bMALLOC_ARENA_MAX=\d+/.exec(unit)?.[0]
    expect(manifest.scripts.start).toBe(`${arenas} exec node ${command}`)
  })

  test('ends the hub before its database, and does not try again what cannot start', () => {
    expect(unit).toContain('\nKillMode=mixed\n')
    expect(unit).toContain('\nRestartPreventExitStatus=2\n')
  })
})

describe('the steps for Cloudflare Workers', () => {
  const [, section = ''] = /^## On Cloudflare Workers\n(.*?)^## /ms.exec(page) ?? []

  test('are those of wrangler.toml', () => {
    for (const step of [
      'npm run db:migrate',
      'wrangler hyperdrive create ocpi-hub',
      'wrangler deploy --env production',
      '--secrets-file',
    ]) {
      expect(section).toContain(step)
      expect(wrangler).toContain(step)
    }
  })

  test('name the same settings as wrangler.toml that mean nothing there', () => {
    const before = (text: string) => text.split(' mean nothing here')[0] ?? ''
    const inToml = before(wrangler).split("Hyperdrive's; ").at(-1) ?? ''
    const onPage = before(section).split('`[env.production.vars]`. ').at(-1) ?? ''
    const names = (text: string) => text.match(/[A-Z_]{4,}/g)
    expect(names(onPage)).toEqual(names(inToml))
    expect(names(onPage)).not.toContain('TRUSTED_PROXIES')
  })
})
