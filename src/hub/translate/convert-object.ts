import type { Carried, Context, Converted, Remark } from '../../ocpi/convert/conversion.ts'
import type { convertObject } from '../../ocpi/convert/convert.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { stringMember } from '../../ocpi/json-field.ts'
import type { ConversionNote, NoteConversion } from './carriage.ts'
import type { Leg } from './leg.ts'
import { createLetterCase } from './letter-case.ts'

/** The rules of OCPI, applied to one object. */
export type Convert = typeof convertObject

/** As `Converted`, or what should not be: the rules failed. */
export type OneConverted = Converted | { readonly kind: 'failed'; readonly why: string }

export type ConvertOne = (bytes: Uint8Array, carried: Carried, leg: Leg, context: Context) => OneConverted

/** Converts one object and takes note of what came of it. Never throws. */
export function createConvertOne(ports: {
  readonly convert: Convert
  readonly noteConversion: NoteConversion
  readonly onError: (error: unknown) => void
}): ConvertOne {
  const { convert, noteConversion, onError } = ports
  const differsInCase = createLetterCase()

  function watched(context: Context, { from, source }: Leg): Context {
    if (from !== VERSION_211) return context
    return { ...context, differsInCase: (of, id) => differsInCase(source.id, context.owner, of, id) }
  }

  function note(
    outcome: ConversionNote['outcome'],
    remarks: readonly Remark[],
    bytes: Uint8Array,
    kind: string,
    { from, to, source, target }: Leg,
  ): void {
    const isPlain = outcome === 'converted' && remarks.length === 0
    const sample = isPlain ? null : sampleOf(bytes)
    noteConversion({ from, to, kind, outcome, remarks, sourceId: source.id, platformId: target.id, sample })
  }

  return function convertOne(bytes, carried, leg, context) {
    try {
      const converted = convert(bytes, carried, leg.from, leg.to, watched(context, leg))
      switch (converted.kind) {
        case 'converted':
          note('converted', converted.remarks, bytes, carried.kind, leg)
          break
        case 'withheld':
          note('withheld', converted.remarks, bytes, carried.kind, leg)
          break
        case 'needs-rest':
          note('withheld', converted.members.map(needed), bytes, carried.kind, leg)
          break
        case 'broken':
          note('failed', [], bytes, carried.kind, leg)
          break
      }
      return converted
    } catch (error) {
      onError(error)
      note('failed', [], bytes, carried.kind, leg)
      return { kind: 'failed', why: `The hub failed to convert a ${carried.kind} from OCPI ${leg.from} to ${leg.to}` }
    }
  }
}

/** Of a member that cannot be converted without the rest of its object. */
function needed(member: string): Remark {
  return { fate: 'withheld', pointer: `/${member}`, reason: 'a PATCH of it needs the whole object' }
}

function sampleOf(bytes: Uint8Array): string | null {
  return stringMember(bytes, 'id') ?? stringMember(bytes, 'uid')
}
