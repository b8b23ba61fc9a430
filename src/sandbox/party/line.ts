import type { InterfaceRole } from '../../ocpi/modules.ts'
import { showParty } from '../../ocpi/party.ts'
import type { PartyName } from './objects.ts'
import type { WireAnswer, WireRequest } from './wire.ts'

export type Call = {
  readonly module: string
  /** The interface role of the endpoint that is called. */
  readonly role: InterfaceRole
  readonly method: WireRequest['method']
  /** Null: nobody is named, so that the hub finds the receiver; or the hub itself is asked. */
  readonly to: PartyName | null
  /** Behind the endpoint's URL. */
  readonly path?: string
  readonly body?: unknown
  /** Few words for those who watch. */
  readonly what: string | ((answer: WireAnswer) => string)
}

/** How a simulated party is reached, and reaches others through the hub. */
export type Line = {
  readonly party: PartyName
  /** `NL-CPA`. */
  readonly label: string
  /** Where it answers for a module. */
  readonly endpointUrl: (module: string) => string
  /** Calls another party through the hub. Rejects when no answer comes. */
  readonly call: (call: Call) => Promise<WireAnswer>
  /** Calls a URL that the hub gave: a response_url, a Location, a next page. */
  readonly callUrl: (url: string, call: Omit<Call, 'role' | 'path'>) => Promise<WireAnswer>
}

export function labelOf(party: PartyName): string {
  return showParty({ countryCode: party.country_code, partyId: party.party_id })
}

/** `/NL/CPA/LOC1`: how an object of a party is named behind an endpoint. */
export function pathOf({ country_code, party_id }: PartyName, ...ids: string[]): string {
  return `/${[country_code, party_id, ...ids].map(encodeURIComponent).join('/')}`
}
