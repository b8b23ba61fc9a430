import { describe, expect, test } from 'vitest'
import { CHECK_CALLS_MOST } from '../../../src/hub/check/caller.ts'
import type { CheckedParty } from '../../../src/hub/check/check.ts'
import type { CheckPorts } from '../../../src/hub/check/ports.ts'
import { endpointProbes } from '../../../src/hub/check/probes/endpoints.ts'
import { runCheck } from '../../../src/hub/check/run-check.ts'
import type { Exchange } from '../../../src/hub/message/exchange.ts'
import { header } from '../../../src/ocpi/headers.ts'
import { createRightPartner, type Fault, TOKEN } from './right-partner.ts'
import { allOf, askedOf, check, faultsIn, found, portsFor } from './run.ts'

/** A clock that only pauses and calls move on. */
function clockOf(send: CheckPorts['send'], callMs: number) {
  let time = Date.now()
  const begun: number[] = []
  const ports: Partial<CheckPorts> = {
    now: () => time,
    pause: (ms) => {
      time += ms
      return Promise.resolve()
    },
    send: (request) => {
      begun.push(time)
      time += callMs
      return send(request)
    },
  }
  return { begun, ports }
}

describe('how a partner is treated', () => {
  test('it gets at most two calls a second, one at a time, and sixty in all', async () => {
    const partner = createRightPartner()
    const { begun, ports } = clockOf(partner.send, 20)
    await check(partner, ports, { consent: true })
    expect(begun.length).toBeGreaterThan(50)
    expect(begun.length).toBeLessThanOrEqual(CHECK_CALLS_MOST)
    const apart = begun.slice(1).map((at, i) => at - (begun[i] as number))
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(500)
  })

  test('wrong tokens come last, once each, and not at all where they are to be left out', async () => {
    const partner = createRightPartner()
    await check(partner)
    expect(partner.asked.slice(-2).map(({ token }) => token)).toEqual(['wrong', 'none'])
    expect(partner.asked.filter(({ token }) => token !== 'right')).toHaveLength(2)

    const careful = createRightPartner()
    const findings = await check(careful, {}, { skipsWrongToken: true })
    expect(careful.asked.filter(({ token }) => token !== 'right')).toEqual([])
    expect(found(findings, 'no-token')).toMatchObject({ outcome: 'skipped', detail: 'Left out as asked' })
  })

  test('of many parties each list is read, as far as the calls suffice, and what is left out says so', async () => {
    const partner = createRightPartner()
    const parties: CheckedParty[] = Array.from({ length: 20 }, (_, i) => ({
      ...{ countryCode: 'NL', partyId: `P${String(i).padStart(2, '0')}`, roles: ['CPO'] },
    }))
    const findings = await check(partner, {}, { platform: { ...partner.platform, parties } })
    expect(partner.asked).toHaveLength(CHECK_CALLS_MOST)
    expect(found(findings, 'wrong-token').outcome).toBe('pass')
    const outcomesOf = (probe: string) => findings.filter((each) => each.probe === probe).map(({ outcome }) => outcome)
    expect(outcomesOf('huge-limit')).toContain('pass')
    expect(outcomesOf('list-answers').filter((outcome) => outcome === 'pass').length).toBeGreaterThan(20)
    const left = findings.find(({ probe, outcome }) => probe === 'list-answers' && outcome === 'skipped')
    expect(left?.detail).toMatch(/do not suffice for \d+ of 81 lists/)
    expect(findings.length).toBeLessThan(700)
  })

  test('one that answers nothing is left alone after three calls', async () => {
    const silent: Fault = (said) => {
      said.failed = { kind: 'failed', why: 'timeout', detail: 'nothing within 25000 ms' }
    }
    const partner = createRightPartner(silent)
    const endpoints = [{ identifier: 'locations', role: 'SENDER', url: 'https://partner.example/l' }] as const
    const findings = await check(partner, {}, { platform: { ...partner.platform, endpoints } })
    expect(partner.asked).toHaveLength(3)
    expect(found(findings, 'versions-answer')).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining('25 s'),
    })
    expect(found(findings, 'speed').outcome).toBe('fail')
    expect(found(findings, 'wrong-token')).toMatchObject({
      outcome: 'skipped',
      detail: expect.stringContaining('in a row'),
    })
  })

  test('a run ends after five minutes, whatever the partner does', async () => {
    const partner = createRightPartner()
    const { begun, ports } = clockOf(partner.send, 20_000)
    const findings = await check(partner, ports)
    expect((begun.at(-1) as number) - (begun[0] as number)).toBeLessThan(300_000)
    expect(found(findings, 'wrong-token')).toMatchObject({
      outcome: 'skipped',
      detail: expect.stringContaining('five minutes'),
    })
  })

  test('a call that came too soon is made once more, when the partner says', async () => {
    let calls = 0
    const busy: Fault = (said, { token }) => {
      calls += 1
      if (token !== 'right' || calls % 2 === 0) return
      said.status = 429
      said.headers['Retry-After'] = '2'
    }
    const partner = createRightPartner(busy)
    const { begun, ports } = clockOf(partner.send, 20)
    const findings = await check(partner, ports)
    expect((begun[1] as number) - (begun[0] as number)).toBeGreaterThanOrEqual(2_000)
    expect(findings.filter(({ outcome }) => outcome === 'fail')).toEqual([])
    expect(partner.asked.length).toBeLessThanOrEqual(CHECK_CALLS_MOST)
    expect(partner.asked.filter(({ token }) => token === 'wrong')).toHaveLength(1)
  })

  test('one that says that there are too many calls all the time has no fault told for it', async () => {
    const busy: Fault = (said, { module }) => {
      if (module !== null) Object.assign(said, { status: 429, envelope: { status_code: 2000 } })
    }
    const findings = await check(createRightPartner(busy))
    expect(faultsIn(findings)).toEqual([])
    expect(found(findings, 'list-answers')).toMatchObject({
      outcome: 'skipped',
      detail: expect.stringContaining('429'),
    })
  })

  test('a run that is stopped makes no further call and tells nothing more', async () => {
    const partner = createRightPartner()
    const stop = new AbortController()
    const told = []
    for await (const finding of runCheck(portsFor(partner.send), askedOf(partner.platform, { signal: stop.signal }))) {
      told.push(finding)
      if (finding.probe === 'details-version') stop.abort()
    }
    expect(told.at(-1)?.probe).toBe('details-version')
    expect(partner.asked).toHaveLength(2)
  })

  test('a run that is taken up again tries no wrong token and no object a second time', async () => {
    const first = createRightPartner()
    const already = await check(first, {}, { consent: true })
    const again = createRightPartner()
    const findings = await check(again, {}, { consent: true, already })
    expect(findings).toEqual([])
    expect(again.asked.filter(({ token, method }) => token !== 'right' || method === 'PUT')).toEqual([])
  })

  test('from the hub’s party to the party that is asked, with the run’s correlation ID', async () => {
    const partner = createRightPartner()
    await check(partner)
    const list = partner.asked.find(({ module }) => module === 'tokens')
    const names = ['ocpi-from-party-id', 'ocpi-to-party-id', 'x-correlation-id']
    expect(names.map((name) => header(list?.headers ?? [], name))).toEqual(['HUB', 'EMA', 'the-run'])
    expect(header(partner.asked[0]?.headers ?? [], 'ocpi-to-party-id')).toBeUndefined()
  })
})

