import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Kind } from '../../../src/ocpi/convert/conversion.ts'
import { change, type ListedRule, listRules, type RuleTable } from '../../../src/ocpi/convert/rules.ts'
import { DOWN_221_TO_211, UP_211_TO_221 } from '../../../src/ocpi/convert/rules-211-221.ts'
import { DOWN_TO_221, UP_TO_230 } from '../../../src/ocpi/convert/rules-221-230.ts'
import { examples, read } from './oracle/fixtures.ts'
import { type Journey, travel } from './oracle/journey.ts'
import { faultsOf } from './oracle/judge.ts'
import { KINDS } from './oracle/kinds.ts'
import { type Aliases, overtold, unreported } from './oracle/losses.ts'
import { contextOf, sayable } from './oracle/sayable.ts'

/** Where a remark names by another version's names what did not come back. */
const ALIASES: Aliases = {
  '/parking_type': ['/type'],
  '/start_datetime': ['/start_date_time'],
  '/end_datetime': ['/end_date_time'],
  '/stop_date_time': ['/end_date_time'],
  '/cdr_location/connector_power_type': ['/location/evses/*/connectors/*/power_type'],
  '/total_cost/taxes': ['/total_cost/incl_vat'],
}

/** Not there means the same in 2.1.1: a tariff without a type is for every session. */
const SAID_BY_ABSENCE = { tariff: ['/type'], cdr: ['/tariffs/*/type'] } as Partial<Record<Kind, string[]>>

function silentIn(kind: Kind, original: unknown, journey: Extract<Journey, { kind: 'back' }>, by: Route): string[] {
  const excused = by.there.includes(DOWN_221_TO_211) ? (SAID_BY_ABSENCE[kind] ?? []) : []
  const silent = unreported(original, journey.back, journey.remarks, ALIASES)
  return silent.filter((pointer) => !excused.includes(pointer))
}

/** What the hub has put back: the Location that it had seen, the only Connector there, and a token of no known type, which is OTHER. */
const PUT_BACK = /^\/(location|connector_id|cdr_token\/type)$/

function flawsIn(kind: Kind, original: unknown, journey: Extract<Journey, { kind: 'back' }>, by: Route): string[] {
  const over = overtold(original, journey.back, journey.remarks).filter((pointer) => !PUT_BACK.test(pointer))
  return [
    ...silentIn(kind, original, journey, by).map((pointer) => `silently lost ${pointer}`),
    ...over.map((pointer) => `said to be lost ${pointer}`),
  ]
}

type Route = { readonly from: string; readonly there: readonly RuleTable[]; readonly back: readonly RuleTable[] }

const ROUTES: readonly Route[] = [
  { from: '2.1.1', there: [UP_211_TO_221], back: [DOWN_221_TO_211] },
  { from: '2.2.1', there: [DOWN_221_TO_211], back: [UP_211_TO_221] },
  { from: '2.2.1', there: [UP_TO_230], back: [DOWN_TO_221] },
  { from: '2.3.0', there: [DOWN_TO_221], back: [UP_TO_230] },
  { from: '2.1.1', there: [UP_211_TO_221, UP_TO_230], back: [DOWN_TO_221, DOWN_221_TO_211] },
  { from: '2.3.0', there: [DOWN_TO_221, DOWN_221_TO_211], back: [UP_211_TO_221, UP_TO_230] },
]

const show = ({ from, there }: Route): string => [from, ...there.map(({ to }) => to)].join(' to ')

/** 2.1.1 cannot cancel reservations. */
const kindsOf = (version: string): Kind[] =>
  KINDS.filter((kind) => version !== '2.1.1' || kind !== 'cancel-reservation')

/** Faults that come of what the object leaves out: a CDR of 2.1.1 need not say which EVSE it is about. */
function isExcused(kind: Kind, fault: string): boolean {
  return kind === 'cdr' && /connector_(standard|format|power_type)|connectors\/0\/standard/.test(fault)
}

