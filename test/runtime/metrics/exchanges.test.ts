import { expect, test } from 'vitest'
import { createExchangeMetrics } from '../../../src/runtime/metrics/exchanges.ts'
import { exchange } from '../../support/exchange.ts'

test('calls of connection checks are a kind of their own, and make nothing slow', () => {
  const { observe, text } = createExchangeMetrics()
  observe(exchange({ durationMs: 20 }))
  observe(exchange({ durationMs: 20_000, kind: 'check' }))
  const told = text()
  expect(told).toContain(
    'ocpi_hub_requests_total{kind="check",module="locations",outcome="1xxx",platform="msp-platform"} 1',
  )
  expect(told).toContain(
    'ocpi_hub_requests_total{kind="direct",module="locations",outcome="1xxx",platform="msp-platform"} 1',
  )
  expect(told).toContain('ocpi_hub_request_duration_seconds_count{module="locations",outcome="1xxx"} 1')
})
