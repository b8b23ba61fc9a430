import { expect, it } from 'vitest'
import { createAliases } from '../../../src/hub/open-routing/aliases.ts'
import type { Fact } from '../../../src/hub/open-routing/object-owners.ts'

const OWNER = { countryCode: 'NL', partyId: 'CPO' }

function aliasesThatLearn() {
  const learnt: Fact[] = []
  const owners = { learn: (fact: Fact) => void learnt.push(fact), findMany: async () => new Map() }
  const digest = (text: string) => `${text.length}`.padEnd(43, '0')
  return { aliases: createAliases({ owners, digest }), learnt }
}

it('keeps what an alias of a long id stands for', () => {
  const { aliases, learnt } = aliasesThatLearn()
  const id = 'x'.repeat(50)
  const alias = aliases.aliasOf(OWNER, id, 'location')
  expect(aliases.ownerOf(alias)).toEqual({ owner: OWNER, id })
  expect(learnt).toHaveLength(1)
})

it('keeps no ids without end, of which memory would be full, nor such as no database takes', () => {
  const { aliases, learnt } = aliasesThatLearn()
  for (const id of ['x'.repeat(900_000), `${'x'.repeat(50)}\0`]) {
    const alias = aliases.aliasOf(OWNER, id, 'location')
    expect(alias).toMatch(/^NLCPO!.{26}$/)
    expect(aliases.aliasOf(OWNER, id, 'location')).toBe(alias)
    expect(aliases.ownerOf(alias)).toBe(null)
  }
  expect(learnt).toEqual([])
})
