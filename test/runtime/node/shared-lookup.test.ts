import type { LookupAddress } from 'node:dns'
import { expect, it } from 'vitest'
import { createSharedLookup } from '../../../src/runtime/node/shared-lookup.ts'

it('asks once for a name that many wait for, and anew for the next', () => {
  const asked: string[] = []
  const answers: ((addresses: LookupAddress[]) => void)[] = []
  const lookup = createSharedLookup((hostname, _, callback) => {
    asked.push(hostname)
    answers.push((addresses) => callback(null, addresses))
  })
  const told: string[] = []
  const ask = (hostname: string) =>
    lookup(hostname, { all: true }, (_, [first]) => told.push(`${hostname} ${first?.address}`))
  for (const hostname of ['a.example', 'a.example', 'b.example', 'a.example']) ask(hostname)
  expect(asked).toEqual(['a.example', 'b.example'])
  answers[0]?.([{ address: '192.0.2.1', family: 4 }])
  expect(told).toEqual(['a.example 192.0.2.1', 'a.example 192.0.2.1', 'a.example 192.0.2.1'])
  ask('a.example')
  expect(asked).toEqual(['a.example', 'b.example', 'a.example'])
})
