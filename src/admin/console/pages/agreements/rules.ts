import type { Context } from 'hono'
import type { listAgreements } from '../../../api/agreements/agreements.ts'
import { mayAsk } from '../../answer.ts'
import { nextOf, type Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { checkBox, faultOf, textField } from '../../parts/field.ts'
import { card, emptyState } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { pairAddress, partyText } from '../../parts/party.ts'
import { pill } from '../../parts/status.ts'
import { type Column, pages, table } from '../../parts/table.ts'
import { clock } from '../../parts/time.ts'
import type { Agreement } from '../../views.ts'

/** The rules, the latest first. */
export async function rulesCard(c: Context<ConsoleEnv>) {
  const party = c.req.query('party')?.trim() ?? ''
  const isWithOver = c.req.query('over') !== undefined
  const sent = await c.get('api').send<typeof listAgreements>('get', '/agreements', {
    query: { party, ...(isWithOver && { include_over: 'true' }), ...cursorOf(c) },
  })
  if (sent.kind === 'problem') {
    const shown = filterForm(party, isWithOver, sent.problem)
    return { status: sent.problem.status as 400, card: card('Rules', shown) }
  }
  const isFiltered = party !== ''
  const empty = isFiltered
    ? emptyState(
        'No rule with this party',
        'What holds for it is the policy.',
        html`<a class="btn" href="${address('/admin/agreements', { view: 'rules' })}">Clear the filters</a>`,
      )
    : emptyState('No rule yet', 'The policy alone says who may talk.')
  const columns = ruleColumns(mayAsk(c, 'DELETE /agreements/{id}'))
  return {
    status: 200 as const,
    card: card(
      'Rules',
      html`${filterForm(party, isWithOver)}${table('Rules', columns, sent.body, empty)}${pages(c.req.url, nextOf(sent.headers))}`,
      html`<span class="dim">Of those in force that speak of a module the latest decides</span>`,
    ),
  }
}

function cursorOf(c: Context): { cursor?: string } {
  const cursor = c.req.query('cursor')
  return cursor === undefined ? {} : { cursor }
}

function filterForm(party: string, isWithOver: boolean, problem?: Problem): Html {
  return html`<form class="filters" method="get" action="/admin/agreements"><input type="hidden" name="view" value="rules">
${textField({ name: 'party', label: 'Party', value: party, placeholder: 'NL-ABC', fault: faultOf(problem, 'party') })}
${checkBox({ name: 'over', label: 'Also those that are over', isChecked: isWithOver })}
<button class="btn">Show</button></form>`
}

/** Rules as they stand in every list. */
export function ruleColumns(mayChange: boolean, isOfOnePair = false): readonly Column<Agreement>[] {
  const parties: Column<Agreement> = {
    head: 'Parties',
    cell: ({ a, b }) =>
      html`<a href="${pairAddress(partyText(a), partyText(b))}">${partyText(a)}<span class="arrow">↔</span>${partyText(b)}</a>`,
    is: 'mono',
  }
  const acts: Column<Agreement> = {
    head: { hidden: 'Actions' },
    cell: ({ id, a, b, ended_at }) =>
      ended_at === null
        ? html`<span class="row-acts"><a class="more" href="/admin/agreements/rules/${id}/change">Change…<span class="vh"> the rule of ${partyText(a)} and ${partyText(b)}</span></a><a class="more" href="/admin/agreements/rules/${id}/end">End…<span class="vh"> the rule of ${partyText(a)} and ${partyText(b)}</span></a></span>`
        : '',
    is: 'num',
  }
  return [
    ...(isOfOnePair ? [] : [parties]),
    { head: 'Effect', cell: ({ effect }) => (effect === 'allow' ? pill('good', 'allow') : pill('bad', 'deny')) },
    { head: 'Modules', cell: ({ modules }) => moduleTags(modules) },
    { head: 'State', cell: standing },
    { head: 'Made', cell: ({ created_at }) => clock(created_at, 'day'), is: 'dim hide-s' },
    ...(mayChange ? [acts] : []),
  ]
}

export function moduleTags(modules: readonly string[] | null): Html {
  if (modules === null) return html`<span class="dim">all</span>`
  return html`<span class="tags">${modules.map((module) => html`<span class="tag">${module}</span>`)}</span>`
}

/** Whether it counts now, and from when until when. */
function standing({ is_in_force, valid_from, valid_until, ended_at }: Agreement): Html {
  if (ended_at !== null) return html`<span class="dim">ended ${clock(ended_at, 'day')}</span>`
  const now = Date.now()
  if (valid_until !== null && Date.parse(valid_until) <= now)
    return html`<span class="dim">over since ${clock(valid_until, 'day')}</span>`
  const until = valid_until === null ? '' : html` until ${clock(valid_until, 'day')}`
  if (is_in_force || valid_from === null) return html`in force${until}`
  return html`<span class="dim">from ${clock(valid_from, 'day')}${until}</span>`
}
