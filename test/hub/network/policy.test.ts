import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Agreement,
  decide,
  lastFlip,
  mayTalk,
  mayTalkAtAll,
  type PolicyKind,
  pairKey,
} from '../../../src/hub/network/policy.ts'
import type { RoutingTable } from '../../../src/hub/network/routing-table.ts'
import { keyOf, type Party } from '../../../src/ocpi/party.ts'

const MODULES = ['locations', 'tokens', 'cdrs', 'nltnm-tokens']
const parties: readonly Party[] = ['AAA', 'BBB', 'CCC'].map((partyId) => ({ countryCode: 'NL', partyId }))

const party = fc.constantFrom(...parties)
const moment = fc.integer({ min: 0, max: 100 })
const inAnyCase = (of: Party, mask: number): Party => ({
  countryCode: spell(of.countryCode, mask),
  partyId: spell(of.partyId, mask >> 2),
})

function spell(text: string, mask: number): string {
  return [...text].map((letter, i) => ((mask >> i) & 1 ? letter.toLowerCase() : letter)).join('')
}

const rule = fc
  .record({
    a: party,
    b: party,
    mask: fc.nat(),
    effect: fc.constantFrom('allow' as const, 'deny' as const),
    modules: fc.option(fc.subarray(MODULES, { minLength: 1 })),
    validFrom: fc.option(moment),
    validUntil: fc.option(moment),
    endedAt: fc.option(moment),
  })
  .filter(({ a, b }) => a !== b)

const rules = fc.array(rule, { maxLength: 12 }).map((list) =>
  list.map(
    ({ mask, ...given }, i): Agreement => ({
      ...given,
      a: inAnyCase(given.a, mask),
      b: inAnyCase(given.b, mask >> 5),
      id: `rule-${i}`,
      number: i + 1,
      createdAt: 0,
      createdRevision: i + 1,
      revision: i + 1,
    }),
  ),
)

const kind = fc.constantFrom<PolicyKind>('open', 'agreements')

function tableOf(list: readonly Agreement[], policy: PolicyKind): RoutingTable {
  return {
    revision: 1,
    hub: { countryCode: 'NL', partyId: 'HUB' },
    credentials: new Map(),
    platforms: new Map(),
    parties: new Map(),
    departed: new Map(),
    policy: { kind: policy, turns: [] },
    agreements: Map.groupBy(list, (each) => pairKey(keyOf(each.a), keyOf(each.b))),
  }
}

/** The rules read aloud, slowly: of those between the two, in force, that speak of the module, the last one counts. */
function readAloud(list: readonly Agreement[], policy: PolicyKind, a: Party, b: Party, module: string, at: number) {
  const names = (each: Agreement) => [each.a, each.b].map((p) => `${p.countryCode}${p.partyId}`.toUpperCase()).sort()
  const pair = [a, b].map((p) => `${p.countryCode}${p.partyId}`.toUpperCase()).sort()
  const applying = list.filter(
    (each) =>
      names(each).join() === pair.join() &&
      (each.validFrom === null || each.validFrom <= at) &&
      (each.validUntil === null || at < each.validUntil) &&
      (each.endedAt === null || at < each.endedAt) &&
      (each.modules === null || each.modules.includes(module)),
  )
  return {
    allowed: (applying.at(-1)?.effect ?? (policy === 'open' ? 'allow' : 'deny')) === 'allow',
    by: applying.at(-1),
  }
}

function withoutEnded(list: readonly Agreement[]): readonly Agreement[] {
  return list.filter((each) => each.endedAt === null)
}

const question = fc
  .record({
    list: rules,
    policy: kind,
    a: party,
    b: party,
    module: fc.constantFrom(...MODULES),
    at: moment,
  })
  .filter(({ a, b }) => a !== b)

