import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exchangeOf } from '../../../src/hub/message/exchange.ts'
import { startTracing } from '../../../src/runtime/node/tracing.ts'
import { readSettings } from '../../../src/runtime/settings/settings.ts'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { until } from '../../support/until.ts'

// Spans as a collector of OpenTelemetry gets them, from a hub through which partners talk.

type Attribute = { readonly key: string; readonly value: Readonly<Record<string, string | number>> }
type OtlpSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 2: SERVER, 3: CLIENT. */
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly status: { readonly code: number }
}
type Spans = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

const CPO = { country_code: 'NL', party_id: 'CPO', role: 'CPO' } as const
const EMS = { country_code: 'DE', party_id: 'EMS', role: 'EMSP' } as const
const HUB = { country_code: 'NL', party_id: 'HUB' }
const TRACEPARENT = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
const OF_A_DRIVER = '04E8A1B2C3'

type Joined = Awaited<ReturnType<TestHub['join']>>

/** What the collector got, and how it was asked last. */
const bodies: string[] = []
let asked: Readonly<Record<string, unknown>> = {}
let collector: Server
let hub: TestHub
let cpo: Joined
let emsp: Joined

beforeAll(async () => {
  collector = createServer((request, response) => {
    const { 'x-key': key, 'content-type': type } = request.headers
    asked = { path: request.url, key, type }
    void text(request).then((body) => {
      bodies.push(body)
      response.writeHead(body.includes('no-taker') ? 400 : 200).end('{}')
    })
  })
  collector.listen(0, '127.0.0.1')
  await once(collector, 'listening')
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint)
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-key=of-the-collector')
  vi.stubEnv('OTEL_SERVICE_NAME', 'hub-of-tests')
  hub = await startTestHub({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '20' })
  cpo = await hub.join({ name: 'CPO', parties: [CPO] }, { parties: [CPO] })
  emsp = await hub.join({ name: 'EMSP', parties: [EMS] }, { parties: [EMS] })
})
afterAll(async () => {
  await hub.close()
  vi.unstubAllEnvs()
  collector.close()
})

function spans(): OtlpSpan[] {
  const exports = bodies.map((body) => JSON.parse(body) as Spans)
  return exports.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((of) => of.spans)),
  )
}

const named = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/** Of one correlation ID, once there are so many, as they began. */
async function spansOf(
  correlationId: string,
  count: number,
): Promise<(OtlpSpan & { readonly of: Record<string, unknown> })[]> {
  const find = () =>
    spans()
      .map((span) => ({ ...span, of: named(span.attributes) }))
      .filter(({ of }) => of['ocpi.correlation_id'] === correlationId)
  await until(() => find().length >= count)
  expect(find()).toHaveLength(count)
  return find().sort((a, b) => a.kind - b.kind)
}

describe('A collector of OpenTelemetry is told', () => {
  test('of a request that went on by a span for each leg, and nothing that was said in it', async () => {
    const headers = ['traceparent', TRACEPARENT]
    const body = { uid: OF_A_DRIVER, whatever: 'in-the-body' }
    const call = { method: 'PUT', to: CPO, path: `/DE/EMS/${OF_A_DRIVER}`, query: '?type=of-the-query', headers, body }
    await emsp.call('tokens', 'RECEIVER', { ...call, correlationId: 'gone-on' })
    const [received, sent] = await spansOf('gone-on', 2)
    const between = {
      'ocpi.correlation_id': 'gone-on',
      'ocpi.module': 'tokens',
      'ocpi.interface_role': 'RECEIVER',
      'ocpi.from': 'DE-EMS',
      'ocpi.to': 'NL-CPO',
      'ocpi_hub.kind': 'direct',
      'ocpi_hub.outcome': 'ok',
      'ocpi_hub.from_platform_id': emsp.platformId,
      'ocpi_hub.to_platform_id': cpo.platformId,
    }
    expect(received).toMatchObject({
      name: 'PUT tokens',
      kind: 2,
      of: { ...between, 'http.response.status_code': 200 },
    })
    expect(sent).toMatchObject({ name: 'PUT tokens', kind: 3, of: { ...between, 'server.address': '127.0.0.1' } })
    expect(sent).toMatchObject({ traceId: received?.traceId, parentSpanId: received?.spanId })
    expect(received?.parentSpanId).toBeUndefined()
    expect(BigInt(sent?.startTimeUnixNano ?? 0) >= BigInt(received?.startTimeUnixNano ?? 0)).toBe(true)
    expect(BigInt(sent?.endTimeUnixNano ?? 0) <= BigInt(received?.endTimeUnixNano ?? 0)).toBe(true)
    for (const secret of [
      OF_A_DRIVER,
      'of-the-query',
      'in-the-body',
      'Token ',
      String(cpo.tokenAtHub()),
      String(emsp.tokenAtHub()),
    ])
      expect(bodies.join()).not.toContain(secret)
  })

  test('of a caller’s own trace by a link, which decides nothing', async () => {
    const [received] = await spansOf('gone-on', 2)
    expect(received?.links).toMatchObject([{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }])
    expect(received?.traceId).not.toBe('1'.repeat(32))
    const odd = ['traceparent', `00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`]
    await emsp.call('locations', 'SENDER', { to: CPO, headers: odd, correlationId: 'odd' })
    expect((await spansOf('odd', 2))[0]?.links ?? []).toEqual([])
  })

  test('of a broadcast and its deliveries in one trace', async () => {
    const body = { country_code: 'NL', party_id: 'CPO', id: 'L1' }
    await cpo.call('locations', 'RECEIVER', {
      method: 'PUT',
      to: HUB,
      path: '/NL/CPO/L1',
      body,
      correlationId: 'to-all',
    })
    const [received, delivered] = await spansOf('to-all', 2)
    expect(received).toMatchObject({ kind: 2, of: { 'ocpi_hub.kind': 'broadcast' } })
    expect(delivered).toMatchObject({ kind: 3, traceId: received?.traceId, of: { 'ocpi_hub.kind': 'delivery' } })
    expect(delivered?.of['ocpi_hub.to_platform_id']).toBe(emsp.platformId)
  })

  test('of a failure as an error, of a refusal as none, and of what went nowhere by one span', async () => {
    const answer = async (status: number, statusCode: number, correlationId: string) => {
      const undo = cpo.on('locations', 'SENDER', () => ({ status, statusCode }))
      await emsp.call('locations', 'SENDER', { to: CPO, path: '/L1', correlationId })
      undo()
      return spansOf(correlationId, 2)
    }
    const [, failed] = await answer(500, 3000, 'failed')
    const outcome = (name: string) => ({ 'ocpi_hub.outcome': name })
    expect(failed).toMatchObject({
      status: { code: 2 },
      of: { ...outcome('failed'), 'http.response.status_code': 500 },
    })
    const [, refused] = await answer(404, 2003, 'refused')
    expect(refused).toMatchObject({ status: { code: 0 }, of: { ...outcome('refused'), 'ocpi.status_code': 2003 } })
    const nobody = { country_code: 'FR', party_id: 'XXX' }
    await emsp.call('locations', 'SENDER', { to: nobody, correlationId: 'nowhere' })
    expect(await spansOf('nowhere', 1)).toMatchObject([{ kind: 2, status: { code: 2 }, of: outcome('failed') }])
  })

  test('of handshakes, both ways', () => {
    const names = spans().map(({ name, kind }) => `${kind} ${name}`)
    expect(names).toContain('2 POST credentials')
    expect(names).toContain('3 GET versions')
  })

  test('where and as whom the standard variables say', () => {
    expect(asked).toEqual({ path: '/v1/traces', key: 'of-the-collector', type: 'application/json' })
    const [of] = (JSON.parse(bodies[0] ?? '') as Spans).resourceSpans
    expect(named(of?.resource.attributes ?? [])).toMatchObject({ 'service.name': 'hub-of-tests' })
  })
})

