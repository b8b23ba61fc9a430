import type { Party } from '../party.ts'

/**
 * Ids toward a platform of 2.1.1 that one connection brings objects of many parties: OCPI 2.1.1 has no owner in its objects, so two
 * Locations `1` of two CPOs would be one. The owner stands before the id, `NLCPO.1`, and a request that names it says who it is for.
 */

/** Of what an id is. EVSEs, Connectors and Tokens keep theirs: those are read off hardware. */
export type IdOf = 'location' | 'session' | 'cdr' | 'tariff'

/** In characters, of OCPI 2.1.1. */
export const LONGEST_ID: Readonly<Record<IdOf, number>> = { location: 39, session: 36, cdr: 36, tariff: 36 }

const PLAIN = '.'
const PACKED = '~'

/** Parties whose names could be taken for more than one have no prefix: `.` may stand in them. */
const NAME = /^[A-Z]{2}[A-Z0-9]{1,3}$/

/** As most write UUIDs; in capital letters it is another id. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** 32 digits that are not taken for one another, in ascending order [Crockford's base 32]. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const PACKED_LENGTH = 26

/**
 * An id with its owner before it: `NLCPO.LOC1`, or `NLCPO~` and 26 digits for a UUID, which would be too long. Null when neither fits: the
 * id needs an alias that somebody keeps.
 */
export function prefixId(owner: Party, id: string, of: IdOf): string | null {
  const prefix = `${owner.countryCode}${owner.partyId}`.toUpperCase()
  if (!NAME.test(prefix)) return null
  const plain = `${prefix}${PLAIN}${id}`
  if (plain.length <= LONGEST_ID[of]) return plain
  return UUID.test(id) ? `${prefix}${PACKED}${pack(id)}` : null
}

const PREFIXED = /^([A-Z]{2})([A-Z0-9]{1,3})(?:\.(.+)|~([0-9A-HJKMNP-TV-Z]{26}))$/s

/** Whose an id is and what its owner calls it; null for an id that was given no owner. */
export function splitId(prefixed: string): { readonly owner: Party; readonly id: string } | null {
  const parts = PREFIXED.exec(prefixed)
  if (parts === null) return null
  const [, countryCode = '', partyId = '', plain, packed] = parts
  const id = plain ?? unpack(packed as string)
  return id === null ? null : { owner: { countryCode, partyId }, id }
}

function pack(uuid: string): string {
  let rest = BigInt(`0x${uuid.replaceAll('-', '')}`)
  let digits = ''
  for (let i = 0; i < PACKED_LENGTH; i++) {
    digits = DIGITS.charAt(Number(rest & 31n)) + digits
    rest >>= 5n
  }
  return digits
}

/** Null for more than a UUID has bits. */
function unpack(digits: string): string | null {
  let whole = 0n
  for (const digit of digits) whole = (whole << 5n) | BigInt(DIGITS.indexOf(digit))
  if (whole >> 128n !== 0n) return null
  const hex = whole.toString(16).padStart(32, '0')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
