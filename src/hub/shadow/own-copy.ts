import { partOf } from '../../ocpi/convert/patch.ts'
import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { envelopeBytes } from '../../ocpi/envelope.ts'
import { readObjectPath } from '../../ocpi/object-path.ts'
import { keyOf } from '../../ocpi/party.ts'
import { STATUS, SUCCESS_MESSAGE } from '../../ocpi/status.ts'
import type { Duties, DutyResult } from '../corridor/duties.ts'
import { replyHeaders } from '../message/message-ids.ts'
import { partyOn } from '../network/find-party.ts'
import type { ShadowKind, ShadowStore } from './shadow.ts'

const KINDS: ReadonlyMap<string, ShadowKind> = new Map([
  ['locations', 'location'],
  ['tariffs', 'tariff'],
  ['sessions', 'session'],
  ['tokens', 'token'],
])

/**
 * A partner of 2.1.1 looks what the hub, which is all receivers to it, has of its own objects: it is shown what it said itself last. What is
 * not known it has to send anew, as to any receiver.
 */
export function createOwnCopies(store: Pick<ShadowStore, 'find'>, open: Duties): Duties {
  return async function own(request) {
    const { caller, message, target, table, ids, from } = request
    const isOwn =
      caller.platform.version === VERSION_211 && target.interfaceRole === 'RECEIVER' && message.method === 'GET'
    const kind = KINDS.get(target.module)
    if (!isOwn || kind === undefined) return open(request)
    const path = readObjectPath(target.rest)
    if (!path || !partyOn(table, keyOf(path.owner), caller.platform.id)) return refused('No object of your own')
    const [id, ...names] = path.names as [string, ...string[]]
    try {
      const seen = await store.find(path.owner, kind, id, kind === 'token' ? 'RFID' : null)
      const part = seen?.version === VERSION_211 ? partOf(seen.bytes, names) : null
      if (part === null) return refused('The hub does not know this object: send it with PUT')
      const at = new Date(message.receivedAt).toISOString()
      const headers = ['Content-Type', 'application/json', ...replyHeaders(ids, from, table.hub)]
      const body = envelopeBytes(STATUS.success, SUCCESS_MESSAGE, JSON.parse(new TextDecoder().decode(part)), at)
      return { kind: 'answer', status: 200, headers, body, ocpiStatus: STATUS.success }
    } catch {
      return { kind: 'refused', refusal: { kind: 'hub-failure', detail: 'The hub cannot look this up now' } }
    }
  }
}

function refused(detail: string): DutyResult {
  return { kind: 'refused', refusal: { kind: 'unknown-path', detail } }
}
