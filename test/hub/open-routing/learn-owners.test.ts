import { expect, test } from 'vitest'
import type { Exchange } from '../../../src/hub/message/exchange.ts'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { createOwnerLearner } from '../../../src/hub/open-routing/learn-owners.ts'
import type { Fact } from '../../../src/hub/open-routing/object-owners.ts'
import { bytes, exchange } from '../../support/exchange.ts'

/** What the answer of a party that was asked by name teaches. */
function learntFrom(asked: Partial<Exchange>): Fact[] {
  const facts: Fact[] = []
  const learn = createOwnerLearner({
    owners: { learn: (fact) => facts.push(fact) },
    table: () => ({ platforms: new Map([['old', { version: '2.1.1' }]]) }) as unknown as RoutingTable,
  })
  learn(exchange(asked))
  return facts
}

test.each(['ALLOWED', 'BLOCKED', 'EXPIRED', 'NO_CREDIT', 'NOT_ALLOWED'])(
  'an eMSP that says %s is not taken for the owner of the token',
  (allowed) => {
    const responseBody = bytes(`{"status_code":1000,"data":{"allowed":"${allowed}"}}`)
    const path = '/ocpi/2.2.1/sender/tokens/ABC1/authorize'
    expect(learntFrom({ module: 'tokens', method: 'POST', path, responseBody })).toEqual([])
  },
)

test('a CPO that shows a location as its own is its owner', () => {
  const path = '/ocpi/2.2.1/sender/locations/LOC1'
  const shown = (data: string) =>
    learntFrom({ toParty: 'NL-CPO', path, responseBody: bytes(`{"status_code":1000,"data":${data}}`) })
  expect(shown('{"country_code":"nl","party_id":"CPO","id":"LOC1"}')).toEqual([
    { kind: 'location', key: 'loc1', party: 'NL*CPO' },
  ])
  for (const data of ['{"country_code":"NL","party_id":"CP2"}', '{}', '[]', 'null']) expect(shown(data)).toEqual([])
})

test('a CPO of OCPI 2.1.1, whose locations name no owner, owns the one that it shows under the id that was asked for', () => {
  const shown = (toPlatformId: string, data: string) =>
    learntFrom({
      ...{ toPlatformId, toParty: 'NL-CPO', path: '/ocpi/2.2.1/sender/locations/LOC1' },
      responseBody: bytes(`{"status_code":1000,"data":${data}}`),
    })
  expect(shown('old', '{"id":"Loc1"}')).toEqual([{ kind: 'location', key: 'loc1', party: 'NL*CPO' }])
  for (const data of ['{"id":"LOC2"}', '{}', '{"id":"LOC1","country_code":"NL","party_id":"CP2"}'])
    expect(shown('old', data)).toEqual([])
  expect(shown('new', '{"id":"LOC1"}')).toEqual([])
})

test('what is exchanged with a sandbox partner, which takes anything, teaches nothing', () => {
  const cdr = { cdr_token: { uid: 'ABC1', country_code: 'XS', party_id: 'SE1' } }
  const posted = {
    ...({ module: 'cdrs', method: 'POST', interfaceRole: 'RECEIVER', toParty: 'XS-SE1' } as const),
    ...{ path: '/ocpi/2.2.1/receiver/cdrs', requestBody: bytes(JSON.stringify(cdr)) },
  }
  expect(learntFrom(posted)).toEqual([{ kind: 'token', key: 'abc1', party: 'XS*SE1' }])
  expect(learntFrom({ ...posted, isTrial: true })).toEqual([])
})
