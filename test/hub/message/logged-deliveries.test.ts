import { expect, test } from 'vitest'
import { createLoggedDeliveries } from '../../../src/hub/message/logged-deliveries.ts'
import { exchange } from '../../support/exchange.ts'
import { startTestHub } from '../../support/hub.ts'
import { until } from '../../support/until.ts'

const HUB = { country_code: 'NL', party_id: 'HUB' }
const PUSHES = 80
const COUNTED = /^ocpi_hub_message_log_counted_total (\d+)$/m

type Row = { readonly kind: string; readonly to_platform_id: string | null; readonly failure: string | null }

test.each([
  [0, 0],
  [1, 60],
])(
  'with MESSAGE_LOG_DELIVERIES_PER_SECOND=%i the log has at least %i deliveries that succeeded and a count of the others, and a row of all else',
  async (perSecond, atLeast) => {
    const hub = await startTestHub({ MESSAGE_LOG_DELIVERIES_PER_SECOND: String(perSecond) })
    try {
      const pace = { delivery: { requests_per_second: 1_000 } }
      const [CPO, GOOD, BAD] = ['CPO', 'GUT', 'BAD'].map((party_id) => ({ country_code: 'DE', party_id })) as [
        typeof HUB,
        typeof HUB,
        typeof HUB,
      ]
      const cpo = await hub.join({ name: 'cpo', parties: [{ ...CPO, role: 'CPO' }] })
      const good = await hub.join({ name: 'good', parties: [{ ...GOOD, role: 'EMSP' }] }, pace)
      const bad = await hub.join({ name: 'bad', parties: [{ ...BAD, role: 'EMSP' }] }, pace)
      bad.on('locations', 'RECEIVER', () => ({ status: 400, statusCode: 2001, statusMessage: 'No' }))

      const startedAt = Date.now()
      for (let i = 0; i < PUSHES; i++) {
        const options = { method: 'PUT', path: `/DE/CPO/LOC${i}`, to: HUB, body: { id: `LOC${i}` } } as const
        expect((await cpo.call('locations', 'RECEIVER', options)).statusCode).toBe(1000)
      }
      await cpo.call('locations', 'RECEIVER', { path: '/DE/CPO/LOC0', to: GOOD })

      const rows = async (which: Partial<Row>) => {
        const { body } = await hub.admin('GET', '/messages?module=locations&limit=1000')
        const fields = Object.entries(which) as [keyof Row, string | null][]
        return (body as Row[]).filter((row) => fields.every(([field, value]) => row[field] === value)).length
      }
      const headers = { Authorization: `Bearer ${hub.adminToken}` }
      const counted = async () =>
        Number(COUNTED.exec(await (await fetch(`${hub.url}/metrics`, { headers })).text())?.[1])
      const stored = () => rows({ kind: 'delivery', to_platform_id: good.platformId, failure: null })
      await until(
        async () => (await rows({ kind: 'delivery', to_platform_id: bad.platformId })) === PUSHES,
        'Expected a row for each delivery that failed',
      )
      await until(
        async () => (await stored()) + (await counted()) === PUSHES,
        'Expected each delivery that succeeded to be stored or counted',
      )
      expect(await stored()).toBeGreaterThanOrEqual(atLeast)
      expect(await stored()).toBeLessThanOrEqual(atLeast + Math.ceil((perSecond * (Date.now() - startedAt)) / 1000))
      expect(await rows({ kind: 'broadcast', failure: null })).toBe(PUSHES)
      expect(await rows({ kind: 'direct', to_platform_id: good.platformId })).toBe(1)
    } finally {
      await hub.close()
    }
  },
)

test('deliveries of a minute are stored at once, and then as many a second as the rate says, though the clock is put back', () => {
  let at = 1_000_000_000
  const isLogged = createLoggedDeliveries(10, () => at)
  const delivered = exchange({ kind: 'delivery' })
  const storedOf = (count: number) => Array.from({ length: count }, () => isLogged(delivered)).filter(Boolean).length
  expect(storedOf(700)).toBe(600)
  at += 2_500
  expect(storedOf(700)).toBe(25)
  at -= 86_400_000
  expect(storedOf(10)).toBe(0)
  at += 1_000
  expect(storedOf(700)).toBe(10)
  at += 3_600_000
  expect(storedOf(700)).toBe(600)
})
