import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCpo } from '../../../src/demo/partners/cpo.ts'
import { createEmsp } from '../../../src/demo/partners/emsp.ts'
import type { Platform } from '../../../src/demo/partners/platform.ts'
import type { CheckedPlatform, Finding } from '../../../src/hub/check/check.ts'
import type { CheckPorts } from '../../../src/hub/check/ports.ts'
import { runCheck } from '../../../src/hub/check/run-check.ts'
import type { Role } from '../../../src/ocpi/party.ts'
import { createUndiciSend } from '../../../src/runtime/node/undici-send.ts'
import { allOf, askedOf, found, portsFor } from './run.ts'

const BOMB = gzipSync(Buffer.alloc(20 * 1024 * 1024, ' '), { level: 1 })

const { send, close } = createUndiciSend({ isAddressAllowed: () => true })
afterAll(close)

function checkAt(platform: CheckedPlatform, ports: Partial<CheckPorts> = {}, consent = false): Promise<Finding[]> {
  return allOf(runCheck({ ...portsFor(send), takesPlainHttp: true, ...ports }, askedOf(platform, { consent })))
}

function platformAt(versionsUrl: string, more: Partial<CheckedPlatform> = {}): CheckedPlatform {
  return {
    id: 'platform-1',
    name: 'Partner',
    versionsUrl,
    version: '2.2.1',
    token: 'a-token',
    encoding: 'base64',
    parties: [{ countryCode: 'NL', partyId: 'CPA', roles: ['CPO'] }],
    endpoints: [],
    endpointOverrides: [],
    ...more,
  }
}

describe('the simulated partners of the demo', () => {
  const observe = () => undefined
  const CPO = { country_code: 'NL', party_id: 'CPA' }
  const EMSP = { country_code: 'DE', party_id: 'EMB' }
  const cpo = createCpo({ name: 'Polder Charging', party: CPO, country: 'NL', observe, stationDelayMs: 0 })
  const emsp = createEmsp({ name: 'Alpen Drive', party: EMSP, observe })

  beforeAll(async () => {
    await cpo.platform.listen()
    await emsp.platform.listen()
    await emsp.platform.register({ versionsUrl: cpo.platform.versionsUrl(), token: cpo.platform.issueToken() })
    const [location, token] = [cpo.locations[0], emsp.tokens[0]]
    if (!location || !token) throw new Error('The simulated parties hold nothing')
    await emsp.startSession(CPO, { token, location, evse: 0 })
    const seen = (status: string) =>
      emsp.platform.inbox.until(status, () => [...emsp.sessions.values()].find((session) => session.status === status))
    const { id } = await seen('ACTIVE')
    await cpo.charge(id, 5, 10)
    await emsp.stopSession(CPO, id)
    await seen('COMPLETED')
    await cpo.bill(id)
  })
  afterAll(async () => {
    await emsp.close()
    await cpo.close()
  })

  test.each([
    ['CPO', cpo.platform, emsp.platform, CPO],
    ['EMSP', emsp.platform, cpo.platform, EMSP],
  ] as const)('none of its probes fails of the %s', async (role: Role, platform: Platform, peer: Platform, party) => {
    const parties = [{ countryCode: party.country_code, partyId: party.party_id, roles: [role] }]
    const checked = platformAt(platform.versionsUrl(), { token: peer.peer()?.token ?? '', parties })
    const findings = await checkAt(checked, {}, true)
    expect(findings.filter(({ outcome }) => outcome === 'fail')).toEqual([])
    expect(findings.filter(({ outcome }) => outcome === 'pass').length).toBeGreaterThan(40)
    expect(found(findings, 'schema')).toMatchObject({ outcome: 'pass' })
    expect(found(findings, role === 'CPO' ? 'push-token' : 'push-location')).toMatchObject({ outcome: 'pass' })
  })
})

describe('what a partner does to a check ends in a finding', () => {
  const closing: (() => void)[] = []
  afterAll(() => {
    for (const each of closing) each()
  })

  async function listen(listener: RequestListener): Promise<string> {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ocpi/versions`
  }

  const LOCATIONS = (versionsUrl: string) =>
    [{ identifier: 'locations', role: 'SENDER', url: new URL('locations', versionsUrl).href }] as const

  test.each<readonly [string, RequestListener, string]>([
    ['no answer', () => undefined, 'was not complete within 1 s'],
    [
      'a body that never ends',
      (_, response) => void response.writeHead(200, { 'Content-Length': 100 }).write('{'),
      'was not complete within 1 s',
    ],
    ['a page of HTML', (_, response) => void response.end('<html>Welcome</html>'), 'HTTP 200 without an OCPI envelope'],
    ['nothing', (_, response) => void response.writeHead(204).end(), 'HTTP 204 without an OCPI envelope'],
    ['a bare list', (_, response) => void response.end('[]'), 'without an OCPI envelope'],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { Location: 'https://elsewhere.example/login?token=secret' }).end(),
      'HTTP 302 (to “https://elsewhere.example/login?...”, which is not followed)',
    ],
    [
      'thirty megabytes',
      (_, response) => void response.writeHead(200).end(Buffer.alloc(30 * 1024 * 1024, ' ')),
      'with more than the check reads',
    ],
    [
      'a small gzip of twenty megabytes',
      (_, response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(BOMB),
      'with more than the check reads',
    ],
    [
      'what is no gzip',
      (_, response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('{}'),
      'cannot be inflated',
    ],
    ['a connection that is cut', (_, response) => void response.socket?.destroy(), 'got no answer'],
    ['half an answer', (_, response) => void halfOf(response.socket), 'got no answer'],
    ['an answer that is no HTTP', (_, response) => void response.socket?.end('Hello\r\n\r\n'), 'got no answer'],
    ['nested without end', (_, response) => void response.end('['.repeat(200_000)), 'without an OCPI envelope'],
  ])('%s', async (_, listener, detail) => {
    const versionsUrl = await listen(listener)
    const platform = platformAt(versionsUrl, { endpoints: LOCATIONS(versionsUrl) })
    // Only what never comes is waited for.
    const findings = await checkAt(platform, { timeoutMs: detail.includes('complete') ? 100 : 10_000 })
    expect(found(findings, 'versions-answer')).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining(detail),
    })
    expect(JSON.stringify(findings)).not.toContain('secret')
    expect(findings.filter(({ probe }) => probe === 'list-answers')).toHaveLength(1)
  })

  test('nobody listens', async () => {
    const findings = await checkAt(platformAt('http://127.0.0.1:9/ocpi/versions'), { timeoutMs: 500 })
    expect(found(findings, 'versions-answer')).toMatchObject({ outcome: 'fail' })
    expect(found(findings, 'details-version').outcome).toBe('skipped')
  })

  test('an address that the hub may not call is not called', async () => {
    const mayCall: CheckPorts['mayCall'] = () => ({ ok: false, why: 'is a private address' })
    const findings = await checkAt(platformAt('http://127.0.0.1:9/ocpi/versions'), { mayCall })
    expect(found(findings, 'versions-answer')).toMatchObject({
      ...{ outcome: 'skipped', detail: expect.stringContaining('is a private address') },
      messageIds: [],
    })
  })
})

function halfOf(socket: { end: (text: string) => unknown } | null): void {
  socket?.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"data":[')
}
