import { describe, expect, it } from 'vitest'
import { ConversionSchema } from '../../../src/admin/api/platforms/conversion-schema.ts'
import { describeRules } from '../../../src/ocpi/convert/rule-tables.ts'
import { TABLES } from '../../../src/ocpi/convert/tables.ts'
import { modelOf } from './oracle/judge.ts'
import { KINDS } from './oracle/kinds.ts'

const rules = describeRules()

function found(from: string, to: string, object: string, member: string) {
  return rules
    .filter((rule) => rule.from === from && rule.to === to && rule.object === object && rule.member === member)
    .map(({ becomes, names, values, reason }) => ({ becomes, names, values, reason }))
}

describe('what documentation says of a conversion', () => {
  it('is what becomes of each member that does not stay as it is', () => {
    expect(found('2.2.1', '2.1.1', 'connector', 'max_voltage')).toEqual([
      { becomes: 'renamed', names: ['voltage'], values: [], reason: '' },
    ])
    expect(found('2.2.1', '2.1.1', 'connector', 'power_type')).toEqual([
      {
        becomes: 'changed',
        names: ['AC_1_PHASE'],
        values: ['AC_2_PHASE', 'AC_2_PHASE_SPLIT'],
        reason: 'OCPI 2.1.1 has no such value',
      },
    ])
    expect(found('2.2.1', '2.1.1', 'tariff', 'min_price')).toMatchObject([{ becomes: 'withheld' }])
    expect(found('2.1.1', '2.2.1', 'location', 'time_zone')).toMatchObject([{ becomes: 'invented' }])
    expect(found('2.3.0', '2.2.1', 'location', 'help_phone')).toMatchObject([{ becomes: 'lost' }])
    expect(found('2.2.1', '2.1.1', 'connector', 'format')).toEqual([])
  })

  it('is what happens by default, with what settings make of it', () => {
    const said = (object: string, member: string, [from, to] = ['2.2.1', '2.1.1']) =>
      rules
        .filter((rule) => rule.from === from && rule.to === to && rule.object === object && rule.member === member)
        .map(({ becomes, bySetting }) => [becomes, ...bySetting.map(([setting]) => setting)])
    expect(said('location', 'country_code')).toEqual([['carried', 'owner_members: false']])
    expect(said('cdr', 'signed_data')).toEqual([['lost', 'signed_data: true', 'extras: keep']])
    expect(said('session', 'authorization_reference')).toEqual([['lost', 'reference_member', 'extras: keep']])
    expect(said('tariff', 'min_price')).toEqual([['withheld', 'tariff_loss: send']])
    expect(said('price-component', 'vat', ['2.1.1', '2.2.1'])).toEqual([['absent', 'vat']])
    expect(said('location', 'publish')).toEqual([['withheld']])
  })

  it('names settings that there are', () => {
    const named = rules.flatMap(({ bySetting }) => bySetting.map(([setting]) => setting.split(':')[0] ?? ''))
    expect([...new Set(named)].filter((name) => !(name in ConversionSchema.shape))).toEqual([])
  })

  it('has a reason for everything but new names', () => {
    expect(rules.filter(({ becomes, reason }) => (becomes === 'renamed') !== (reason === ''))).toEqual([])
  })

  it('names each member that the other version does not have', () => {
    const unnamed = TABLES.flatMap(({ from, to, shapes }) =>
      KINDS.flatMap((kind) => {
        const isOfBoth = from !== '2.1.1' && to !== '2.1.1' ? true : kind !== 'cancel-reservation'
        if (!isOfBoth) return []
        const [source, target] = [modelOf(from, kind), modelOf(to, kind)]
        if (source.is !== 'object' || target.is !== 'object') return []
        return Object.keys(source.members)
          .filter((member) => target.members[member] === undefined && shapes[kind]?.members[member] === undefined)
          .map((member) => `${from} to ${to}: ${kind}.${member}`)
      }),
    )
    expect(unnamed).toEqual([])
  })
})
