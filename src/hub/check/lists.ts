import type { Endpoint } from '../../ocpi/modules.ts'
import type { Party } from '../../ocpi/party.ts'
import type { CheckedParty } from './check.ts'
import { textOf } from './verdict.ts'

/** Modules whose sender offers a list, in the order they are looked at. */
export const LISTS = ['locations', 'tokens', 'tariffs', 'sessions', 'cdrs'] as const

export type ListModule = (typeof LISTS)[number]

/** A list that the platform offers for one of its parties. */
export type List = { readonly party: Party; readonly module: ListModule; readonly url: string }

/**
 * The lists of all parties: of each module first that of the first party that has it, since parties of one platform are served by the same
 * software, then those of the others. Locations of NL-AAA and NL-BBB, both CPO, and tokens of NL-CCC make NL-AAA locations, NL-CCC tokens,
 * NL-BBB locations.
 */
export function listsOf(endpoints: readonly Endpoint[], parties: readonly CheckedParty[]): readonly List[] {
  const all = LISTS.flatMap((module) => {
    const endpoint = endpoints.find(({ identifier, role }) => identifier === module && role === 'SENDER')
    return endpoint ? ownersOf(module, parties).map((party, turn) => ({ turn, party, module, url: endpoint.url })) : []
  })
  return all.sort((a, b) => a.turn - b.turn).map(({ turn: _turn, ...list }) => list)
}

/** Those whose role has the list; where there is none the first party with another role, of which it may be. */
function ownersOf(module: ListModule, parties: readonly CheckedParty[]): readonly CheckedParty[] {
  const usual = module === 'tokens' ? 'EMSP' : 'CPO'
  const owners = parties.filter(({ roles }) => roles.includes(usual))
  if (owners.length > 0) return owners
  const others = parties.filter(({ roles }) => roles.some((role) => role !== 'CPO' && role !== 'EMSP'))
  return (others.length > 0 ? others : parties).slice(0, 1)
}

/** The URL of a list with parameters, whose values hold nothing that needs to be encoded in a query. */
export function withQuery(url: string, parameters: Readonly<Record<string, string | number>>): string {
  const query = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)] as [string, string]),
  )
  return `${url}${url.includes('?') ? '&' : '?'}${query.toString()}`
}

/** The URL of what lies beneath an endpoint. Half a character, which no URL can hold, is none. */
export function beneath(url: string, ...parts: readonly string[]): string {
  return [url.replace(/\/$/, ''), ...parts.map((part) => encodeURIComponent(part.toWellFormed()))].join('/')
}

/** A list's first page, as far as what follows needs it. */
export type FirstPage = {
  /** X-Total-Count, or how many objects came where it is missing. */
  readonly total: number
  /** Whether X-Total-Count says it, and can be. */
  readonly isTotalSaid: boolean
  readonly count: number
  /** By `objectKey`. */
  readonly keys: readonly string[]
  /** The object that changed longest ago: it is least likely to change while it is looked at. */
  readonly oldest: Dated | null
}

export type Dated = {
  readonly key: string
  readonly id: string
  readonly at: number
  readonly object: Record<string, unknown>
}

/** What tells objects of a list apart: `NL/ABC/LOC1`. */
export function objectKey({ country_code: country, party_id: party, id, uid, type }: Record<string, unknown>): string {
  return [country, party, id ?? uid, id === undefined ? type : undefined]
    .filter((part) => part !== undefined)
    .map((part) => textOf(part).toUpperCase())
    .join('/')
}
