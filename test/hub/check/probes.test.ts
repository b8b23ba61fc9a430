import { describe, expect, test } from 'vitest'
import { PROBES } from '../../../src/hub/check/check.ts'
import type { CheckPorts } from '../../../src/hub/check/ports.ts'
import { ROWS } from './faults.ts'
import { createRightPartner } from './right-partner.ts'
import { check, faultsIn, found } from './run.ts'

const RESULTS: CheckPorts['results'] = {
  open: () =>
    Promise.resolve({
      url: 'https://hub.example/result',
      within: () => Promise.resolve('REJECTED'),
    }),
}

describe('a partner that does everything as it should be', () => {
  test('has no fault, and each probe is told', async () => {
    const findings = await check(createRightPartner(), { results: RESULTS }, { consent: true })
    expect(faultsIn(findings)).toEqual([])
    expect([...new Set(findings.map(({ probe }) => probe))].sort()).toEqual(PROBES.map(({ name }) => name).sort())
    const passed = findings.filter(({ outcome }) => outcome === 'pass').map(({ probe }) => probe)
    expect(PROBES.map(({ name }) => name).filter((name) => !passed.includes(name))).toEqual([])
  })

  test('is given nothing without consent', async () => {
    const partner = createRightPartner()
    const findings = await check(partner)
    expect(partner.asked.filter(({ method }) => method === 'PUT' || method === 'PATCH')).toEqual([])
    expect(found(findings, 'push-location')).toMatchObject({
      outcome: 'skipped',
      detail: expect.stringContaining('not asked for'),
    })
  })
})

describe('a partner with one fault has that one told', () => {
  test.each(ROWS.map((row) => [row.what, row] as const))('%s', async (_, row) => {
    const { tells, fault, ports, lists, consent = false, takesMs = 0 } = row
    let time = Date.now()
    const now = () => time
    const partner = createRightPartner(fault, now)
    lists?.(partner.lists)
    const send: CheckPorts['send'] = (request) => {
      time += takesMs
      return partner.send(request)
    }
    const findings = await check(partner, { now, send, results: RESULTS, ...ports }, { consent })
    expect(faultsIn(findings)).toEqual([tells])
    const told = findings.find(({ outcome }) => outcome === 'warn' || outcome === 'fail')
    expect(told).toMatchObject({ advice: expect.stringMatching(/.{10}/) })
  })

  test('each probe has a fault of its own', () => {
    const told = new Set(ROWS.map(({ tells }) => tells.split(' ')[0]))
    // What answers nothing is looked at with a partner over HTTP, and what an older object does is no fault.
    const elsewhere = ['versions-answer', 'push-stale']
    expect(
      PROBES.map(({ name }) => name as string).filter((name) => !told.has(name) && !elsewhere.includes(name)),
    ).toEqual([])
  })
})
