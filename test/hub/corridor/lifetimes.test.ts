import { describe, expect, test } from 'vitest'
import { createLedUrls } from '../../../src/hub/corridor/hub-urls.ts'
import type { StoredUrl } from '../../../src/hub/network/registry.ts'

const DAY_MS = 86_400_000

describe('A URL that leads through the hub [transport_and_format: Pagination; mod_cdrs; mod_commands]', () => {
  const stored = new Map<string, StoredUrl>()
  const clock = { at: Date.parse('2026-01-01T00:00:00Z') }
  const led = createLedUrls({
    publicUrl: 'https://hub.example',
    mac: (text) => Buffer.from(text).toString('base64url').padEnd(22, '_').slice(-22),
    previousMac: null,
    random: { id: () => 'id', token: () => String(stored.size).padStart(43, 'x') },
    now: () => clock.at,
    store: {
      save: async (url) => void stored.set(url.id, url),
      find: async (id) => stored.get(id) ?? null,
    },
    mayCall: () => ({ ok: true }),
    alarm: () => {},
  })
  const parties = {
    forParty: { countryCode: 'DE', partyId: 'EMS' },
    toParty: { countryCode: 'NL', partyId: 'CPO' },
    interfaceRole: 'SENDER',
    toPlatformId: 'p1',
  } as const
  const called = 'https://cpo.example/locations'
  const announced = { origin: 'https://cpo.example', path: '/locations', ownPath: '/locations' }
  const nextLink = async (target: string) => {
    const link = await led.leadNextLink([`<${target}>; rel="next"`], announced, called, {
      ...parties,
      module: 'locations',
    })
    return /<([^>?]*)/.exec(link ?? '')?.[1] ?? ''
  }

  const commands = { ...parties, module: 'commands' }
  const cdrs = { ...parties, module: 'cdrs' }
  test.each([
    ['next link on the announced path lasts a day', 1, () => nextLink(`${called}?offset=1`)],
    ['next link that is stored lasts a day', 1, () => nextLink('https://cpo.example/more?offset=1')],
    ['response_url lasts 30 days', 30, () => led.lead('response', 'https://emsp.example/results/1', commands)],
    ['Location lasts as long as the parties', null, () => led.leadLocation('/cdrs/1', called, cdrs)],
  ] as const)('a %s', async (_, days, make) => {
    const { pathname } = new URL((await make()) as string)
    clock.at += days === null ? 10_000 * DAY_MS : days * DAY_MS - 1000
    expect(await led.follow(pathname)).not.toBeNull()
    clock.at += 2000
    expect(await led.follow(pathname)).toEqual(days === null ? expect.anything() : null)
  })
})
