import type { Kind } from '../../ocpi/convert/conversion.ts'
import type { Now } from '../ports.ts'
import type { Turn } from '../turn.ts'
import type { Carriage } from './carriage.ts'
import type { ConvertOne, OneConverted } from './convert-object.ts'
import { contextOf, type Facts, type FactsFor, type Leg } from './leg.ts'
import type { Tally } from './tally.ts'

/** Converts the objects of one answer, one after the other. */
export type Hand = {
  /**
   * Looks up what objects need that are converted next, of all of them at once or of as many of the first as it gives. Rejects with
   * NotLookedUp.
   */
  readonly ahead: (objects: readonly Uint8Array[]) => number | Promise<number>
  /** In the order in which they were looked ahead at. */
  readonly convert: (object: Uint8Array) => OneConverted
  /** Takes note of an object that could not even be read. */
  readonly unread: () => void
  readonly turn: Turn
}

export type TakeInHand = (carriage: Carriage, leg: Leg, kind: Kind, tally: Tally) => Hand

/** Objects that are looked ahead at together. */
export const MOST_AHEAD = 100

/** Where what rules ask for could not be had. */
export const NOT_LOOKED_UP = { kind: 'failed', why: 'The hub cannot look up what it needs to convert it now' } as const

/** What objects of an answer need cannot be had now. Those who should know were told. */
export class NotLookedUp extends Error {
  constructor() {
    super(NOT_LOOKED_UP.why)
  }
}

const NOTHING = new Uint8Array(0)

/** Begins with the objects of an answer, and counts what comes of them. */
export function createTakeInHand(ports: {
  readonly convertOne: ConvertOne
  readonly factsFor: FactsFor
  readonly now: Now
  readonly onError: (error: unknown) => void
  readonly turn: Turn
}): TakeInHand {
  const { convertOne, factsFor, now, onError, turn } = ports

  return function takeInHand(carriage, leg, kind, tally) {
    const carried = { kind, isPatch: false }
    const context = contextOf(carriage, leg, true, {}, now())
    /** Of the objects that were looked ahead at, those first that are converted next. */
    let known: readonly Facts[] = []
    let next = 0

    function convertBy(object: Uint8Array, facts: Facts | undefined): OneConverted {
      const converted = convertOne(object, carried, leg, facts ? { ...context, ...facts } : context)
      if (converted.kind === 'converted') tally.add(converted.remarks)
      else tally.leftOut()
      return converted
    }

    function take(facts: readonly Facts[]): number {
      known = facts
      next = 0
      return facts.length
    }

    return {
      ahead(objects) {
        const facts = factsFor(carriage, objects)
        if (facts === null) {
          take([])
          return objects.length
        }
        if (!(facts instanceof Promise)) return take(facts)
        return facts.then(take, (error: unknown) => {
          onError(error)
          throw new NotLookedUp()
        })
      },
      convert: (object) => convertBy(object, known[next++]),
      unread() {
        // What is no object is noted as one that is broken.
        convertBy(NOTHING, undefined)
      },
      turn,
    }
  }
}
