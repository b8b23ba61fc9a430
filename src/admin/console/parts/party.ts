import type { PartyName } from '../views.ts'
import { address } from './href.ts'

/** `NL-ABC` */
export function partyText({ country_code, party_id }: PartyName): string {
  return `${country_code}-${party_id}`
}

/** Of `NL-ABC` or `nl*abc` as somebody typed it; what is no party the API refuses. */
export function partyOf(text: string): PartyName {
  const typed = text.trim().toUpperCase()
  return { country_code: typed.slice(0, 2), party_id: typed.slice(3) }
}

/** The page of two parties: may they talk, and why. Texts such as `NL-ABC`. */
export function pairAddress(a: string, b: string, query: Parameters<typeof address>[1] = {}): string {
  return address(`/admin/agreements/${encodeURIComponent(a)}/${encodeURIComponent(b)}`, query)
}
