import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { countsOf, mergeMetrics } from '../../../src/runtime/metrics/merge.ts'

/** What one process tells. */
async function textOf(calls: Record<string, number>, seconds: number[], platforms: number): Promise<string> {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'requests_total',
    help: 'Requests, by "module"',
    labelNames: ['module'],
    registers,
  })
  const durations = new Histogram({ name: 'duration_seconds', help: 'Time', buckets: [1, 5], registers })
  new Gauge({ name: 'open_connections', help: 'Open', registers }).set(2)
  new Gauge({ name: 'ocpi_hub_platforms', help: 'All', labelNames: ['status'], registers }).set(
    { status: 'OFFLINE' },
    platforms,
  )
  for (const [module, count] of Object.entries(calls)) requests.inc({ module }, count)
  for (const each of seconds) durations.observe(each)
  return registry.metrics()
}

function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? Number.NaN)
}

it('adds up counters, histograms and gauges, but not what every process sees alike', async () => {
  const merged = mergeMetrics([
    await textOf({ locations: 3, 'a } b': 1 }, [0.5, 2], 7),
    await textOf({ cdrs: 5, locations: 4 }, [3, 9], 7),
  ])
  expect(valueOf(merged, 'requests_total{module="locations"}')).toBe(7)
  expect(valueOf(merged, 'requests_total{module="cdrs"}')).toBe(5)
  expect(valueOf(merged, 'requests_total{module="a } b"}')).toBe(1)
  expect([1, 5, '+Inf'].map((le) => valueOf(merged, `duration_seconds_bucket{le="${le}"}`))).toEqual([1, 3, 4])
  expect(valueOf(merged, 'duration_seconds_sum')).toBe(14.5)
  expect(valueOf(merged, 'duration_seconds_count')).toBe(4)
  expect(valueOf(merged, 'open_connections')).toBe(4)
  expect(valueOf(merged, 'ocpi_hub_platforms{status="OFFLINE"}')).toBe(7)
})

it('keeps the series of one metric together, behind its comments, which stand there once', async () => {
  const merged = mergeMetrics([await textOf({ locations: 1 }, [], 1), await textOf({ cdrs: 1 }, [], 1)])
  const lines = merged.split('\n')
  const at = lines.indexOf('# TYPE requests_total counter')
  expect(lines.slice(at - 1, at + 3)).toEqual([
    '# HELP requests_total Requests, by "module"',
    '# TYPE requests_total counter',
    'requests_total{module="locations"} 1',
    'requests_total{module="cdrs"} 1',
  ])
  expect(lines.filter((line) => line.startsWith('# TYPE requests_total'))).toHaveLength(1)
})

it('keeps of a process that is gone what it counted, and not how it stood', async () => {
  const queue =
    '# HELP ocpi_hub_queue_delivered_total D\n# TYPE ocpi_hub_queue_delivered_total counter\nocpi_hub_queue_delivered_total{platform="p"} 9\n'
  const counts = countsOf(queue + (await textOf({ locations: 3 }, [2], 7)))
  expect(valueOf(counts, 'requests_total{module="locations"}')).toBe(3)
  expect(valueOf(counts, 'duration_seconds_count')).toBe(1)
  expect(counts).not.toMatch(/open_connections|ocpi_hub_platforms|ocpi_hub_queue/)
})