describe('a partner that means harm', () => {
  test('gets no token at another host, nor without TLS, wherever its links lead', async () => {
    for (const elsewhere of ['https://cdn.partner.example', 'http://partner.example', 'https://partner.example:8443']) {
      const origins = new Set<string>()
      const leads: Fault = ({ headers }) => {
        headers['Link'] &&= headers['Link'].replace('https://partner.example', elsewhere)
      }
      const partner = createRightPartner(leads)
      const send: CheckPorts['send'] = (request) => {
        origins.add(request.origin)
        return partner.send(request)
      }
      const findings = await check(partner, { send })
      expect([...origins]).toEqual(['https://partner.example'])
      expect(found(findings, 'second-page')).toMatchObject({
        outcome: 'skipped',
        detail: expect.stringContaining('token'),
      })
    }
  })

  test('holds nobody up by a list that goes on and on', () => {
    const { platform } = createRightPartner()
    const endpoints = Array.from({ length: 150_000 }, (_, i) => ({
      identifier: `m${i}`,
      role: 'SENDER',
      url: 'https://partner.example/m',
    }))
    const begun = performance.now()
    const [unique] = endpointProbes(endpoints, platform, { kind: 'not-made', why: '' })
    expect(unique?.verdict.outcome).toBe('pass')
    expect(performance.now() - begun).toBeLessThan(3_000)
  })

  test('ends no run by what it puts where texts should be', async () => {
    const deep = `${'['.repeat(6_000)}${']'.repeat(6_000)}`
    const nested = `${'{"a":'.repeat(6_000)}1${'}'.repeat(6_000)}`
    for (const odd of ['{"toString":1,"valueOf":1,"toJSON":1}', deep, nested, '"\\ud800"', '1e999']) {
      const strange: Fault = (said) => {
        said.raw = JSON.stringify(said.envelope, (name, value: unknown) =>
          ['id', 'uid', 'country_code', 'role', 'timestamp'].includes(name) &&
          typeof value === 'string' &&
          !value.startsWith('SENDER') &&
          !value.startsWith('RECEIVER')
            ? 'ODD'
            : value,
        ).replaceAll('"ODD"', odd)
      }
      const findings = await check(createRightPartner(strange), {}, { consent: true })
      expect(found(findings, 'wrong-token').outcome).toBe('pass')
      expect(faultsIn(findings)).toContain('timestamp-format fail')
    }
  })
})