for (const route of ROUTES) {
  describe(`from ${show(route)} and back`, () => {
    const tables = [...route.there, ...route.back]
    const to = route.there.at(-1)?.to ?? ''

    for (const kind of kindsOf(route.from)) {
      it(`${kind}: good in the other version, and what does not come back is what is reported`, () => {
        const flaws = new Set<string>()
        for (const object of sayable(route.from, kind)) {
          const journey = travel(kind, object, tables, route.there.length, contextOf(route.from, object))
          if (journey.kind === 'ended') continue
          expect(faultsOf(to, kind, journey.there).filter((fault) => !isExcused(kind, fault))).toEqual([])
          for (const flaw of flawsIn(kind, object, journey, route)) flaws.add(flaw)
        }
        expect([...flaws]).toEqual([])
      })
    }

    for (const { name, kind, bytes } of examples(route.from)) {
      it(`${name}: what does not come back is what is reported`, () => {
        const object = read(bytes)
        const journey = travel(kind, object, tables, route.there.length, contextOf(route.from, object))
        if (journey.kind === 'ended') expect(journey.why).not.toBe('')
        else expect(flawsIn(kind, object, journey, route)).toEqual([])
      })
    }
  })
}

describe('an object that came back goes there again as it did before', () => {
  for (const route of ROUTES) {
    it(`${show(route)}`, () => {
      const [tables, half] = [[...route.there, ...route.back], route.there.length]
      const again = [...tables, ...route.there]
      const objects = kindsOf(route.from).flatMap((kind) => {
        const all = sayable(route.from, kind)
        return [all[0], all.at(-1)].map((object) => ({ name: kind as string, kind, object }))
      })
      const official = examples(route.from).map(({ name, kind, bytes }) => ({ name, kind, object: read(bytes) }))
      const changed = [...objects, ...official].filter(({ kind, object }) => {
        const context = contextOf(route.from, object)
        const journey = travel(kind, object, again, half, context)
        return journey.kind === 'back' && !isDeepStrictEqual(journey.back, journey.there)
      })
      // A type of parking that is OTHER in 2.1.1 is none in 2.2.1, and none is UNKNOWN there.
      expect(changed.map(({ name }) => name)).toEqual(route.there.includes(DOWN_221_TO_211) ? ['location'] : [])
    })
  }
})

/** Members that come back without a rule, invented again or said by another member; or that are told of when they do not. */
const COMES_BACK: Readonly<Record<string, readonly string[]>> = {
  '2.1.1 to 2.2.1': ['environmental-impact.category'],
  '2.2.1 to 2.1.1': [
    'location.publish',
    'environmental-impact.source',
    'tariff.type',
    'tariff.tax_included',
    'price-component.vat',
    'start-session.connector_id',
  ],
  '2.2.1 to 2.3.0': [],
  '2.3.0 to 2.2.1': ['tariff.tax_included'],
}

/** Members that nothing sayable has, and rules that leave them out without a word, for another says it. */
const OTHERWISE =
  /^(tariff\.(min|max)_price|tariff\.(start|end)_date_time|price-limit\..*|(tariff-)?restrictions\.(min_current|max_current|reservation|booking)|session\.(evse_uid|connector_id))$/

describe('a rule that would leave its member out without a word is noticed', () => {
  for (const route of ROUTES.filter(({ there }) => there.length === 1)) {
    it(`${show(route)}`, () => {
      const [table] = route.there as [RuleTable]
      const objects = kindsOf(route.from).flatMap((kind) => {
        // Of the full ones that of which the least is told anyway.
        const [good] = sayable(route.from, kind)
          .slice(0, -1)
          .flatMap((object) => {
            const journey = travel(kind, object, [table, ...route.back], 1, contextOf(route.from, object))
            return journey.kind === 'back' ? [{ object, told: journey.remarks.length }] : []
          })
          .toSorted((a, b) => a.told - b.told)
        return good === undefined ? [] : [{ kind, good: good.object, context: contextOf(route.from, good.object) }]
      })
      const unnoticed = listRules(table).flatMap(({ shape, member, rule }) => {
        if (rule.is === 'invent') return []
        const mute = withRule(table, shape, member)
        const isNoticed = objects.some(({ kind, good, context }) => {
          const journey = travel(kind, good, [mute, ...route.back], 1, context)
          return journey.kind === 'back' && silentIn(kind, good, journey, route).length > 0
        })
        return isNoticed ? [] : [`${shape}.${member}`]
      })
      expect(unnoticed.filter((rule) => !OTHERWISE.test(rule))).toEqual(COMES_BACK[show(route)])
    })
  }
})

