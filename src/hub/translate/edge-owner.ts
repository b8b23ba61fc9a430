import { namesOtherOwner, readObjectPath } from '../../ocpi/object-path.ts'
import { keyOf, type Party, showParty } from '../../ocpi/party.ts'
import { isAggregated } from '../network/edge.ts'
import type { Carriage } from './carriage.ts'
import { ownerOf } from './edge-objects.ts'

/** Whose objects lie at their receiver under `/{country_code}/{party_id}/{id}`. */
const UNDER_OWNER: ReadonlySet<string> = new Set(['locations', 'sessions', 'tariffs', 'tokens'])

/**
 * Why a request may not reach a platform of 2.1.1 to which the hub is all parties; null: it may. No routing header tells that one who is
 * calls, so that it would give or change whatever object the path names, of any party of the other side: the hub has to see to that.
 */
export function whyForged(carriage: Carriage, body: Uint8Array): string | null {
  const { module, interfaceRole, method, rest, caller, receiver, from, isLed } = carriage
  if (!isAggregated(receiver) || interfaceRole !== 'RECEIVER' || module === 'commands') return null
  const own = new Set([keyOf(from), ...caller.parties.map(({ key }) => key)])
  if (UNDER_OWNER.has(module)) {
    const owner = readObjectPath(rest)?.owner
    if (!owner && !isLed) return `${method} of ${module} is not at ${rest || '/'}`
    if (owner && !own.has(keyOf(owner)))
      return `The object belongs to ${showParty(owner)}, which is no party of your platform`
  }
  if (module === 'cdrs' && !isLed && rest !== '' && rest !== '/')
    return 'A CDR is where its receiver said when it took it'
  const isOthers = body.length > 0 && [...own].every((key) => namesOtherOwner(body, key))
  return isOthers ? 'country_code and party_id name no party of your platform' : null
}

/** Whose the objects of an answer are: of the party in the path where they lie at a receiver, else of who was asked. */
export function ownerIn({ interfaceRole, rest, from, to, receiver, isLed }: Carriage, object: Uint8Array): Party {
  if (interfaceRole === 'SENDER') return ownerOf(object, receiver, to)
  return (isLed ? null : readObjectPath(rest)?.owner) ?? from
}

/** Of a push: whose object it is. */
export function ownerInPath({ rest, from }: Pick<Carriage, 'rest' | 'from'>): Party {
  return readObjectPath(rest)?.owner ?? from
}
