import { expect, test } from 'vitest'
import { type Finding, isProbeName } from '../../../src/hub/check/check.ts'
import { compare } from '../../../src/hub/check/compare.ts'
import { gateOf } from '../../../src/hub/check/gate.ts'
import { countsOf, mailOf, reportOf } from '../../../src/hub/check/report.ts'
import type { PartyKey } from '../../../src/ocpi/party.ts'

const RUN = { number: 3, platform: { id: 'p1', name: 'Partner' }, at: Date.UTC(2026, 0, 31, 12) }

function finding(probe: Finding['probe'], outcome: Finding['outcome'], more: Partial<Finding> = {}): Finding {
  return {
    probe,
    outcome,
    party: null,
    module: null,
    detail: 'What was found',
    advice: null,
    chapter: null,
    messageIds: [],
    ...more,
  }
}

const SPEED = finding('speed', 'pass')
const TOTAL = finding('total-count', 'fail', {
  ...{ party: 'NL*CPA' as PartyKey, module: 'locations', detail: 'X-Total-Count is missing' },
  ...{ advice: 'Send it with each page.', chapter: 'transport_and_format: Pagination', messageIds: ['id-1', 'id-2'] },
})
const VERSIONS = finding('versions-answer', 'pass')

test('the report has every probe, in their order, with its evidence', () => {
  const report = reportOf(RUN, [SPEED, TOTAL, VERSIONS])
  expect(report).toMatchObject({ run: 3, platform: 'Partner', at: '2026-01-31T12:00:00.000Z' })
  expect(report.probes.map(({ name }) => name)).toEqual(['versions-answer', 'total-count', 'speed'])
  expect(report.probes[1]).toEqual({
    ...{
      name: 'total-count',
      party: 'NL*CPA',
      module: 'locations',
      outcome: 'fail',
      detail: 'X-Total-Count is missing',
    },
    ...{ advice: 'Send it with each page.', chapter: 'transport_and_format: Pagination', messages: ['id-1', 'id-2'] },
  })
  expect(countsOf([SPEED, TOTAL, VERSIONS])).toEqual({ pass: 2, warn: 0, fail: 1, skipped: 0 })
})

test('the mail tells of what failed and of nothing else', () => {
  const mail = mailOf('The Hub', RUN, [SPEED, TOTAL, finding('x-limit', 'warn', { detail: 'X-Limit is missing' })])
  expect(mail).toBe(`Connection check 3 of Partner by The Hub, 2026-01-31T12:00:00.000Z

1 failed, 1 with a remark, 1 passed. What failed:

1. X-Total-Count (total-count, NL-CPA locations)
   Found: X-Total-Count is missing
   Advice: Send it with each page.
   OCPI: transport_and_format: Pagination
   X-Request-ID: id-1
`)
  expect(mailOf('The Hub', RUN, [SPEED])).not.toContain('What failed')
})

test('a run is compared with the one before by probe, party and module', () => {
  const other = { ...TOTAL, module: 'tariffs' }
  const before = [TOTAL, other, SPEED, finding('gzip', 'skipped'), finding('tls', 'fail')]
  const now = [
    ...[
      { ...TOTAL, outcome: 'pass' as const },
      other,
      finding('speed', 'warn'),
      finding('gzip', 'pass'),
      finding('tls', 'skipped'),
    ],
    finding('schema', 'fail', { module: 'cdrs' }),
  ]
  expect(compare(before, now)).toEqual({
    better: [{ probe: 'total-count', party: 'NL*CPA', module: 'locations', was: 'fail', is: 'pass' }],
    worse: [
      { probe: 'speed', party: null, module: null, was: 'pass', is: 'warn' },
      { probe: 'schema', party: null, module: 'cdrs', was: 'skipped', is: 'fail' },
    ],
  })
})

test('what fails keeps a platform from going live, unless it is waived', () => {
  const findings = [VERSIONS, TOTAL, finding('x-limit', 'warn')]
  expect(gateOf(findings, new Set())).toEqual({ isOpen: false, faults: [TOTAL], waived: [] })
  expect(gateOf(findings, new Set(['total-count']))).toEqual({ isOpen: true, faults: [], waived: [TOTAL] })
  expect(gateOf([finding('versions-answer', 'skipped')], new Set()).isOpen).toBe(false)
})

test('a module of which no list could be read keeps a platform from going live, as no fault does', () => {
  const unread = finding('list-answers', 'skipped', { module: 'locations', party: 'NL*CPA' as PartyKey })
  expect(gateOf([VERSIONS, unread], new Set())).toEqual({ isOpen: false, faults: [], waived: [] })
  expect(gateOf([VERSIONS, unread], new Set(['list-answers'])).isOpen).toBe(true)
  const other = finding('list-answers', 'pass', { module: 'locations', party: 'NL*CPB' as PartyKey })
  expect(gateOf([VERSIONS, unread, other], new Set()).isOpen).toBe(true)
  expect(gateOf([VERSIONS, finding('list-answers', 'skipped')], new Set()).isOpen).toBe(true)
})

test('a waiver is for a probe that there is', () => {
  expect(['tls', 'push-token', 'speed '].map(isProbeName)).toEqual([true, true, false])
})
