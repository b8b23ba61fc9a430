import type { Finding, ProbeName } from '../../../src/hub/check/check.ts'
import type { AskedCheck, CheckPorts } from '../../../src/hub/check/ports.ts'
import { runCheck } from '../../../src/hub/check/run-check.ts'
import { createRoom } from '../../../src/hub/limits.ts'
import type { Exchange } from '../../../src/hub/message/exchange.ts'
import { createInflater } from '../../../src/runtime/shared/inflate.ts'
import { HUB, type RightPartner } from './right-partner.ts'

const YEAR_MS = 365 * 24 * 3_600_000

/** What a check of a partner asks for, without waiting between calls. What it logs is added to `log`. */
export function portsFor(send: CheckPorts['send'], log: Exchange[] = []): CheckPorts {
  let ids = 0
  const inflate = createInflater({ room: createRoom(64 * 1024 * 1024), now: Date.now, noteBound: () => undefined })
  return {
    send,
    inflate,
    random: {
      id: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
      token: () => `random-token-${ids}`,
    },
    now: Date.now,
    pause: () => Promise.resolve(),
    loopMark: 'mark',
    mayCall: (url) => (url.startsWith('https://10.') ? { ok: false, why: 'is a private address' } : { ok: true }),
    observe: (exchange) => log.push(exchange),
    hub: HUB,
    timeoutMs: 25_000,
    takesPlainHttp: false,
    readTls: () => Promise.resolve({ kind: 'seen', facts: { protocol: 'TLSv1.3', validTo: Date.now() + YEAR_MS } }),
    results: null,
  }
}

export function askedOf(platform: AskedCheck['platform'], more: Partial<AskedCheck> = {}): AskedCheck {
  return {
    platform,
    correlationId: 'the-run',
    consent: false,
    skipsWrongToken: false,
    already: [],
    signal: new AbortController().signal,
    ...more,
  }
}

export async function allOf(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const all: Finding[] = []
  for await (const finding of findings) all.push(finding)
  return all
}

export function check(
  partner: RightPartner,
  ports: Partial<CheckPorts> = {},
  asked: Partial<AskedCheck> = {},
): Promise<Finding[]> {
  return allOf(runCheck({ ...portsFor(partner.send), ...ports }, askedOf(partner.platform, asked)))
}

/** What does not pass, as `total-count fail`, each once and in order. */
export function faultsIn(findings: readonly Finding[]): string[] {
  const faults = findings.filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')
  return [...new Set(faults.map(({ probe, outcome }) => `${probe} ${outcome}`))].sort()
}

export function found(findings: readonly Finding[], probe: ProbeName): Finding {
  const finding = findings.find((each) => each.probe === probe)
  if (!finding) throw new Error(`Nothing was found by ${probe}`)
  return finding
}
