import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/ocpi/convert/compiled-table.ts'
import type { Kind } from '../../../src/ocpi/convert/conversion.ts'
import { MOST_REMARKS } from '../../../src/ocpi/convert/remarks.ts'
import { rewriteObject } from '../../../src/ocpi/convert/rewrite-object.ts'
import { DOWN_TO_221, UP_TO_230 } from '../../../src/ocpi/convert/rules-221-230.ts'
import { bytesOf, CONTEXT, remarksOf, short, textOf } from './text.ts'

const [up, down] = [compile(UP_TO_230), compile(DOWN_TO_221)]

function converted(table: typeof up, kind: Kind, text: string, isPatch = false) {
  const result = rewriteObject(table, kind, bytesOf(text), isPatch, CONTEXT)
  return result.kind === 'converted' ? textOf(result.bytes) : result.kind
}

describe('bytes of an object', () => {
  it('stay as they were sent where no rule has to do with them', () => {
    const own = '{"price": 1.10, "x_own": {"a": 1e2, "b": "\\u00e9\\/"}  }'
    expect(converted(up, 'tariff', `{"id":"1",\n"elements":[${own}],"tax_included":"NO"}`)).toBe(
      `{"id":"1",\n"elements":[${own}],"tax_included":"NO"}`,
    )
  })

  it('are the very same when nothing changes', () => {
    const bytes = bytesOf('{"evses":[{"uid":"1","connectors":[{"id":"1","standard":"CHADEMO"}]}]}\n')
    for (const table of [up, down]) {
      const result = rewriteObject(table, 'location', bytes, false, CONTEXT)
      expect(result.kind === 'converted' && result.bytes).toBe(bytes)
    }
  })

  it.each([
    ['{"help_phone":"1","id":"2"}', '{"id":"2"}'],
    ['{"id":"2","help_phone":"1"}', '{"id":"2"}'],
    ['{"id":"2" , "help_phone":"1" , "name":"3"}', '{"id":"2" , "name":"3"}'],
    ['{"help_phone":"1","parking_places":[1]}', '{}'],
    ['{"help_phone":"1" , "parking_places":[1] , "id":"2"}', '{"id":"2"}'],
    ['{"evses":[{"parking":[1],"uid":"1"},{"uid":"2","parking":[2]}]}', '{"evses":[{"uid":"1"},{"uid":"2"}]}'],
    ['{"evses":[{"connectors":[{"standard":"MCS"}]} , {"uid":"2"}]}', '{"evses":[{"uid":"2"}]}'],
    ['{"evses":[{"uid":"2"} , {"connectors":[{"standard":"MCS"}]}]}', '{"evses":[{"uid":"2"}]}'],
    ['{"evses":[{"connectors":[{"standard":"MCS"}]}]}', '{"evses":[]}'],
    ['{}', '{}'],
  ])('%s lose no comma and keep none too many', (source, target) => {
    expect(converted(down, 'location', source)).toBe(target)
  })

  it.each([
    ['{"incl_vat":1.33,"excl_vat":1.10}', '{"taxes":[{"name":"VAT","amount":0.23}],"before_taxes":1.10}'],
    ['{"incl_vat":null,"excl_vat":1.10}', '{"before_taxes":1.10}'],
    ['{"excl_vat":1e1,"incl_vat":12.1}', '{"before_taxes":1e1,"taxes":[{"name":"VAT","amount":2.1}]}'],
    ['{"excl_vat":-1,"incl_vat":-1.21}', '{"before_taxes":-1,"taxes":[{"name":"VAT","amount":-0.21}]}'],
    ['{"incl_vat":1.33}', '{}'],
    ['{"excl_vat":1e999999999,"incl_vat":1}', '{"before_taxes":1e999999999}'],
    ['{"excl_vat":"1.10","incl_vat":"2"}', '{"before_taxes":"1.10"}'],
    ['12', '12'],
  ])('price %s', (source, target) => {
    expect(converted(up, 'session', `{"total_cost":${source}}`)).toBe(`{"total_cost":${target}}`)
  })

  it('begin behind a byte order mark', () => {
    expect(converted(down, 'location', '\ufeff {"help_phone":"1","id":"2"} ')).toBe('{"id":"2"}')
  })

  it('have names in any spelling', () => {
    expect(converted(down, 'location', '{"h\\u0065lp_phone":"1","id":"2"}')).toBe('{"id":"2"}')
    expect(converted(up, 'tariff', '{"m\\u0069n_price":{"\\u0065xcl_vat":1},"tax_included":"NO"}')).toBe(
      '{"m\\u0069n_price":{"before_taxes":1},"tax_included":"NO"}',
    )
    expect(converted(down, 'token', '{"type":"EM\\u0041ID"}')).toBe('{"type":"OTHER"}')
  })
})

describe('a member that is there twice', () => {
  it('counts as it does for every reader: the last', () => {
    expect(converted(down, 'session', '{"total_cost":{"before_taxes":1,"x":2,"before_taxes":3}}')).toBe(
      '{"total_cost":{"excl_vat":3}}',
    )
    expect(converted(down, 'tariff', '{"tax_included":"NO","id":"1","tax_included":"YES"}')).toBe('withheld')
    expect(converted(down, 'tariff', '{"tax_included":"YES","id":"1","t\\u0061x_included":"NO"}')).toBe('{"id":"1"}')
  })

  it('does not come beside what is made of another', () => {
    expect(converted(down, 'session', '{"total_cost":{"excl_vat":9,"before_taxes":1}}')).toBe(
      '{"total_cost":{"excl_vat":1}}',
    )
    expect(converted(up, 'session', '{"total_cost":{"excl_vat":1,"before_taxes":9}}')).toBe(
      '{"total_cost":{"before_taxes":1}}',
    )
    // Alone it is what the partner took for the right name.
    expect(converted(down, 'session', '{"total_cost":{"excl_vat":9}}')).toBe('{"total_cost":{"excl_vat":9}}')
  })
})

