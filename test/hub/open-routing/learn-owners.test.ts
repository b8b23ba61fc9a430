import { expect, test } from 'vitest'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { createOwnerLearner } from '../../../src/hub/open-routing/learn-owners.ts'
import type { Fact } from '../../../src/hub/open-routing/object-owners.ts'
import { bytes, exchange } from '../../support/exchange.ts'

/** What the answer of an eMSP that was asked by name teaches. */
function learntFrom(answer: string): Fact[] {
  const facts: Fact[] = []
  const learn = createOwnerLearner({
    owners: { learn: (fact) => facts.push(fact) },
    table: () => ({}) as RoutingTable,
  })
  learn(
    exchange({
      module: 'tokens',
      method: 'POST',
      path: '/ocpi/2.2.1/sender/tokens/ABC1/authorize',
      responseBody: bytes(answer),
    }),
  )
  return facts
}

test.each(['ALLOWED', 'BLOCKED', 'EXPIRED', 'NO_CREDIT'])('an eMSP that says %s knows the token', (allowed) => {
  expect(learntFrom(`{"status_code":1000,"data":{"allowed":"${allowed}"}}`)).toEqual([
    { kind: 'token', key: 'abc1', party: 'DE*MSP' },
  ])
})

test.each(['{"allowed":"NOT_ALLOWED"}', '{}', 'null'])('an eMSP that says %s may not know it', (data) => {
  expect(learntFrom(`{"status_code":1000,"data":${data}}`)).toEqual([])
})
