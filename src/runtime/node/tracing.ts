import { randomBytes } from 'node:crypto'
import {
  type Attributes,
  DiagLogLevel,
  diag,
  type HrTime,
  type Link,
  ROOT_CONTEXT,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Exchange, Observe } from '../../hub/message/exchange.ts'
import { outcomeOf } from '../../hub/message/outcome.ts'
import { hasPassed } from '../../hub/moments.ts'
import type { Now, Secrets } from '../../hub/ports.ts'
import { header } from '../../ocpi/headers.ts'
import { settleWithin } from '../../storage/settle-within.ts'
import { methodLabel, moduleLabel } from '../metrics/exchanges.ts'
import type { TracingSettings } from '../settings/tracing-settings.ts'
import type { Log } from '../shared/log-rules.ts'

/** Between two lines in the log while the collector does not take spans. */
const COMPLAINS_EVERY_MS = 60_000

/** What the last spans may take at the end. */
const CLOSE_WITHIN_MS = 500

/** A caller's own span [W3C Trace Context]. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/

export type Tracing = {
  readonly observe: Observe
  /** Sends what waits. Never rejects. */
  readonly close: () => Promise<void>
}

/**
 * Makes spans of exchanges, one for each leg, and sends them to a collector by OTLP over HTTP, as JSON; of OpenTelemetry's standard
 * variables the packages read for themselves where to, with which headers and under which name. Exchanges of one correlation ID, in
 * whatever process, are one trace: its ID is made of that under the hub's key, so that no caller chooses which traces are kept, nor
 * gets into those of others.
 */
export function startTracing(
  { sampled, mostWaiting, mostAtOnce, everyMs }: TracingSettings,
  { mac, now, log }: { readonly mac: Secrets['mac']; readonly now: Now; readonly log: Pick<Log, 'warn'> },
): Tracing {
  complainTo(log, now)
  let traceId = ''
  const exporter = new OTLPTraceExporter()
  const waits = { maxQueueSize: mostWaiting, maxExportBatchSize: mostAtOnce, scheduledDelayMillis: everyMs }
  const named = resourceFromAttributes({ 'service.name': 'ocpi-hub' })
  const provider = new TracerProvider({
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    sampler: new TraceIdRatioBasedSampler(sampled),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...waits })],
    idGenerator: { generateTraceId: () => traceId, generateSpanId: () => randomBytes(8).toString('hex') },
  })
  const tracer = provider.getTracer('ocpi-hub')
  return {
    observe(exchange) {
      traceId = Buffer.from(mac(`trace ${exchange.correlationId}`), 'base64url').toString('hex', 0, 16)
      noteExchange(tracer, exchange)
    },
    close: () => settleWithin(CLOSE_WITHIN_MS, provider.shutdown()).catch(() => undefined),
  }
}

/** Has the packages say in the hub's log what goes wrong, now and then. */
function complainTo(log: Pick<Log, 'warn'>, now: Now): void {
  let at = Number.NEGATIVE_INFINITY
  const complain = (why: string) => {
    if (!hasPassed(COMPLAINS_EVERY_MS, at, now())) return
    at = now()
    log.warn({ why: why.slice(0, 500) }, 'tracing')
  }
  const quiet = () => undefined
  const logger = { error: complain, warn: complain, info: quiet, debug: quiet, verbose: quiet }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}

/** A span of what was received, and below it one of what was sent on; of what the hub sends by itself that alone. */
function noteExchange(tracer: Tracer, exchange: Exchange): void {
  const { kind, at, durationMs, receiverMs, forwardedUrl } = exchange
  const endsAt = at + Math.max(0, durationMs)
  const name = `${methodLabel(exchange.method)} ${moduleLabel(exchange)}`
  if (kind === 'delivery' || kind === 'hub-call') {
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: timeOf(at) }, ROOT_CONTEXT)
    if (span.isRecording())
      span.setAttributes({ ...attributesOf(exchange), ...sentAttributesOf(exchange) }).setStatus(statusOf(exchange))
    return span.end(timeOf(endsAt))
  }
  const received = tracer.startSpan(
    name,
    { kind: SpanKind.SERVER, startTime: timeOf(at), links: linksOf(exchange) },
    ROOT_CONTEXT,
  )
  if (!received.isRecording()) return received.end()
  received.setAttributes({ ...attributesOf(exchange), 'http.response.status_code': exchange.httpStatus })
  received.setStatus(statusOf(exchange))
  if (forwardedUrl !== null) {
    // When it was sent is not noted: nearly all of what the hub does stands before it.
    const sentAt = Math.max(at, endsAt - Math.max(0, receiverMs ?? 0))
    const below = trace.setSpan(ROOT_CONTEXT, received)
    const sent = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: timeOf(sentAt) }, below)
    sent.setAttributes({ ...attributesOf(exchange), ...sentAttributesOf(exchange) }).setStatus(statusOf(exchange))
    sent.end(timeOf(endsAt))
  }
  received.end(timeOf(endsAt))
}

/** What is known of an exchange, without what it said: no path, which has tokens and object IDs in it, no query, header or body. */
function attributesOf(exchange: Exchange): Attributes {
  const { interfaceRole, fromPlatformId, toPlatformId, fromParty, toParty, ocpiStatus, failure } = exchange
  const known = {
    'http.request.method': methodLabel(exchange.method),
    'ocpi.correlation_id': exchange.correlationId,
    'ocpi.module': moduleLabel(exchange),
    'ocpi.interface_role': interfaceRole,
    'ocpi.from': fromParty,
    'ocpi.to': toParty,
    'ocpi.status_code': ocpiStatus,
    'ocpi_hub.kind': exchange.kind,
    'ocpi_hub.outcome': outcomeOf(exchange),
    'ocpi_hub.failure': failure,
    'ocpi_hub.from_platform_id': fromPlatformId,
    'ocpi_hub.to_platform_id': toPlatformId,
  }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null)) as Attributes
}

/** Of the request that the hub sent. */
function sentAttributesOf({
  kind,
  requestId,
  forwardedRequestId,
  forwardedUrl,
  receiverStatus,
  httpStatus,
  failure,
}: Exchange): Attributes {
  const url = forwardedUrl === null ? null : URL.parse(forwardedUrl)
  // The hub's own refusal has a status too, which the receiver did not say.
  const status = receiverStatus ?? (failure === null || kind === 'delivery' || kind === 'hub-call' ? httpStatus : 0)
  return {
    'ocpi.request_id': forwardedRequestId ?? requestId,
    ...(url && {
      'server.address': url.hostname,
      'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    }),
    ...(status > 0 && { 'http.response.status_code': status }),
  }
}

/** What a caller traces by itself is named, and neither continued nor asked whether it is sampled. */
function linksOf({ requestHeaders }: Exchange): Link[] {
  const [, traceId, spanId] = TRACEPARENT.exec(header(requestHeaders, 'traceparent') ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return []
  return [{ context: { traceId, spanId, traceFlags: TraceFlags.NONE, isRemote: true } }]
}

function statusOf(exchange: Exchange): SpanStatus {
  return outcomeOf(exchange) === 'failed' ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.UNSET }
}

/** Milliseconds since the epoch as seconds and nanoseconds: a bare number could be taken for one since the start of the process. */
function timeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)]
}
