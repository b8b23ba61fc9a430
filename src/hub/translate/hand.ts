import type { Kind } from '../../ocpi/convert/conversion.ts'
import type { Now } from '../ports.ts'
import type { Carriage } from './carriage.ts'
import type { ConvertOne, OneConverted } from './convert-object.ts'
import { contextOf, type FactsFor, type Leg } from './leg.ts'
import type { Tally } from './tally.ts'

/** Converts the objects of one answer, one after the other. */
export type Hand = {
  /** A promise only where something has to be looked up for the object. */
  readonly convert: (object: Uint8Array) => OneConverted | Promise<OneConverted>
  /** With nothing but what is known at once: a list that streams waits for its partners alone. */
  readonly atOnce: (object: Uint8Array) => OneConverted
  /** Takes note of an object that could not even be read. */
  readonly unread: () => void
}

export type TakeInHand = (carriage: Carriage, leg: Leg, kind: Kind, tally: Tally) => Hand

/** Where what rules ask for could not be had. */
export const NOT_LOOKED_UP = { kind: 'failed', why: 'The hub cannot look up what it needs to convert it now' } as const

const NOTHING = new Uint8Array(0)

/** Begins with the objects of an answer, and counts what comes of them. */
export function createTakeInHand(ports: {
  readonly convertOne: ConvertOne
  readonly factsFor: FactsFor
  readonly now: Now
  readonly onError: (error: unknown) => void
}): TakeInHand {
  const { convertOne, factsFor, now, onError } = ports

  return function takeInHand(carriage, leg, kind, tally) {
    const carried = { kind, isPatch: false }
    const context = contextOf(carriage, leg, true, {}, now())

    function convertBy(object: Uint8Array, known: typeof context): OneConverted {
      const converted = convertOne(object, carried, leg, known)
      if (converted.kind === 'converted') tally.add(converted.remarks)
      else tally.leftOut()
      return converted
    }

    function atOnce(object: Uint8Array): OneConverted {
      const facts = factsFor(carriage, object, true)
      return convertBy(object, facts === null || facts instanceof Promise ? context : { ...context, ...facts })
    }

    return {
      atOnce,
      convert(object) {
        const facts = factsFor(carriage, object)
        if (facts === null) return convertBy(object, context)
        if (!(facts instanceof Promise)) return convertBy(object, { ...context, ...facts })
        return facts.then(
          (found) => convertBy(object, { ...context, ...found }),
          (error: unknown) => {
            onError(error)
            tally.leftOut()
            return NOT_LOOKED_UP
          },
        )
      },
      // What is no object is noted as one that is broken.
      unread: () => void convertBy(NOTHING, context),
    }
  }
}