describe('A process that traces', () => {
  const start = (sampled: number, log: (note: object) => void = () => undefined) =>
    startTracing(
      { sampled, mostWaiting: 100, mostAtOnce: 100, everyMs: 20 },
      {
        mac: (text) => createHash('sha256').update(text).digest('base64url'),
        now: Date.now,
        log: { warn: log as never },
      },
    )
  const exchange = (correlationId: string) =>
    exchangeOf('direct', Date.now(), { requestId: 'r', correlationId }, 'locations', 'GET', '/')

  test('leaves out traces whole, as its sampler says', async () => {
    const [all, half, none] = [start(1), start(0.5), start(0)]
    const ids = Array.from({ length: 40 }, (_, index) => `sampled ${index}`)
    const before = spans().length
    for (const id of ids) for (const tracing of [half, half, none]) tracing.observe(exchange(id))
    await Promise.all([all, half, none].map(({ close }) => close()))
    const traces = Map.groupBy(spans().slice(before), ({ traceId }) => traceId)
    expect([...traces.values()].every((of) => of.length === 2)).toBe(true)
    expect(traces.size).toBeGreaterThan(5)
    expect(traces.size).toBeLessThan(35)
  })

  test('says once in its log that the collector takes nothing, and goes on', async () => {
    const notes: object[] = []
    const tracing = start(1, (note) => notes.push(note))
    for (const round of [1, 2]) {
      const before = bodies.length
      tracing.observe(exchange(`no-taker ${round}`))
      await until(() => bodies.length > before)
    }
    await tracing.close()
    expect(notes).toHaveLength(1)
  })
})

test('Without a collector, or switched off, nothing of it is loaded', () => {
  const collectorAt = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }
  const tracingOf = (environment: Record<string, string>) => readSettings(environment).settings.tracing
  expect(tracingOf({})).toBeNull()
  expect(tracingOf({ ...collectorAt, OTEL_SDK_DISABLED: 'TRUE' })).toBeNull()
  expect(tracingOf({ ...collectorAt, OTEL_TRACES_EXPORTER: 'none' })).toBeNull()
  expect(tracingOf(collectorAt)).toMatchObject({ sampled: 1 })
  const ratio = { ...collectorAt, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }
  expect(tracingOf(ratio)).toMatchObject({ sampled: 0.25 })
  expect(tracingOf({ ...collectorAt, OTEL_TRACES_SAMPLER: 'always_off' })).toBeNull()
  expect(readSettings({ ...collectorAt, OTEL_TRACES_SAMPLER_ARG: '2' }).problems).toHaveLength(1)

  const source = join(import.meta.dirname, '../../../src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const loading = files.filter((file) =>
    /^import (?!type ).*(@opentelemetry|\/tracing\.ts)/m.test(readFileSync(join(source, file), 'utf8')),
  )
  expect(loading).toEqual([join('runtime', 'node', 'tracing.ts')])
})
