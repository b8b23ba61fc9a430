import type { listAgreements } from '../../../../api/agreements/agreements.ts'
import type { AnswerOf, Api } from '../../../api.ts'
import { card } from '../../../parts/head.ts'
import { address } from '../../../parts/href.ts'
import { type Html, html } from '../../../parts/html.ts'
import { pill } from '../../../parts/status.ts'
import { table } from '../../../parts/table.ts'
import type { Platform } from '../../../views.ts'

const SHOWN = 6
/** Of a platform with many parties, those whose rules are looked for. */
const MOST_PARTIES = 4

type Rule = AnswerOf<typeof listAgreements>[number]

/** The latest rules about its parties. */
export async function readRules(api: Api, platform: Platform): Promise<Rule[]> {
  const lists = await Promise.all(
    partiesOf(platform)
      .slice(0, MOST_PARTIES)
      .map((party) => api.get<typeof listAgreements>('/agreements', { query: { party, limit: SHOWN } })),
  )
  const rules = new Map(lists.flat().map((rule) => [rule.id, rule]))
  return [...rules.values()].toSorted((a, b) => b.created_at.localeCompare(a.created_at)).slice(0, SHOWN)
}

export function agreementsCard(platform: Platform, rules: readonly Rule[]): Html {
  const own = new Set(partiesOf(platform))
  const [first] = own
  return card(
    'Agreements',
    table(
      'Agreements',
      [
        { head: 'With', cell: ({ a, b }) => nameOf(own.has(nameOf(a)) ? b : a), is: 'mono' },
        { head: 'Modules', cell: ({ modules }) => modules?.join(', ') ?? 'all', is: 'grow' },
        { head: 'Rule', cell: ({ effect, is_in_force }) => ruleOf(effect, is_in_force) },
      ],
      rules,
      html`<p class="pad dim">No rule names its parties: the policy of the hub decides.</p>`,
    ),
    first === undefined
      ? ''
      : html`<a class="more" href="${address('/admin/agreements', { view: 'rules', party: first })}">Rules of ${first} →</a>`,
  )
}

function ruleOf(effect: Rule['effect'], isInForce: boolean): Html {
  return isInForce ? pill(effect === 'allow' ? 'good' : 'bad', effect) : pill('off', `${effect}, not in force`)
}

function partiesOf({ parties }: Platform): string[] {
  return [...new Set(parties.map(nameOf))]
}

function nameOf({ country_code, party_id }: Rule['a']): string {
  return `${country_code}-${party_id}`
}
