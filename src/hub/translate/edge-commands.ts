import type { Kind, Remark } from '../../ocpi/convert/conversion.ts'
import { requestKind } from '../../ocpi/convert/kind.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { withMembers } from '../../ocpi/json-edit.ts'
import { membersCalled, stringMember } from '../../ocpi/json-field.ts'
import { readString } from '../../ocpi/json-members.ts'
import { keyOf, type Party } from '../../ocpi/party.ts'
import type { Carriage, NoteConversion, TranslatedRequest } from './carriage.ts'
import { numberOf } from './edge-facts.ts'
import { contractsShown, holdsToken } from './edge-objects.ts'
import type { Drivers } from './edge-ports.ts'

/*
 * Commands to a CPO of 2.1.1 to which all eMSPs are one. It would do to the session of any what another asks for, so the hub sees to it:
 *
 * - STOP_SESSION goes on for a session that the eMSP was sent or shown over the hub. Of another's, and of one that nobody was, the hub says
 *   in the CPO's place that it is unknown: an eMSP has its sessions' ids from the hub.
 * - What a token pays for is told by the contract in it alone, so there is one.
 * - A reservation replaces one of the same number: numbers are the hub's, of the eMSP and what that calls its reservation.
 * - 2.1.1 has no other commands than its own four.
 *
 * UNLOCK_CONNECTOR names neither token nor session, here as in every version, and goes on.
 */
export function createEdgeCommands(ports: { readonly drivers: Drivers; readonly noteConversion: NoteConversion }) {
  const { drivers, noteConversion } = ports

  /**
   * What the hub answers in the place of a CPO; null: the command goes on. Rejects when the store is away.
   *
   * @param body with ids as the CPO has them
   */
  async function answered(carriage: Carriage, body: Uint8Array): Promise<TranslatedRequest | null> {
    const { module, interfaceRole, method, rest } = carriage
    if (module !== 'commands' || interfaceRole !== 'RECEIVER') return null
    const kind = requestKind(module, interfaceRole, method, rest)?.kind
    if (kind === undefined || kind === 'cancel-reservation')
      return instead(carriage, 'NOT_SUPPORTED', 'OCPI 2.1.1 has no such command')
    if (holdsToken(kind) && contractsShown(body, kind).length === 0)
      return { kind: 'withheld', why: 'The token names no contract, by which the CPO knows who pays' }
    if (kind !== 'stop-session' || (await isOfCaller(carriage, body))) return null
    note(carriage, kind)
    return instead(carriage, 'UNKNOWN_SESSION', 'The session is not known to be yours')
  }

  /** What a sandbox partner is sent teaches nothing, and it is told what to do by who tries the hub with it. */
  async function isOfCaller({ caller, to }: Carriage, body: Uint8Array): Promise<boolean> {
    if (caller.sandbox) return true
    const named = membersCalled(body, 'session_id') ?? []
    for (const { start } of named) {
      const id = readString(body, start)
      const emsp = id === null ? null : await drivers.of(to, id)
      if (emsp === null || caller.parties.every(({ key }) => key !== emsp)) return false
    }
    return named.length > 0
  }

  function note({ caller, receiver }: Carriage, kind: Kind): void {
    const remark: Remark = { fate: 'withheld', pointer: '/session_id', reason: 'the session is not known to be its' }
    noteConversion({
      ...{ from: caller.version ?? '', to: receiver.version ?? '', kind, outcome: 'withheld', remarks: [remark] },
      ...{ sourceId: caller.id, platformId: receiver.id, sample: null },
    })
  }

  /** An eMSP has a session that its CPO shows it, as long as that can be stopped. */
  function learn(session: Uint8Array, { caller, receiver, from, to }: Carriage): void {
    const [id, status] = [stringMember(session, 'id'), stringMember(session, 'status')]
    if (caller.sandbox || receiver.sandbox || id === null || OVER.has(status ?? '')) return
    drivers.learn(to, id, from)
  }

  return { answered, learn }
}

const OVER: ReadonlySet<string> = new Set(['COMPLETED', 'INVALID'])

/** A CommandResponse, which 2.1.1 has without a timeout. */
function instead({ caller }: Carriage, result: string, why: string): TranslatedRequest {
  return { kind: 'settled', why, data: caller.version === VERSION_211 ? { result } : { result, timeout: 0 } }
}

/** A reservation under the number that it has at a CPO of 2.1.1 to which all eMSPs are one; null: it is no object. */
export function withOwnNumber(reservation: Uint8Array, from: Party): Uint8Array | null {
  const [member] = membersCalled(reservation, 'reservation_id') ?? []
  if (!member) return reservation
  const id = readString(reservation, member.start) ?? decoder.decode(reservation.subarray(member.start, member.end))
  const number = new TextEncoder().encode(String(numberOf(`${keyOf(from)}/${id}`)))
  return withMembers(reservation, { reservation_id: number })
}

const decoder = new TextDecoder()