describe('Whether two parties may talk', () => {
  test('is always so for a party with itself, which may have roles on several platforms', () => {
    const [a, table] = [{ countryCode: 'NL', partyId: 'ABC' }, tableOf([], 'agreements')]
    expect(mayTalk(table, keyOf(a), keyOf(a), 'locations', 0)).toBe(true)
    expect(decide(table, a, { countryCode: 'nl', partyId: 'abc' }, 'locations', 0, 0)).toMatchObject({
      isAllowed: true,
    })
  })

  test('is what the latest rule in force says, and else what the policy says', () => {
    fc.assert(
      fc.property(question, ({ list, policy, a, b, module, at }) => {
        const table = tableOf(list, policy)
        const { allowed } = readAloud(withoutEnded(list), policy, a, b, module, at)
        expect(mayTalk(table, keyOf(a), keyOf(b), module, at)).toBe(allowed)
        expect(decide(table, a, b, module, at, at).isAllowed).toBe(allowed)
      }),
    )
  })

  test('was what the latest rule said that was in force then, though it has been ended since', () => {
    fc.assert(
      fc.property(question, ({ list, policy, a, b, module, at }) => {
        const expected = readAloud(list, policy, a, b, module, at)
        const decision = decide(tableOf(list, policy), a, b, module, at, at + 1)
        const id = expected.by?.id
        expect(decision.isAllowed).toBe(expected.allowed)
        expect(decision.rule?.id).toBe(id)
        if (id) expect(decision.reason).toContain(id)
      }),
    )
  })

  test('is not what a rule says that was ended, though the clock was put back behind that moment', () => {
    const [a, b] = parties as [Party, Party]
    const ended: Agreement = {
      ...{ id: 'ended', number: 1, a, b, effect: 'allow', modules: null, validFrom: null, validUntil: null },
      ...{ createdAt: 0, createdRevision: 1, endedAt: 50, revision: 2 },
    }
    const table = tableOf([ended], 'agreements')
    expect(mayTalk(table, keyOf(a), keyOf(b), 'locations', 20)).toBe(false)
    expect(mayTalkAtAll([ended], 'agreements', 20)).toBe(false)
  })

  test('is the same in both directions and in any letter case', () => {
    fc.assert(
      fc.property(question, fc.nat(), ({ list, policy, a, b, module, at }, mask) => {
        const table = tableOf(list, policy)
        const answer = mayTalk(table, keyOf(a), keyOf(b), module, at)
        expect(mayTalk(table, keyOf(inAnyCase(b, mask)), keyOf(inAnyCase(a, mask)), module, at)).toBe(answer)
        expect(decide(table, inAnyCase(b, mask), inAnyCase(a, mask), module, at, at).isAllowed).toBe(answer)
      }),
    )
  })

  test('is not touched by rules of other parties', () => {
    fc.assert(
      fc.property(question, ({ list, policy, a, b, module, at }) => {
        const own = list.filter((each) => pairKey(keyOf(each.a), keyOf(each.b)) === pairKey(keyOf(a), keyOf(b)))
        const answer = mayTalk(tableOf(list, policy), keyOf(a), keyOf(b), module, at)
        expect(answer).toBe(mayTalk(tableOf(own, policy), keyOf(a), keyOf(b), module, at))
      }),
    )
  })
})

describe('Whether two parties may talk about anything at all', () => {
  test('is true when there is a module, named by a rule or not, that they may talk about', () => {
    fc.assert(
      fc.property(question, ({ list, policy, a, b, at }) => {
        const table = tableOf(list, policy)
        const any = [...MODULES, 'never-named'].some((module) => mayTalk(table, keyOf(a), keyOf(b), module, at))
        const pair = table.agreements.get(pairKey(keyOf(a), keyOf(b))) ?? []
        expect(mayTalkAtAll(pair, policy, at)).toBe(any)
      }),
    )
  })

  test('last changed at the moment since when the answer has been what it is', () => {
    fc.assert(
      fc.property(question, fc.uniqueArray(moment, { maxLength: 4 }), ({ list, policy, a, b, at }, turnedAt) => {
        const pair = tableOf(list, policy).agreements.get(pairKey(keyOf(a), keyOf(b))) ?? []
        const other = policy === 'open' ? 'agreements' : 'open'
        const answer = (t: number) => {
          // Rules count from their creation at 0.
          const known = t < 0 ? [] : pair.map((each) => ((each.endedAt ?? -1) > t ? { ...each, endedAt: null } : each))
          const isTurnedBack = turnedAt.filter((moment) => moment > t).length % 2 === 1
          return mayTalkAtAll(known, isTurnedBack ? other : policy, t)
        }
        const changes = Array.from({ length: at + 1 }, (_, t) => t).filter((t) => answer(t) !== answer(t - 1))
        const turns = turnedAt.map((moment) => ({ at: moment, revision: 0 }))
        expect(lastFlip([pair], { kind: policy, turns }, at)).toBe(changes.at(-1) ?? null)
      }),
    )
  })
})
