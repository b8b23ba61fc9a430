import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { metric } from '../faults/pair.ts'
import type { Partner } from '../support/partner.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { startWorkersHub, type WorkersHub } from '../support/workers-hub.ts'

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMSP = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const METRICS_TOKEN = 'metrics-token-0123456789'

/** Data points as workerd sends them: fields that hold nothing are left out. */
const points: Record<string, unknown>[] = []
const analytics = createServer((request, response) => {
  let text = ''
  request.on('data', (chunk: Buffer) => (text += chunk.toString()))
  request.on('end', () => {
    points.push(JSON.parse(text) as Record<string, unknown>)
    response.end()
  })
})

let hub: WorkersHub
let proxy: TcpProxy
let cpo: Partner & { platformId: string }
let emsp: Partner & { platformId: string }

beforeAll(async () => {
  await new Promise<void>((resolve) => void analytics.listen(0, '127.0.0.1', resolve))
  hub = await startWorkersHub(
    { METRICS_TOKEN },
    {
      through: async (url) => (proxy = await startTcpProxy(url)).url,
      analytics: `127.0.0.1:${(analytics.address() as AddressInfo).port}`,
    },
  )
  cpo = await hub.join({ name: 'cpo', parties: [CPO] })
  emsp = await hub.join({ name: 'emsp', parties: [EMSP] })
  cpo.on('locations', 'SENDER', () => ({ data: [] }))
  emsp.on('locations', 'RECEIVER', () => ({}))
}, 60_000)

afterAll(async () => {
  await hub?.close()
  await proxy?.close()
  analytics.close()
})

test('the metrics are for whoever has METRICS_TOKEN or is an administrator, and for nobody else', async () => {
  const read = (headers: Record<string, string>) => fetch(`${hub.url}/metrics`, { headers })
  for (const headers of [{}, { Authorization: 'Bearer guessed-token' }, { Authorization: `Token ${METRICS_TOKEN}` }]) {
    const answer = await read(headers as Record<string, string>)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="ocpi-hub"'])
    expect(await answer.text()).not.toContain('ocpi_hub')
  }
  for (const token of [METRICS_TOKEN, hub.adminToken]) {
    const answer = await read({ Authorization: `Bearer ${token}` })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('ocpi_hub_platforms{status="CONNECTED"} 2')
  }
})

test('are those that operators find explained as such of Workers', async () => {
  const page = await readFile(new URL('../../docs/operators.md', import.meta.url), 'utf8')
  const text = await (
    await fetch(`${hub.url}/metrics`, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } })
  ).text()
  const [, also = ''] = /^\| metric \|.*\n((?:\|.*\n)+)/m.exec(page) ?? []
  const [, only = ''] = /^\| on Workers only \|.*\n((?:\|.*\n)+)/m.exec(page) ?? []
  const rows = [...also.split('\n').filter((row) => row.endsWith(' yes |')), ...only.split('\n')]
  const explained = rows.flatMap((row) => row.split('|')[1]?.match(/\bocpi_hub_\w+/g) ?? [])
  const names = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name)
  expect(names.sort()).toEqual(explained.sort())
})

test('what a queue delivered, what waits for it and what was refused is in the metrics of Workers', async () => {
  const put = (id: string) =>
    cpo.call('locations', 'RECEIVER', {
      method: 'PUT',
      path: `/NL/CPO/${id}`,
      to: { country_code: 'NL', party_id: 'HUB' },
      body: { id },
    })
  const labels = `platform="${emsp.platformId}"`
  await put('LOC1')
  await until(async () => (await metric(hub, 'ocpi_hub_queue_delivered_total', labels)) === 1, 'Expected it')
  await hub.admin('POST', `/queues/${emsp.platformId}/pause`)
  await put('LOC2')
  await until(async () => (await metric(hub, 'ocpi_hub_queue_waiting', labels)) === 1, 'Expected it to wait')
  expect(await metric(hub, 'ocpi_hub_queue_paused', labels)).toBe(1)
  expect(await metric(hub, 'ocpi_hub_push_log_bytes')).toBeGreaterThan(0)
  expect(await metric(hub, 'ocpi_hub_shards_held')).toBe(64)
  expect(await metric(hub, 'ocpi_hub_message_log_dropped')).toBe(0)
  await hub.admin('POST', `/queues/${emsp.platformId}/resume`)

  const before = await metric(hub, 'ocpi_hub_refused_logins_total')
  await emsp.call('locations', 'SENDER', { to: CPO, authorization: 'Token bm9ib2R5' })
  await until(async () => (await metric(hub, 'ocpi_hub_refused_logins_total')) > before, 'Expected it to be counted')
}, 60_000)

test('each request that is routed makes one data point, with labels and numbers and nothing that was said', async () => {
  const count = points.length
  await emsp.call('locations', 'SENDER', { to: CPO, query: '?note=who-asks', correlationId: 'a-secret' })
  await until(() => points.length > count, 'Expected a data point')
  await emsp.call('locations', 'SENDER', { to: { country_code: 'XX', party_id: 'NOB' } })
  await until(() => points.length > count + 1, 'Expected another')
  const [routed, refused] = points.slice(count) as [Record<string, unknown>, Record<string, unknown>]
  expect(labelsOf(routed)).toEqual(['direct', 'locations', '1xxx', emsp.platformId, cpo.platformId, 'GET'])
  expect(labelsOf(refused)).toEqual(['direct', 'locations', 'unknown-receiver', emsp.platformId, '', 'GET'])
  expect(textOf(routed['index1'])).toBe(cpo.platformId)
  expect([routed['double1'], routed['double2']]).toEqual([200, 1000])
  expect(Number(routed['double6'])).toBeGreaterThan(0)
  const all = points.map((point) => Object.values(point).map(textOf).join(' ')).join('\n')
  for (const secret of ['who-asks', 'a-secret', emsp.tokenForHub() ?? '-', hub.adminToken, '/ocpi/']) {
    expect(all).not.toContain(secret)
  }
})

test('metrics are there while the database is away, without what it alone knows', async () => {
  await proxy.cut()
  await until(async () => Number.isNaN(await metric(hub, 'ocpi_hub_push_log_bytes')), 'Expected its part to go')
  expect(await metric(hub, 'ocpi_hub_platforms', 'status="CONNECTED"')).toBe(2)
  await proxy.restore()
  await until(async () => (await metric(hub, 'ocpi_hub_push_log_bytes')) >= 0, 'Expected it to be back', 40_000)
}, 90_000)

function labelsOf(point: Record<string, unknown>): string[] {
  return [1, 2, 3, 4, 5, 6].map((at) => textOf(point[`blob${at}`]))
}

/** Bytes come as a list of numbers. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? Buffer.from(value as number[]).toString() : JSON.stringify(value ?? '')
}
