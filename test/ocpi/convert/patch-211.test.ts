import { describe, expect, it } from 'vitest'
import type { Kind } from '../../../src/ocpi/convert/conversion.ts'
import { convertObject } from '../../../src/ocpi/convert/convert.ts'
import { apply as applyChange } from '../../../src/ocpi/convert/patch.ts'
import { read, toBytes } from './oracle/fixtures.ts'
import { faultsOf } from './oracle/judge.ts'
import { contextOf, sayable } from './oracle/sayable.ts'

type Json = Record<string, unknown>

const PATCHED: readonly Kind[] = ['location', 'evse', 'connector', 'token', 'session']

/** What a receiver of a version makes of it. */
function apply(patch: Json, object: Json, version: string): Json {
  const change = { method: 'PATCH', names: [], version, body: toBytes(patch), at: 0 }
  return read(applyChange(change, toBytes(object)) ?? toBytes({ unread: true }))
}

/** PATCHes of one member: each that an object can have, then each further value of an enumeration. */
function patchesOf(version: string, kind: Kind): { readonly base: Json; readonly patch: Json }[] {
  const [whole, ...others] = sayable(version, kind) as [Json, ...Json[]]
  const last_updated = '2026-02-03T04:05:06Z'
  const added = Object.keys(whole).map((member) => {
    const { [member]: value, ...base } = whole
    return { base, patch: { [member]: value, last_updated } }
  })
  const changed = others.flatMap((other) =>
    Object.keys(other)
      .filter((member) => JSON.stringify(other[member]) !== JSON.stringify(whole[member]))
      .map((member) => ({ base: whole, patch: { [member]: other[member], last_updated } })),
  )
  return [...added, ...changed]
}

const PAIRS = [
  ['2.1.1', '2.2.1'],
  ['2.2.1', '2.1.1'],
  ['2.2.1', '2.3.0'],
  ['2.3.0', '2.2.1'],
  ['2.1.1', '2.3.0'],
  ['2.3.0', '2.1.1'],
] as const

describe('a PATCH leaves what the whole object would be', () => {
  for (const [from, to] of PAIRS) {
    for (const kind of PATCHED) {
      it(`${kind} from ${from} to ${to}`, () => {
        let count = 0
        for (const { base, patch } of patchesOf(from, kind)) {
          const context = contextOf(from, base)
          const convert = (object: Json, isPatch: boolean) =>
            convertObject(toBytes(object), { kind, isPatch }, from, to, context)
          const [piece, before, after] = [
            convert(patch, true),
            convert(base, false),
            convert(apply(patch, base, from), false),
          ]
          if (piece.kind !== 'converted' || before.kind !== 'converted' || after.kind !== 'converted') continue
          const converted = read(piece.bytes)
          expect(apply(converted, read(before.bytes), to), JSON.stringify(patch)).toEqual(read(after.bytes))
          expect(faultsOf(to, kind, converted, true), JSON.stringify(patch)).toEqual([])
          count++
        }
        expect(count).toBeGreaterThan(5)
      })
    }
  }
})

describe('a PATCH needs the rest of the object', () => {
  const CASES: readonly (readonly [Kind, string, string, Json])[] = [
    ['location', '2.1.1', '2.2.1', { evses: [] }],
    ['evse', '2.1.1', '2.2.1', { connectors: [] }],
    ['session', '2.1.1', '2.2.1', { location: {} }],
    ['session', '2.1.1', '2.2.1', { charging_periods: [] }],
    ['tariff', '2.1.1', '2.2.1', { currency: 'EUR' }],
    ['location', '2.2.1', '2.1.1', { publish: true }],
    ['location', '2.2.1', '2.1.1', { opening_times: { twentyfourseven: true } }],
    ['session', '2.2.1', '2.1.1', { location_id: 'LOC1' }],
    ['session', '2.2.1', '2.1.1', { charging_periods: [] }],
    ['tariff', '2.2.1', '2.1.1', { elements: [] }],
  ]
  it.each(CASES)('%s from %s to %s: %j', (kind, from, to, patch) => {
    const context = contextOf(from, patch)
    expect(convertObject(toBytes(patch), { kind, isPatch: true }, from, to, context)).toEqual({
      kind: 'needs-rest',
      members: Object.keys(patch),
    })
  })
})

describe('a PATCH of 2.1.1', () => {
  const context = contextOf('2.1.1', {})
  const patched = (kind: Kind, text: string) => {
    const converted = convertObject(Buffer.from(text), { kind, isPatch: true }, '2.1.1', '2.2.1', context)
    return converted.kind === 'converted' ? Buffer.from(converted.bytes).toString() : converted
  }

  it('that does not say when, says it in 2.2.1', () => {
    expect(patched('evse', '{"status": "CHARGING"}')).toBe(
      '{"status": "CHARGING","last_updated":"2026-06-30T00:00:00Z"}',
    )
    expect(patched('session', '{"last_updated": "2026-01-01T00:00:00Z", "kwh": 1.10}')).toBe(
      '{"last_updated": "2026-01-01T00:00:00Z", "kwh": 1.10}',
    )
  })

  it('has nothing invented but that, and its nulls clear what was there', () => {
    expect(patched('connector', '{"tariff_id": null, "voltage": 400, "last_updated": "2026-01-01T00:00:00Z"}')).toBe(
      '{"tariff_ids": null, "max_voltage": 400, "last_updated": "2026-01-01T00:00:00Z"}',
    )
  })

  it('clears the tariff of a connector when none may be told', () => {
    const withheld = { ...context, isWithheldTariff: () => true }
    const patch = toBytes({ tariff_ids: ['1', '2'] })
    const converted = convertObject(patch, { kind: 'connector', isPatch: true }, '2.2.1', '2.1.1', withheld)
    expect(converted.kind === 'converted' && read(converted.bytes)).toEqual({ tariff_id: null })
  })
})

it('An object that is kept changes by a PATCH that comes late, and gets no older by it', () => {
  const kept = { status: 'AVAILABLE', last_updated: '2026-01-02T00:00:00Z' }
  const late = { status: 'CHARGING', last_updated: '2026-01-01T00:00:00Z' }
  expect(apply(late, kept, '2.2.1')).toEqual({ ...kept, status: 'CHARGING' })
})
