import type { Carried, Remark } from '../../ocpi/convert/conversion.ts'
import { requestKind } from '../../ocpi/convert/kind.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { jsonString, withMembers } from '../../ocpi/json-edit.ts'
import { membersOf } from '../../ocpi/json-members.ts'
import type { Now } from '../ports.ts'
import type { Carriage, TranslatedRequest } from './carriage.ts'
import type { ConvertOne } from './convert-object.ts'
import { contextOf, type Facts, type Leg } from './leg.ts'
import { createTally } from './tally.ts'
import { queryFor } from './token-type.ts'

/** What 2.1.1 does not have: the hub answers in the place of a CPO of that version. */
const NOT_SUPPORTED = { result: 'NOT_SUPPORTED', timeout: 0 }

/** Makes of a request what its receiver understands, or says why not. */
export function createTranslateRequest(ports: {
  readonly convertOne: ConvertOne
  readonly now: Now
}): (carriage: Carriage, leg: Leg, body: Uint8Array, facts: Facts) => TranslatedRequest {
  const { convertOne, now } = ports

  return function translateRequest(carriage, leg, body, facts) {
    const { module, interfaceRole, method, rest } = carriage
    const carried = requestKind(module, interfaceRole, method, rest)
    if (carried?.kind === 'cancel-reservation' && leg.to === VERSION_211) {
      return {
        kind: 'settled',
        why: `${leg.target.name} speaks OCPI 2.1.1, which cancels no reservations`,
        data: NOT_SUPPORTED,
      }
    }
    const query = queryFor(carriage, leg, facts)
    if (carried === null || body.length === 0) {
      return {
        kind: 'translated',
        method,
        rest,
        query,
        body,
        conversion: createTally(leg, null, false).inWords(),
        remarks: [],
      }
    }
    const converted = convertOne(body, carried, leg, contextOf(carriage, leg, false, facts, now()))
    switch (converted.kind) {
      case 'converted': {
        const tally = createTally(leg, carried.kind, false)
        tally.add(converted.remarks)
        const bytes = dated(converted.bytes, carried, leg, carriage.receivedAt ?? now())
        const tells = carriage.caller.conversion?.tellsLosses === true
        const losses = tells ? tally.losses() : null
        const { remarks } = converted
        return { kind: 'translated', method, rest, query, body: bytes, conversion: tally.inWords(), losses, remarks }
      }
      case 'withheld':
        return { kind: isWithdrawal(carried, converted.remarks) ? 'settled' : 'withheld', why: converted.why }
      case 'needs-rest': {
        if (!carried.isPatch)
          return {
            kind: 'failed',
            why: `A ${carried.kind} of OCPI ${leg.to} holds its Location, which the hub does not know`,
          }
        const members = converted.members.join(', ')
        return {
          kind: 'withheld',
          why: `${members} cannot be changed alone in OCPI ${leg.to}: send the whole object with PUT`,
        }
      }
      case 'broken':
        return { kind: 'withheld', why: converted.why }
      case 'failed':
        return converted
    }
  }
}

/** A Location that is not to be published: who has it from nobody else has what it asks for. */
function isWithdrawal({ kind }: Carried, remarks: readonly Remark[]): boolean {
  return kind === 'location' && remarks.some(({ fate, pointer }) => fate === 'withheld' && pointer === '/publish')
}

/** From 2.2 on a PATCH says when the object changed. Nobody else can where it does not: it was no earlier than it came. */
function dated(bytes: Uint8Array, { isPatch }: Carried, { from }: Leg, at: number): Uint8Array {
  if (!isPatch || from !== VERSION_211 || membersOf(bytes)?.some(({ name }) => name === 'last_updated')) return bytes
  return withMembers(bytes, { last_updated: jsonString(new Date(at).toISOString()) }) ?? bytes
}
