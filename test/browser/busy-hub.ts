import { TOOK_UP_TO_MS } from '../../src/hub/message/traffic.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { addTraffic } from '../../src/storage/traffic/counts.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'

const MINUTE_MS = 60_000
const HUB = { country_code: 'NL', party_id: 'HUB' }

/** A hub with a network as pictures show it: partners of all kinds, a day of traffic with an hour of trouble, some exchanges. */
export async function startBusyHub(): Promise<TestHub> {
  const hub = await startTestHub({ HUB_NAME: 'Roaming Hub' })
  await addDayOfTraffic(hub.databaseUrl)
  const cpo = await hub.join({ name: 'Rheinstrom', parties: [{ country_code: 'DE', party_id: 'CPB', role: 'CPO' }] })
  const emsp = await hub.join({
    name: 'Tulip Mobility',
    parties: [{ country_code: 'NL', party_id: 'EMA', role: 'EMSP' }],
  })
  const away = await hub.join({ name: 'Nordlade', parties: [{ country_code: 'DE', party_id: 'CPC', role: 'CPO' }] })
  const to = emsp.parties[0]
  if (to === undefined) throw new Error('Expected a party')
  for (let i = 1; i <= 4; i++)
    await cpo.call('locations', 'RECEIVER', {
      method: 'PUT',
      path: `/DE/CPB/LOC${i}`,
      to: HUB,
      body: { id: `LOC${i}` },
    })
  await cpo.call('tokens', 'SENDER', { to })
  await emsp.call('locations', 'SENDER', { to: { country_code: 'DE', party_id: 'CPB' } })
  await emsp.call('locations', 'SENDER', { to: { country_code: 'DE', party_id: 'NOB' } })
  await hub.admin('POST', `/platforms/${away.platformId}/suspend`, { reason: 'maintenance window' })
  await hub.admin('POST', `/queues/${emsp.platformId}/pause`, { reason: 'asked for by the partner' })
  await hub.createPlatform({ name: 'Baltic Grid', parties: [{ country_code: 'EE', party_id: 'BGR', role: 'CPO' }] })
  return hub
}

/** The same at each run: waves of a day, with an hour in which a tenth failed. */
export async function addDayOfTraffic(databaseUrl: string): Promise<void> {
  const database = openDatabase({ url: databaseUrl, maxConnections: 1 })
  const end = Date.now() - (Date.now() % MINUTE_MS)
  const minutes = Array.from({ length: 26 * 60 }, (_, i) => {
    const minute = end - (i + 1) * MINUTE_MS
    const wave = 1 + Math.sin((i / 1440) * 2 * Math.PI * 2 + 1) * 0.6
    const n = Math.round(150 * wave + ((i * 37) % 29))
    const isTrouble = i > 300 && i < 360
    const failed = isTrouble ? Math.round(n * 0.1) : i % 53 === 0 ? 1 : 0
    const row = (outcome: 'ok' | 'refused' | 'failed', count: number, ms: number) => ({
      ...{ minute, module: 'locations', outcome, n: count, ms: count * ms, bytes: count * 900 },
      took: TOOK_UP_TO_MS.map((upTo, at) => (ms <= upTo && ms > (TOOK_UP_TO_MS[at - 1] ?? 0) ? count : 0)),
    })
    return [row('ok', n, isTrouble ? 90 : 40), row('refused', Math.round(n / 80), 60), row('failed', failed, 1_900)]
  })
  await addTraffic(database.orm, { minutes: minutes.flat().filter(({ n }) => n > 0), hours: [] })
  await database.close()
}