describe('what is null', () => {
  it('is left out going up, but for a PATCH, where it may clear something', () => {
    expect(
      converted(up, 'location', '{"name":null,"evses":[{"images":null,"uid":"1"}],"related_locations":null}'),
    ).toBe('{"evses":[{"uid":"1"}]}')
    expect(converted(up, 'location', '{"name":null,"evses":[{"images":null,"uid":"1"}]}', true)).toBe(
      '{"name":null,"evses":[{"uid":"1"}]}',
    )
    expect(converted(up, 'session', '{"total_cost":null,"kwh":1}', true)).toBe('{"total_cost":null,"kwh":1}')
  })

  it('stays going down, but of what the version does not have', () => {
    expect(converted(down, 'location', '{"name":null,"help_phone":null,"x_own":null}')).toBe('{"name":null}')
  })
})

describe('what is no object', () => {
  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    '{"evses":[{]}',
    '[]',
    '1',
    'null',
    '{"a":1} x',
    '{"evses":[{"uid":"\ud800"}',
    '\u0000',
  ])('%j is broken', (text) => {
    expect(converted(down, 'location', text)).toBe('broken')
    expect(converted(up, 'stop-session', text)).toBe('broken')
  })

  it('is broken where it is nested too deep', () => {
    const deep = (levels: number) => `{"evses":[{"images":${'['.repeat(levels)}${']'.repeat(levels)}}]}`
    expect(converted(down, 'location', deep(400))).toBe(deep(400))
    expect(converted(down, 'location', deep(600))).toBe('broken')
  })

  it('is carried where an object should be and is none', () => {
    const odd = '{"evses":"none","total_cost":[],"images":7}'
    expect(converted(down, 'location', '{"evses":"none"}')).toBe('{"evses":"none"}')
    expect(converted(up, 'session', '{"charging_periods":[1,null,"a",[]],"total_cost":[]}')).toBe(
      '{"charging_periods":[1,null,"a",[]],"total_cost":[]}',
    )
    expect(converted(up, 'location', odd)).toBe(odd)
  })
})

describe('an object made to take long', () => {
  /** Some megabytes that no reading in squares would come through in time. */
  it.each([
    ['many members of one name', `{${'"help_phone":"1",'.repeat(60_000)}"id":"1"}`],
    ['many members of many names', `{${Array.from({ length: 60_000 }, (_, i) => `"n${i}":1`).join()}}`],
    ['lists without end', `{"evses":[${'{"parking":[],"connectors":[{"standard":"MCS"}]},'.repeat(20_000)}{}]}`],
    [
      'one name twice on each level',
      `{"evses":[${'{"connectors":[{"standard":"MCS","standard":"MCS"}],"status":"A","status":"B"},'.repeat(10_000)}{}],"evses":[]}`,
    ],
    ['escapes without end', `{"${'\\u0061'.repeat(150_000)}":1}`],
  ])('%s', (_, text) => {
    const startedAt = performance.now()
    const result = rewriteObject(down, 'location', bytesOf(text), false, CONTEXT)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(result.kind).toBe('converted')
    expect(remarksOf(result).length).toBeLessThanOrEqual(MOST_REMARKS)
    expect(Math.max(0, ...remarksOf(result).map(({ pointer }) => pointer.length))).toBeLessThan(100)
  })
})

describe('any object', () => {
  const member = fc.constantFrom('id', 'help_phone', 'parking_places', 'x_own', 'evses', 'name', 'publish')
  const value = fc.constantFrom(
    '1.10',
    '"a"',
    'null',
    '[]',
    '{}',
    '[{"uid":"1"}]',
    '[{"parking":1,"connectors":[{"standard":"MCS"}]},{"parking":1}]',
    '[1,{"connectors":[{"id":"1"}]}]',
  )
  const object = fc
    .array(fc.tuple(member, value), { maxLength: 6 })
    .map((members) => `{${members.map(([name, text]) => `"${name}":${text}`).join(' , ')}}`)

  it('comes out as its tree would', () => {
    fc.assert(
      fc.property(object, (text) => {
        const came = JSON.parse(converted(down, 'location', text)) as unknown
        expect(came).toEqual(downAsTree(JSON.parse(text) as Record<string, unknown>))
      }),
      { numRuns: 500 },
    )
  })
})

/** The rules at hand, on a tree. */
function downAsTree({
  help_phone: _phone,
  parking_places: _places,
  x_own: _own,
  ...rest
}: Record<string, unknown>): unknown {
  if (Array.isArray(rest['evses'])) {
    rest['evses'] = rest['evses'].flatMap((evse: unknown) => {
      if (typeof evse !== 'object' || evse === null) return [evse]
      const {
        parking: _parking,
        connectors,
        ...others
      } = evse as { parking?: unknown; connectors?: { standard?: string }[] }
      if (connectors?.every(({ standard }) => standard === 'MCS')) return []
      return [connectors ? { connectors, ...others } : others]
    })
  }
  return rest
}

describe('what is reported', () => {
  it('is said once, however often it happens', () => {
    const result = rewriteObject(
      down,
      'location',
      bytesOf('{"evses":[{"parking":[1]},{"parking":[2]}]}'),
      false,
      CONTEXT,
    )
    expect(short(remarksOf(result))).toEqual(['lost /evses/*/parking'])
  })

  it('is nothing where nothing was said: null, or an empty list', () => {
    const result = rewriteObject(down, 'location', bytesOf('{"help_phone":null,"parking_places":[ ]}'), false, CONTEXT)
    expect(remarksOf(result)).toEqual([])
  })
})
