import { type Context, DEFAULT_CONVERSION } from '../../ocpi/convert/conversion.ts'
import { readObjectPath } from '../../ocpi/object-path.ts'
import type { Party } from '../../ocpi/party.ts'
import type { Platform } from '../network/routing-table.ts'
import type { Carriage } from './carriage.ts'

/** One way of a message between two platforms: from which version to which, and who sends and gets it. */
export type Leg = {
  readonly from: string
  readonly to: string
  readonly source: Platform
  readonly target: Platform
}

/** What rules ask for that stands in no message and has to be looked up before. */
export type Facts = Pick<Context, 'tokenOf' | 'locationOf' | 'isWithheldTariff' | 'numberFor' | 'seenToken'> & {
  /** Of an authorisation from 2.1.1 about a token of the type OTHER: the type that its eMSP gives it. @default OTHER */
  readonly typeOfOther?: string
}

/**
 * Looks them up for objects of one message, or the body of a request, all at once; null where nothing is known. Gives those of each, or of
 * as many of the first as there is room for: of one at least.
 */
export type FactsFor = (
  carriage: Carriage,
  objects: readonly Uint8Array[],
) => readonly Facts[] | Promise<readonly Facts[]> | null

/** What two know. */
export function bothFacts(first: FactsFor, second: FactsFor): FactsFor {
  return (carriage, objects) => {
    const known = first(carriage, objects)
    const found = second(carriage, objects)
    if (known === null || found === null) return known ?? found
    if (known instanceof Promise || found instanceof Promise)
      return Promise.all([known, found]).then(([a, b]) => together(a, b))
    return together(known, found)
  }
}

function together(first: readonly Facts[], second: readonly Facts[]): readonly Facts[] {
  const [fewer, more] = first.length < second.length ? [first, second] : [second, first]
  return fewer.map((facts, index) => ({ ...facts, ...more[index] }))
}

/** The way of a request. Of one without a version there is none. */
export function legOnward({ version, caller, receiver }: Carriage): Leg | null {
  if (version === null || receiver.version === null) return null
  return { from: version, to: receiver.version, source: caller, target: receiver }
}

/** The way of its answer, in the versions that both speak now. */
export function legBack({ caller, receiver }: Carriage): Leg | null {
  if (caller.version === null || receiver.version === null) return null
  return { from: receiver.version, to: caller.version, source: receiver, target: caller }
}

/** @param at now, in milliseconds since the epoch */
export function contextOf(carriage: Carriage, leg: Leg, isAnswer: boolean, facts: Facts, at: number): Context {
  const asked = askedToken(carriage)
  return {
    settings: leg.target.conversion ?? DEFAULT_CONVERSION,
    sourceSettings: leg.source.conversion ?? DEFAULT_CONVERSION,
    owner: ownerOf(carriage),
    counterpart: isAnswer ? counterpartOfAnswer(carriage) : carriage.to,
    now: () => new Date(at).toISOString(),
    ...facts,
    ...(asked && { asked }),
  }
}

/** Whose the objects of a message are: whoever holds the SENDER interface; at a RECEIVER interface who is named in the path, or calls. */
function ownerOf({ interfaceRole, rest, from, to, isLed }: Carriage): Party {
  if (interfaceRole === 'SENDER') return to
  return (isLed ? null : readObjectPath(rest)?.owner) ?? from
}

/** The eMSP that objects of an answer are for: of a list who asks for it, of what lies at a receiver who holds it, or who authorises. */
function counterpartOfAnswer({ interfaceRole, module, from, to }: Carriage): Party {
  return interfaceRole === 'SENDER' && module !== 'tokens' ? from : to
}

const AUTHORIZE = /^\/([^/]+)\/authorize\/?$/

/** The token that an authorisation asks about; null where there is none. */
export function askedToken({ module, interfaceRole, method, rest, query }: Carriage): Context['asked'] | null {
  if (module !== 'tokens' || interfaceRole !== 'SENDER' || method !== 'POST') return null
  const uid = AUTHORIZE.exec(rest)?.[1]
  return uid === undefined ? null : { uid: decoded(uid), type: new URLSearchParams(query).get('type') }
}

export function isAuthorize({ module, rest }: Pick<Carriage, 'module' | 'rest'>): boolean {
  return module === 'tokens' && AUTHORIZE.test(rest)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
