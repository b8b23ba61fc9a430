import { otherSide, type Side, sideOf } from '../../../../ocpi/sides.ts'
import type { matrix } from '../../../api/agreements/pairs.ts'
import type { AnswerOf, Api, Problem } from '../../api.ts'
import { address } from '../../parts/href.ts'
import type { Platform } from '../../views.ts'

/** With whom, about what, from when until when. Empty modules: all of them; empty days: at once, until it is ended. */
export type Choice = {
  /** The party and its side, `NL-ABC cpo`. */
  readonly as: string
  readonly others: readonly string[]
  readonly isAll: boolean
  readonly modules: readonly string[]
  /** `2026-12-01` */
  readonly from: string
  readonly until: string
}

/** A party of the newcomer on a side of the market: it may be on both. */
export type Standing = { readonly party: string; readonly side: Side; readonly as: string }

export type Counterparty = { readonly name: string; readonly may: 'all' | 'some' | 'none' }

export type Found = {
  readonly policy: 'open' | 'agreements'
  readonly others: readonly Counterparty[]
  /** There are more than stand here. */
  readonly isMore: boolean
}

const A_PAGE = 200
/** Rules that the API takes at once. */
const MOST_RULES = 5_000

/** `NL-ABC cpo`: each party on each side that its roles put it on. */
export function sidesOf({ parties }: Platform): Standing[] {
  const standings = parties.map(({ country_code, party_id, role }): Standing => {
    const party = `${country_code}-${party_id}`
    const side = sideOf(role)
    return { party, side, as: `${party} ${side}` }
  })
  return [...new Map(standings.map((standing) => [standing.as, standing])).values()]
}

/** Who stands on the other side, and of whom it may talk with whom already. @param only parties or countries, with commas between */
export async function counterparties(api: Api, { party, side }: Standing, only: string): Promise<Found> {
  const others = only.replaceAll(/\s+/g, '')
  const { rows, next } = await api.list<typeof matrix>('/agreements/matrix', {
    query: { [side]: party, [otherSide(side)]: others, limit: A_PAGE },
  })
  return { policy: rows.policy, others: othersOf(rows, side), isMore: next !== null }
}

/** All of the other side that it may not talk with about everything yet. */
export async function allOthers(api: Api, platform: Platform, as: string): Promise<string[]> {
  const standing = sidesOf(platform).find((one) => one.as === as)
  const names: string[] = []
  if (standing === undefined) return names
  for (let cursor: string | undefined; names.length < MOST_RULES; ) {
    const { rows, next } = await api.list<typeof matrix>('/agreements/matrix', {
      query: { [standing.side]: standing.party, limit: A_PAGE, cursor },
    })
    names.push(...othersOf(rows, standing.side).flatMap(({ name, may }) => (may === 'all' ? [] : [name])))
    if (next === null) break
    cursor = next
  }
  return names.slice(0, MOST_RULES)
}

function othersOf({ cpos, emsps, cells }: AnswerOf<typeof matrix>, side: Side): Counterparty[] {
  const parties = side === 'cpo' ? emsps : cpos
  return parties.map(({ country_code, party_id }, i) => ({
    name: `${country_code}-${party_id}`,
    may: (side === 'cpo' ? cells[0]?.[i] : cells[i]?.[0]) ?? 'none',
  }))
}

/** Adds a rule for each pair, all or none; or only tells what is wrong with them. */
export async function sendRules(
  api: Api,
  platform: Platform,
  { as, others, modules, from, until, reason }: Choice & { readonly reason: string | undefined },
  isDry: boolean,
): Promise<{ readonly kind: 'done' } | { readonly kind: 'problem'; readonly problem: Problem }> {
  const standing = sidesOf(platform).find((one) => one.as === as)
  const a = standing?.party ?? ''
  const rows = others.map((b) => [
    ...namesOf(a),
    ...namesOf(b),
    'allow',
    modules.join(' '),
    momentOf(from),
    momentOf(until),
  ])
  const csv = [HEAD, ...rows].map((fields) => fields.map(quoted).join(',')).join('\r\n')
  const path = address('/agreements/import', { dry_run: isDry ? 'true' : null, reason })
  const answer = await api.ask('POST', path, { 'Content-Type': 'text/csv' }, csv)
  const body = await answer.json()
  if (!answer.ok) return { kind: 'problem', problem: body as Problem }
  const wrong = ((body as Plan).lines ?? []).filter(({ outcome }) => outcome === 'refused')
  return wrong.length === 0 ? { kind: 'done' } : { kind: 'problem', problem: refused(wrong, others) }
}

type Plan = {
  readonly lines?: readonly { readonly line: number; readonly outcome: string; readonly detail: string | null }[]
}

const HEAD = [
  'a_country_code',
  'a_party_id',
  'b_country_code',
  'b_party_id',
  'effect',
  'modules',
  'valid_from',
  'valid_until',
]

function refused(wrong: NonNullable<Plan['lines']>, others: readonly string[]): Problem {
  const [first] = wrong
  const who = others[(first?.line ?? 2) - 2] ?? ''
  return {
    type: 'about:blank',
    title: 'These rules cannot be',
    status: 400,
    detail: `${who}: ${first?.detail}`,
    instance: '',
  }
}

/** `NL-ABC` as country and id. */
function namesOf(party: string): [string, string] {
  return [party.slice(0, 2), party.slice(3)]
}

/** A day as its first moment, in UTC. */
function momentOf(date: string): string {
  return date === '' ? '' : `${date}T00:00:00.000Z`
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
