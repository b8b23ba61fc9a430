import type { createSettingReader } from './setting-reader.ts'

/** How exchanges are traced. Where to, with which headers and under which name, the exporter reads for itself. */
export type TracingSettings = {
  /** Of all traces, from 0 to 1. */
  readonly sampled: number
  /** Spans that may wait for the collector; more are dropped. */
  readonly mostWaiting: number
  readonly mostAtOnce: number
  readonly everyMs: number
}

/** Callers' spans are not continued, so that no trace has a parent elsewhere to go by. */
const SAMPLERS = ['always_on', 'always_off', 'traceidratio'].flatMap((name) => [name, `parentbased_${name}`])

/** By OpenTelemetry's standard variables; null unless they name a collector that is to get anything. */
export function readTracing(read: ReturnType<typeof createSettingReader>): TracingSettings | null {
  const collectors = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'].map((name) =>
    read.text(name, null, 'an http or https URL', isHttpUrl, 'secret'),
  )
  const isDisabled = read.text('OTEL_SDK_DISABLED', '', '', () => true).toLowerCase() === 'true'
  const exporter = read.text('OTEL_TRACES_EXPORTER', 'otlp', 'otlp or none', (name) => ['otlp', 'none'].includes(name))
  const sampler = read.choice('OTEL_TRACES_SAMPLER', 'parentbased_always_on', SAMPLERS)
  const ratio = read.parsed('OTEL_TRACES_SAMPLER_ARG', 1, 'a number from 0 to 1', parseRatio)
  const mostWaiting = read.integer('OTEL_BSP_MAX_QUEUE_SIZE', 2048, 1, 1_000_000)
  const mostAtOnce = read.integer('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1, 100_000)
  const everyMs = read.integer('OTEL_BSP_SCHEDULE_DELAY', 5_000, 1, 600_000)
  const isOff = isDisabled || exporter === 'none' || sampler.endsWith('always_off')
  if (isOff || collectors.every((url) => url === null)) return null
  const sampled = sampler.endsWith('traceidratio') ? ratio : 1
  return Object.freeze({ sampled, mostWaiting, mostAtOnce: Math.min(mostWaiting, mostAtOnce), everyMs })
}

function isHttpUrl(text: string): boolean {
  return ['http:', 'https:'].includes(URL.parse(text)?.protocol ?? '')
}

function parseRatio(text: string): number | null {
  const ratio = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  return ratio >= 0 && ratio <= 1 ? ratio : null
}
