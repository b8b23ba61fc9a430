import type { Exchange } from '../../hub/message/exchange.ts'
import { stringMember } from '../../ocpi/json-field.ts'

/** Longer than any id of an object; what is longer is none. */
export const LONGEST_KEY = 255

/** Segments of `/ocpi/2.2.1/receiver/sessions/NL/CPO/S1` before what follows the module. */
const BEFORE_REST = 4

/** Segments that name the owner, before the object's own id. */
const OF_OWNER = 2

/**
 * The object that an exchange is about, as its sender spells it: the first id in the path, of a posted CDR its `id`, of a command its
 * `session_id`, `location_id` or `reservation_id`. Null for lists, for URLs that the hub made, and where no body was kept to read it in.
 */
export function objectKeyOf({ kind, module, interfaceRole, method, path, requestBody }: Exchange): string | null {
  if (kind === 'via' || kind === 'get-all') return null
  switch (module) {
    case 'locations':
    case 'sessions':
    case 'tariffs':
    case 'tokens':
      return idIn(path, interfaceRole === 'RECEIVER' ? OF_OWNER : 0)
    case 'chargingprofiles':
      return idIn(path, 0)
    case 'cdrs':
      return interfaceRole === 'SENDER' ? idIn(path, 0) : method === 'POST' ? textIn(requestBody, 'id') : null
    case 'commands':
      return COMMAND_OBJECTS.reduce<string | null>((found, name) => found ?? textIn(requestBody, name), null)
    default:
      return null
  }
}

const COMMAND_OBJECTS = ['session_id', 'location_id', 'reservation_id']

/**
 * What joins a command, its session and the CDR of that: of a CDR the session's id, of a session and of the command that starts it their
 * `authorization_reference`, of one that goes on about a session its id.
 */
export function sessionRefOf({ kind, module, interfaceRole, method, requestBody }: Exchange): string | null {
  if (interfaceRole !== 'RECEIVER' || requestBody === null || kind === 'via') return null
  switch (module) {
    case 'cdrs':
      return method === 'POST' ? textIn(requestBody, 'session_id') : null
    case 'sessions':
      return textIn(requestBody, 'authorization_reference')
    case 'commands':
      return textIn(requestBody, 'authorization_reference') ?? textIn(requestBody, 'session_id')
    default:
      return null
  }
}

/**
 * The id in a path, and its query, that stands behind the first segments of what follows the module: with 2 of them `LOC1` in
 * `/NL/CPO/LOC1/EVSE1`, as deliveries and the hub's own calls have it, and in `/ocpi/2.2.1/receiver/locations/NL/CPO/LOC1`.
 */
function idIn(path: string, behind: number): string | null {
  const query = path.indexOf('?')
  const end = query === -1 ? path.length : query
  let start = 1
  for (let left = path.startsWith('/ocpi/') ? BEFORE_REST + behind : behind; left > 0; left--) {
    start = path.indexOf('/', start) + 1
    if (start === 0) return null
  }
  const slash = path.indexOf('/', start)
  const id = path.slice(start, slash === -1 || slash > end ? end : slash)
  return id === '' || id.length > LONGEST_KEY ? null : decoded(id)
}

function decoded(id: string): string | null {
  if (!id.includes('%')) return id
  try {
    return decodeURIComponent(id)
  } catch {
    return null
  }
}

/** The text of a member of a body. Most bodies are known not to have it by a search for its name, at a tenth of the cost. */
function textIn(body: Uint8Array | null, name: string): string | null {
  if (body === null || !Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(name)) return null
  const text = stringMember(body, name)
  return text === null || text === '' || text.length > LONGEST_KEY ? null : text
}
