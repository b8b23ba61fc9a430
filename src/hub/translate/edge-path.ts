import type { IdOf } from '../../ocpi/convert/ids.ts'
import type { Party } from '../../ocpi/party.ts'
import type { Carriage } from './carriage.ts'

/** Modules whose objects lie at their receiver under `/{country_code}/{party_id}/{id}`. */
const ID_OF: ReadonlyMap<string, IdOf> = new Map([
  ['locations', 'location'],
  ['sessions', 'session'],
  ['tariffs', 'tariff'],
])

/** Where a path names an object that has an id of its owner's: which of its parts, and of what it is. Null: nowhere. */
function idIn({ module, interfaceRole }: Carriage): { readonly part: number; readonly of: IdOf } | null {
  const of = ID_OF.get(module)
  if (of === undefined) return null
  return { part: interfaceRole === 'RECEIVER' ? 3 : 1, of }
}

/** A path with another id, `/NL/CPO/NLCPO.LOC1/E1` for `/NL/CPO/LOC1/E1`. */
export function withOtherId(carriage: Carriage, rest: string, rename: (id: string, of: IdOf) => string): string {
  const place = idIn(carriage)
  const parts = rest.split('/')
  const written = place && parts[place.part]
  if (!place || !written) return rest
  const id = decoded(written)
  const other = rename(id, place.of)
  if (other === id) return rest
  parts[place.part] = encodeURIComponent(other)
  return parts.join('/')
}

/** A path of a RECEIVER interface under another party. */
export function underParty(carriage: Carriage, rest: string, { countryCode, partyId }: Party): string {
  const parts = rest.split('/')
  const isPathOfOwner = carriage.interfaceRole === 'RECEIVER' && carriage.module !== 'commands' && parts.length > 3
  return isPathOfOwner ? ['', countryCode, partyId, ...parts.slice(3)].join('/') : rest
}

/** Names in a path that may be ids, decoded. */
export function namesInPath(rest: string): string[] {
  return rest.split('/').map(decoded)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
