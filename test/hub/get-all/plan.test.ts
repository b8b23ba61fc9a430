import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GetAllPlan, segmentsOf, totalOf } from '../../../src/hub/get-all/plan.ts'
import { type PartyKey, partyKey } from '../../../src/ocpi/party.ts'

const planOf = (totals: readonly number[]): GetAllPlan => ({
  id: 'plan',
  expiresAt: 0,
  sources: totals.map((total, i) => ({
    party: partyKey('NL', `P${i}`),
    platformId: `platform-${i}`,
    others: [],
    total,
    said: total,
    isExact: false,
    leftOut: 0,
    paging: 'offset' as const,
    places: [],
    gap: null,
    beginning: '',
    missing: null,
  })),
})

describe('Transport and format: GET All via Hubs, paging', () => {
  it('gives every object of every source exactly once, in the same order whatever the size of the pages', () => {
    const totals = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 })
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(totals, sizes, (counts, limits) => {
        const plan = planOf(counts)
        const expected = plan.sources.flatMap(({ party, total }) =>
          Array.from({ length: total }, (_, i) => `${party} ${i}`),
        )
        const seen: string[] = []
        for (let offset = 0, page = 0; offset < totalOf(plan); page++) {
          const limit = limits[page % limits.length] as number
          const segments = segmentsOf(plan, { offset, limit })
          const objects = segments.flatMap(({ source, start, count }) =>
            Array.from({ length: count }, (_, i) => `${source.party} ${start + i}`),
          )
          expect(objects).toHaveLength(Math.min(limit, totalOf(plan) - offset))
          seen.push(...objects)
          offset += limit
        }
        expect(seen).toEqual(expected)
      }),
    )
  })

  it('has nothing beyond the end', () => {
    expect(segmentsOf(planOf([3, 2]), { offset: 5, limit: 10 })).toEqual([])
    expect(segmentsOf(planOf([]), { offset: 0, limit: 10 })).toEqual([])
  })

  it('asks only the sources that a page touches', () => {
    const parties = (offset: number, limit: number): PartyKey[] =>
      segmentsOf(planOf([10, 0, 10, 10]), { offset, limit }).map(({ source }) => source.party)
    expect(parties(5, 5)).toEqual([partyKey('NL', 'P0')])
    expect(parties(9, 2)).toEqual([partyKey('NL', 'P0'), partyKey('NL', 'P2')])
    expect(parties(10, 10)).toEqual([partyKey('NL', 'P2')])
  })
})
