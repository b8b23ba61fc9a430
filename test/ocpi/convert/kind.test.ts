import { describe, expect, it } from 'vitest'
import { answerKind, requestKind } from '../../../src/ocpi/convert/kind.ts'

const request = (text: string) => {
  const [role, method, module, rest = ''] = text.split(' ') as ['SENDER' | 'RECEIVER', string, string, string?]
  const carried = requestKind(module, role, method, rest)
  return carried && `${carried.kind}${carried.isPatch ? ' in part' : ''}`
}
const answer = (text: string) => {
  const [role, method, module, rest = ''] = text.split(' ') as ['SENDER' | 'RECEIVER', string, string, string?]
  const kind = answerKind(module, role, method, rest)
  return kind && kind !== 'dropped' ? `${kind.kind}${kind.isList ? 's' : ''}` : kind
}

describe('what a request holds', () => {
  it.each([
    ['RECEIVER PUT locations /NL/CPO/L', 'location'],
    ['RECEIVER PUT locations /NL/CPO/L/', 'location'],
    ['RECEIVER PATCH locations /NL/CPO/L/E', 'evse in part'],
    ['RECEIVER PUT locations /NL/CPO/L/E/1', 'connector'],
    ['RECEIVER PUT locations /NL/CPO/L/E/1/2', null],
    ['RECEIVER PUT locations /NL/CPO', null],
    ['RECEIVER GET locations /NL/CPO/L', null],
    ['RECEIVER PUT tariffs /NL/CPO/1', 'tariff'],
    ['RECEIVER DELETE tariffs /NL/CPO/1', null],
    ['RECEIVER PATCH tokens /NL/MSP/1', 'token in part'],
    ['RECEIVER PATCH sessions /NL/CPO/1', 'session in part'],
    ['RECEIVER POST cdrs ', 'cdr'],
    ['SENDER POST tokens /1/authorize', 'location-references'],
    ['SENDER PUT sessions /1/charging_preferences', null],
    ['RECEIVER POST commands /START_SESSION', 'start-session'],
    ['RECEIVER POST commands /stop_session', 'stop-session'],
    ['RECEIVER POST commands /RESERVE_NOW', 'reserve-now'],
    ['RECEIVER POST commands /UNLOCK_CONNECTOR', 'unlock-connector'],
    ['RECEIVER POST commands /CANCEL_RESERVATION', 'cancel-reservation'],
    ['RECEIVER POST commands /OWN_COMMAND', null],
    ['SENDER POST commands /anything/of/its/own', 'command-result'],
    ['RECEIVER PUT chargingprofiles /1', null],
    ['RECEIVER PUT nltnm-tokens /NL/CPO/1', null],
  ])('%s: %s', (asked, kind) => {
    expect(request(asked)).toBe(kind)
  })
})

describe('what an answer holds', () => {
  it.each([
    ['SENDER GET locations ', 'locations'],
    ['SENDER GET locations /', 'locations'],
    ['SENDER GET locations /L', 'location'],
    ['SENDER GET locations /L/E', 'evse'],
    ['SENDER GET locations /L/E/1', 'connector'],
    ['RECEIVER GET locations /NL/CPO/L/E', 'evse'],
    ['RECEIVER PUT locations /NL/CPO/L', 'dropped'],
    ['RECEIVER PATCH sessions /NL/CPO/1', 'dropped'],
    ['RECEIVER DELETE tariffs /NL/CPO/1', 'dropped'],
    ['SENDER GET tariffs ', 'tariffs'],
    ['SENDER GET tokens ', 'tokens'],
    ['SENDER GET sessions ', 'sessions'],
    ['SENDER GET sessions /1', 'session'],
    ['RECEIVER GET tokens /NL/MSP/1', 'token'],
    ['SENDER GET cdrs ', 'cdrs'],
    ['RECEIVER GET cdrs /where/it/is', 'cdr'],
    ['RECEIVER POST cdrs ', 'dropped'],
    ['SENDER POST tokens /1/authorize', 'authorization'],
    ['SENDER PUT sessions /1/charging_preferences', null],
    ['RECEIVER POST commands /START_SESSION', 'command-response'],
    ['SENDER POST commands /1', 'dropped'],
    ['RECEIVER GET chargingprofiles /1', null],
    ['SENDER GET invoices ', null],
  ])('%s: %s', (asked, kind) => {
    expect(answer(asked)).toBe(kind)
  })
})