describe('what is kept of a run', () => {
  test('each call is a message of its own, and evidence by its request ID', async () => {
    const partner = createRightPartner()
    const log: Exchange[] = []
    const findings = await allOf(runCheck(portsFor(partner.send, log), askedOf(partner.platform)))
    expect(log).toHaveLength(partner.asked.length)
    expect(new Set(log.map(({ kind, toPlatformId }) => `${kind} ${toPlatformId}`))).toEqual(
      new Set(['check platform-1']),
    )
    const ids = new Set(log.map(({ requestId }) => requestId))
    for (const { messageIds } of findings) for (const id of messageIds) expect(ids).toContain(id)
    const evidence = findings.filter(({ outcome, messageIds }) => outcome === 'pass' && messageIds.length === 0)
    expect(evidence).toEqual([])
  })

  test('the token is in no finding and in no message, even where the partner says it', async () => {
    const tells: Fault = (said, { token }) => {
      if (token !== 'right' || said.status >= 300) return
      said.envelope = { status_code: 2001, status_message: `I do not like ${TOKEN}`, data: TOKEN }
      said.headers['X-Request-ID'] = TOKEN
    }
    const partner = createRightPartner(tells)
    const log: Exchange[] = []
    const findings = await allOf(runCheck(portsFor(partner.send, log), askedOf(partner.platform)))
    expect(JSON.stringify(findings)).not.toContain(TOKEN)
    expect(JSON.stringify(findings)).toContain('I do not like ***')
    const kept = log.map(({ responseBody, responseHeaders }) => `${Buffer.from(responseBody ?? [])}${responseHeaders}`)
    expect(kept.join('')).not.toContain(TOKEN)
  })

  test('no other token is either, where the credentials come without an envelope', async () => {
    const bare: Fault = (said, { path }) => {
      if (path.endsWith('/credentials')) said.raw = '{"token":"given-to-the-partner","roles":[]}'
    }
    const findings = await check(createRightPartner(bare))
    expect(found(findings, 'credentials-get').outcome).toBe('fail')
    expect(JSON.stringify(findings)).not.toContain('given-to')
  })

  test('what a partner writes is cut, and in one line', async () => {
    const talks: Fault = (said, { module }) => {
      if (module === 'locations') {
        said.envelope = { status_code: 3000, status_message: `<b>line\nline\u0000 ${'x'.repeat(5_000)}` }
      }
    }
    const findings = await check(createRightPartner(talks))
    expect(faultsIn(findings)).toContain('list-answers fail')
    for (const { detail, advice } of findings) {
      expect(detail.length).toBeLessThanOrEqual(500)
      expect(advice?.length ?? 0).toBeLessThanOrEqual(500)
      expect(detail).not.toMatch(/[\n\u0000]|<b>/)
    }
  })
})
