import { type SQL, sql } from 'drizzle-orm'
import { keyOf, type Party, type PartyKey, type Role } from '../../ocpi/party.ts'

/*
 * The lock on the revision is held while roles are stored, and whoever else changes what routes waits for it. So a statement takes any
 * number of roles, and takes them as one parameter.
 */

/** A set of rows as JSON, for `json_to_recordset`. */
export function rowsOf(rows: readonly object[]): SQL {
  return sql`${JSON.stringify(rows)}::text::json`
}

/** `in ${keySet(keys)}`: one of these parties. */
export function keySet(keys: Iterable<PartyKey>): SQL {
  return sql`(select json_array_elements_text(${JSON.stringify([...keys])}::text::json))`
}

/** `(party_key, role) in ${roleSet(roles)}`: one of these roles. */
export function roleSet(roles: readonly (Party & { readonly role: Role })[]): SQL {
  return namedRoleSet(roles.map((role) => ({ key: keyOf(role), role: role.role })))
}

/** The same of roles that are known by the keys of their parties. */
export function namedRoleSet(roles: readonly { readonly key: PartyKey; readonly role: Role }[]): SQL {
  const names = roles.map(({ key, role }) => ({ key, role }))
  return sql`(select key, role from json_to_recordset(${rowsOf(names)}) as named(key text, role text))`
}

/** JSON within JSON: as a text, any that a partner may send is kept, `\u0000` included. */
export function asJsonText(details: unknown): string | null {
  return details === null || details === undefined ? null : JSON.stringify(details)
}
