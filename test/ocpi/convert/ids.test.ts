import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renameIds } from '../../../src/ocpi/convert/edge-ids.ts'
import { type IdOf, LONGEST_ID, prefixId, splitId } from '../../../src/ocpi/convert/ids.ts'
import { read, toBytes } from './oracle/fixtures.ts'
import { modelOf } from './oracle/judge.ts'
import { KINDS } from './oracle/kinds.ts'
import { full } from './oracle/model.ts'

const CPO = { countryCode: 'nl', partyId: 'Cpo' }
const UUID = '01234567-89ab-cdef-0123-456789abcdef'

describe('ids toward a platform of 2.1.1 that has one connection with many parties', () => {
  it('have their owner before them', () => {
    expect(prefixId(CPO, 'LOC1', 'location')).toBe('NLCPO.LOC1')
    expect(splitId('NLCPO.LOC1')).toEqual({ owner: { countryCode: 'NL', partyId: 'CPO' }, id: 'LOC1' })
  })

  it('pack a UUID, which would be too long with an owner', () => {
    const packed = prefixId(CPO, UUID, 'session')
    expect(packed).toBe('NLCPO~014D2PF2DBSQQG28T5CY4TQKFF')
    expect(splitId(packed ?? '')?.id).toBe(UUID)
  })

  it('need an alias where neither fits, or the owner could be read in two ways', () => {
    expect(prefixId(CPO, UUID.toUpperCase(), 'session')).toBeNull()
    expect(prefixId(CPO, 'x'.repeat(31), 'session')).toBeNull()
    expect(prefixId(CPO, 'x'.repeat(30), 'session')).toHaveLength(36)
    expect(prefixId(CPO, 'x'.repeat(33), 'location')).toHaveLength(39)
    expect(prefixId({ countryCode: 'NL', partyId: 'A.B' }, '1', 'location')).toBeNull()
  })

  it('say nothing of an owner when they were never given one', () => {
    for (const id of ['LOC1', 'NLCPO', 'NLCPO.', 'NLCPO~short', 'nlcpo.1', `NLCPO~${'Z'.repeat(26)}`]) {
      expect(splitId(id)).toBeNull()
    }
  })

  it('come back as they were, whatever was in them', () => {
    const party = fc.record({
      countryCode: fc.stringMatching(/^[A-Z]{2}$/),
      partyId: fc.stringMatching(/^[A-Z0-9]{1,3}$/),
    })
    const id = fc.oneof(fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }), fc.uuid(), fc.constant('NLABC.1'))
    const of = fc.constantFrom<IdOf>('location', 'session', 'cdr', 'tariff')
    fc.assert(
      fc.property(party, id, of, (owner, plain, of) => {
        const prefixed = prefixId(owner, plain, of)
        if (prefixed === null) return
        expect(prefixed.length).toBeLessThanOrEqual(LONGEST_ID[of])
        expect(splitId(prefixed)).toEqual({ owner, id: plain })
      }),
    )
  })
})

describe('the ids in an object', () => {
  const rename = (of: IdOf, id: string): string => `${of}:${id}`

  it('are renamed wherever they stand', () => {
    const renamed = KINDS.filter((kind) => kind !== 'cancel-reservation').flatMap((kind) => {
      const before = full(modelOf('2.1.1', kind))
      const result = renameIds(toBytes(before), kind, rename)
      return result.kind === 'renamed' ? changed(kind, before, read(result.bytes)) : [result.kind]
    })
    expect(renamed).toEqual([
      'location/id location:id',
      'location/evses/0/connectors/0/tariff_id tariff:tariff_id',
      'evse/connectors/0/tariff_id tariff:tariff_id',
      'connector/tariff_id tariff:tariff_id',
      'tariff/id tariff:id',
      'session/id session:id',
      'session/location/id location:id',
      'session/location/evses/0/connectors/0/tariff_id tariff:tariff_id',
      'cdr/id cdr:id',
      'cdr/location/id location:id',
      'cdr/location/evses/0/connectors/0/tariff_id tariff:tariff_id',
      'cdr/tariffs/0/id tariff:id',
      'location-references/location_id location:location_id',
      'authorization/location/location_id location:location_id',
      'reserve-now/location_id location:location_id',
      'start-session/location_id location:location_id',
      'stop-session/session_id session:session_id',
      'unlock-connector/location_id location:location_id',
    ])
  })

  it('stand in newer versions elsewhere', () => {
    const session = { location_id: 'L', charging_periods: [{ tariff_id: 'T' }], evse_uid: 'E' }
    const cdr = { session_id: 'S', cdr_location: { id: 'L' }, credit_reference_id: 'C' }
    const renamedOf = (kind: 'session' | 'cdr' | 'connector', object: unknown) => {
      const result = renameIds(toBytes(object), kind, rename)
      return result.kind === 'renamed' ? read(result.bytes) : result
    }
    expect(renamedOf('session', session)).toEqual({
      location_id: 'location:L',
      charging_periods: [{ tariff_id: 'tariff:T' }],
      evse_uid: 'E',
    })
    expect(renamedOf('cdr', cdr)).toEqual({
      session_id: 'session:S',
      cdr_location: { id: 'location:L' },
      credit_reference_id: 'cdr:C',
    })
    expect(renamedOf('connector', { tariff_ids: ['1', '2'] })).toEqual({ tariff_ids: ['tariff:1', 'tariff:2'] })
  })

  it('are renamed in what a PATCH brings, and everything else stays as it was written', () => {
    const patch = Buffer.from('{ "kwh": 1.10, "x_own": null, "\\u0069d": "1" }')
    const result = renameIds(patch, 'session', rename)
    expect(result.kind === 'renamed' && Buffer.from(result.bytes).toString()).toBe(
      '{ "kwh": 1.10, "x_own": null, "\\u0069d": "session:1" }',
    )
    const status = Buffer.from('{"status": "CHARGING"}')
    expect(renameIds(status, 'evse', rename)).toEqual({ kind: 'renamed', bytes: status })
  })

  it('that have no other name yet are told, each once', () => {
    const location = { id: 'L', evses: [{ connectors: [{ tariff_id: 'T' }, { tariff_id: 'T' }] }] }
    expect(renameIds(toBytes(location), 'location', () => null)).toEqual({
      kind: 'missing',
      ids: [
        { of: 'location', id: 'L' },
        { of: 'tariff', id: 'T' },
      ],
    })
    expect(renameIds(toBytes([]), 'location', rename)).toMatchObject({ kind: 'broken' })
  })
})

function changed(at: string, before: unknown, after: unknown): string[] {
  if (typeof before !== 'object' || before === null) return before === after ? [] : [`${at} ${after}`]
  return Object.entries(before).flatMap(([name, value]) =>
    changed(`${at}/${name}`, value, (after as Record<string, unknown>)[name]),
  )
}