/** A table's own values, and lists of them, do nothing with an object of the version; what drivers pay by tariffs has tests of its own. */
const DOES_SOMETHING = ({ shape, rule }: ListedRule): boolean =>
  !/^(tariff|price-component)/.test(shape) &&
  rule.is !== 'each' &&
  rule.is !== 'one' &&
  !(rule.is === 'values' && Object.keys(rule.map).length + rule.dropped.length + rule.withheld.length === 0)

/** Rules of settings, of PATCHes, and of what no generated object has: too long, in part, or a credit. Other tests have such objects. */
const OF_OTHER_OBJECTS: Readonly<Record<string, readonly string[]>> = {
  '2.1.1 to 2.2.1': [
    ...['location.id', 'location.country', 'location.last_updated', 'evse.uid', 'evse.last_updated'],
    ...['connector.last_updated', 'token.uid', 'token.last_updated', 'authorization.authorization_reference'],
    ...['start-session.connector_id', 'command-response.message', 'command-result.message', 'session.id'],
    ...['session.last_updated', 'session.authorization_reference', 'cdr.id', 'cdr.authorization_reference'],
  ],
  '2.2.1 to 2.1.1': [
    ...['location.address', 'location.country', 'coordinates.latitude', 'coordinates.longitude'],
    ...['related-location.latitude', 'related-location.longitude', 'hours.twentyfourseven', 'cdr.id', 'cdr.remark'],
    'cdr.remark',
  ],
}

describe('a rule that is not there is noticed', () => {
  for (const route of ROUTES.slice(0, 2)) {
    it(`${show(route)}`, () => {
      const [table] = route.there as [RuleTable]
      const journeys = kindsOf(route.from).flatMap((kind) =>
        sayable(route.from, kind).map((object) => {
          const context = contextOf(route.from, object)
          const go = (by: RuleTable) => travel(kind, object, [by, ...route.back], 1, context)
          return { kind, object, go, whole: go(table) }
        }),
      )
      const unnoticed = listRules(table)
        .filter(DOES_SOMETHING)
        .flatMap(({ shape, member, rule }) => {
          const less = withoutRule(table, shape, member, rule.is === 'invent')
          const isNoticed = journeys.some(({ kind, object, go, whole }) => {
            if (!standsIn(table, kind, shape)) return false
            const journey = go(less)
            if (JSON.stringify(journey) === JSON.stringify(whole)) return false
            if (journey.kind === 'ended' || whole.kind === 'ended') return journey.kind !== whole.kind
            const flaws = (of: typeof journey) => [
              ...faultsOf(table.to, kind, of.there),
              ...silentIn(kind, object, of, route),
            ]
            return flaws(journey).length > flaws(whole).length
          })
          return isNoticed ? [] : [`${shape}.${member}`]
        })
      expect(unnoticed).toEqual(OF_OTHER_OBJECTS[show(route)])
    })
  }
})

/** Whether a shape stands in another, as rules name them. */
function standsIn(table: RuleTable, within: string, shape: string): boolean {
  if (within === shape) return true
  const rules = Object.values(table.shapes[within]?.members ?? {})
  return rules.some((rule) => (rule.is === 'each' || rule.is === 'one') && standsIn(table, rule.shape, shape))
}

/** A member is carried as it is then, or not invented. */
function withoutRule(table: RuleTable, name: string, member: string, isInvented: boolean): RuleTable {
  const shape = table.shapes[name]
  if (shape === undefined) throw new Error(name)
  const { [member]: _, ...members } = shape.members
  const { [member]: __, ...invents } = shape.invents ?? {}
  const less = isInvented
    ? { ...shape, invents }
    : { ...shape, members, ...(shape.known && { known: [...shape.known, member] }) }
  return { ...table, shapes: { ...table.shapes, [name]: less } }
}

function withRule(table: RuleTable, name: string, member: string): RuleTable {
  const shape = table.shapes[name]
  if (shape === undefined) throw new Error(name)
  const members = { ...shape.members, [member]: change('without a word', () => null) }
  return { ...table, shapes: { ...table.shapes, [name]: { ...shape, members } } }
}
