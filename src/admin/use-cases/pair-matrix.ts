import { allowsBy, rulesOfPair } from '../../hub/network/policy.ts'
import type { HostedParty, RoutingTable } from '../../hub/network/routing-table.ts'
import { type Party, type PartyKey, showParty } from '../../ocpi/party.ts'
import { type Side, sideOf } from '../../ocpi/sides.ts'
import { modulesOfPair } from './modules-of-pair.ts'

/** Of which modules a pair may talk: `some` where rules tell modules apart. */
export type Cell = 'all' | 'some' | 'none'

/** Behind which CPO the rows begin, and behind which eMSP the columns. Null: at the first. */
export type MatrixPlace = { readonly cpo: PartyKey | null; readonly emsp: PartyKey | null }

export type PairMatrix = {
  /** By country and party id. */
  readonly cpos: readonly Party[]
  readonly emsps: readonly Party[]
  /** A row for each CPO, in it a cell for each eMSP. */
  readonly cells: readonly (readonly Cell[])[]
  /** Where the next part begins: first the columns to the right, then the rows below. Null after the last. */
  readonly next: MatrixPlace | null
}

export type MatrixQuestion = {
  /** Parties or countries, such as `NL-ABC` and `NL`; empty: all. */
  readonly cpo: readonly string[]
  readonly emsp: readonly string[]
  /** Null: all modules. */
  readonly module: string | null
  readonly at: number
  readonly place: MatrixPlace
  /** Most rows, and most columns. */
  readonly limit: number
}

/**
 * Who may talk with whom at a moment, of all parties that the hub hosts, connected or announced: CPOs against all others. Read from
 * the table in memory: 200 by 200 pairs are some milliseconds.
 */
export function pairMatrix(table: RoutingTable, question: MatrixQuestion, now: number): PairMatrix {
  const { place, limit, module, at } = question
  const cpos = partiesOf(table, 'cpo', question.cpo)
  const emsps = partiesOf(table, 'emsp', question.emsp)
  const rows = after(cpos, place.cpo)
  const columns = after(emsps, place.emsp)
  const shownRows = rows.slice(0, limit)
  const shownColumns = columns.slice(0, limit)
  const cells = shownRows.map((row) =>
    shownColumns.map((column) => cellOf(table, row.key, column.key, module, at, now)),
  )
  return { cpos: shownRows, emsps: shownColumns, cells, next: next() }

  function next(): MatrixPlace | null {
    const lastRow = shownRows.at(-1)
    const lastColumn = shownColumns.at(-1)
    if (!lastRow || !lastColumn) return null
    if (columns.length > limit) return { cpo: place.cpo, emsp: lastColumn.key }
    return rows.length > limit ? { cpo: lastRow.key, emsp: null } : null
  }
}

function cellOf(table: RoutingTable, a: PartyKey, b: PartyKey, module: string | null, at: number, now: number): Cell {
  if (a === b) return 'all'
  const rules = rulesOfPair(table, a, b, at, now)
  if (rules.length === 0) return table.policy.kind === 'open' ? 'all' : 'none'
  const modules = module === null ? modulesOfPair(rules) : [module]
  const allowed = modules.filter((each) => allowsBy(rules, table.policy, each, at)).length
  if (allowed === 0) return 'none'
  return allowed === modules.length ? 'all' : 'some'
}

/** Once each, in the order of their keys. A role that its platform gave up does not count. */
function partiesOf(table: RoutingTable, side: Side, wanted: readonly string[]): HostedParty[] {
  const names = new Set(wanted.map((name) => name.toUpperCase().replace('*', '-')))
  const isWanted = (party: Party) =>
    names.size === 0 || names.has(party.countryCode.toUpperCase()) || names.has(showParty(party).toUpperCase())
  const found: HostedParty[] = []
  for (const hosts of table.parties.values()) {
    const host = hosts.find(({ roles }) => roles.some((r) => r.status !== 'GIVEN_UP' && sideOf(r.role) === side))
    if (host && isWanted(host)) found.push(host)
  }
  return found.sort((x, y) => (x.key < y.key ? -1 : 1))
}

function after(parties: readonly HostedParty[], key: PartyKey | null): readonly HostedParty[] {
  return key === null ? parties : parties.filter((party) => party.key > key)
}
