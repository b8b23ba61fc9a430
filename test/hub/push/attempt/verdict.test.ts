import { expect, test } from 'vitest'
import { judge } from '../../../../src/hub/push/attempt/verdict.ts'

function verdictOn(status: number, body: string): string {
  const bytes = new TextEncoder().encode(body)
  return judge({ kind: 'answer', status, headers: [], body: bytes }, bytes, 0).verdict.kind
}

test.each([
  ['', 'delivered'],
  ['\r\n', 'delivered'],
  ['{"data":null}', 'delivered'],
  ['{"data":{},"timestamp":"2026-01-01T00:00:00Z"}', 'delivered'],
  ['{"status_code":1000}', 'delivered'],
  ['{"status_code":2001,"data":null}', 'refused'],
  ['{"status_code":"ok","data":null}', 'failed'],
  ['{"error":"no"}', 'failed'],
  ['<html></html>', 'failed'],
])('A push that a partner answers with success and %j is %s', (body, kind) => {
  for (const status of [200, 201, 202, 204]) expect(verdictOn(status, body)).toBe(kind)
})

test('What is no success is none by its data', () => {
  expect(verdictOn(500, '{"data":null}')).toBe('failed')
  expect(verdictOn(400, '')).toBe('failed')
})
