import { splitId } from '../../ocpi/convert/ids.ts'
import { readObjectPath } from '../../ocpi/object-path.ts'
import { isObject, quote } from '../../ocpi/parsed.ts'
import { keyOf, type Party } from '../../ocpi/party.ts'
import type { Target } from '../corridor/classify.ts'
import { hasPrefixedIds } from '../network/edge.ts'
import type { Platform } from '../network/routing-table.ts'
import { aliasKey, isKeptAlias } from './aliases.ts'
import { type Clue, keyWithin, namesIn } from './clues.ts'
import { issuerOf } from './issuer.ts'

/**
 * The clues in a session or a CDR of OCPI 2.1.1, the most telling first: the contract that its `auth_id` names, the party by which an eMA id
 * begins: `NL-MSP-C12345678`, and the eMSP that the session was sent to before.
 */
export function cluesIn211({ rest }: Target, body: unknown, from: Party): Clue[] {
  const clues: Clue[] = []
  const authId = isObject(body) ? body['auth_id'] : null
  const hasContract = typeof authId === 'string' && authId !== ''
  if (hasContract) {
    const what = `the contract of auth_id ${quote(authId)}`
    clues.push({ kind: 'object', fact: 'contract', key: authId.toLowerCase(), what })
  }
  const issuer = hasContract ? issuerOf(authId) : null
  if (issuer) clues.push({ kind: 'party', party: issuer, where: 'auth_id' })
  const session = readObjectPath(rest)?.names[0]
  if (session !== undefined) {
    const what = `the eMSP of session ${quote(session)}`
    clues.push({ kind: 'object', fact: 'driver', key: keyWithin(keyOf(from), session), what })
  }
  return clues
}

/** Clues in ids that a platform has with their owners' parties in them: `NLCPO.LOC1` in a path, or as `location_id` of a command. */
export function cluesInIds(
  { platform }: { readonly platform: Platform },
  { module, rest }: Target,
  body: unknown,
): Clue[] {
  if (!hasPrefixedIds(platform)) return []
  const inBody = isObject(body) && module === 'commands' ? [body['location_id'], body['session_id']] : []
  const ids = module === 'commands' ? inBody : [decodedName(rest)]
  return ids.flatMap((id) => (typeof id === 'string' ? clueIn(id) : []))
}

function clueIn(id: string): Clue[] {
  if (isKeptAlias(id)) return [{ kind: 'object', fact: 'alias', key: aliasKey(id), what: `the id ${quote(id)}` }]
  const split = splitId(id)
  return split ? [{ kind: 'party', party: split.owner, where: `the id ${quote(id)}` }] : []
}

/** The first name in a path, in its own letter case; null where there is none. */
function decodedName(rest: string): string | null {
  const [name] = namesIn(rest, 'as written')
  return name ?? null
}
