import type { Context, Hono } from 'hono'
import type { decision } from '../../../api/agreements/pairs.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { AnswerOf } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { momentOf } from '../../parts/moment.ts'
import { partyText } from '../../parts/party.ts'
import { mark, pill, status } from '../../parts/status.ts'
import { type Column, table } from '../../parts/table.ts'
import { clock } from '../../parts/time.ts'
import { showProblem } from '../../problems.ts'
import { ruleColumns } from './rules.ts'

type Decision = AnswerOf<typeof decision>
type ModuleDecision = Decision['modules'][number]
type Route = ModuleDecision['routes'][number]

const DONE = {
  allowed: 'Allowed. It counts at once.',
  denied: 'Denied. It counts at once.',
  changed: 'Changed. It counts at once.',
  ended: 'The rule is ended.',
  both: 'The new rule is added, but the old one could not be ended: end it below.',
}

/** Why may these two talk, or not? */
export function addPairPage(app: Hono<ConsoleEnv>): void {
  app.get('/admin/agreements/:a{[A-Za-z][A-Za-z][*-][^/]+}/:b', async (c) => {
    const [a, b] = [c.req.param('a').toUpperCase(), c.req.param('b').toUpperCase()]
    const at = c.req.query('at')
    const query = { a, b, at: momentOf(at) }
    const sent = await c.get('api').send<typeof decision>('get', '/agreements/decision', { query })
    if (sent.kind === 'problem') return showProblem(c, sent.problem)
    const title = `${a} ↔ ${b}`
    return showPage(c, { title, section: 'agreements', done: DONE }, pairPage(c, a, b, sent.body, at !== undefined))
  })
}

function pairPage(c: Context<ConsoleEnv>, a: string, b: string, of: Decision, isAtMoment: boolean): Html {
  const { modules, rules, policy } = of
  const mayChange = mayAsk(c, 'POST /agreements')
  const none = emptyState(
    'No rule of these two',
    policy === 'open' ? 'All may talk unless a rule denies it.' : 'Nobody may talk unless a rule allows it.',
  )
  return html`${head({
    title: html`<span class="mono">${a}</span> ↔ <span class="mono">${b}</span> ${verdict(of)}`,
    above: ['Agreements', '/admin/agreements'],
    sub: isAtMoment ? html`As of ${clock(of.at, 'day')}; connections as they are now.` : of.reason,
    acts: mayChange ? acts(a, b, modules) : '',
  })}
${card('Modules', table('Modules', moduleColumns(mayAsk(c, 'GET /platforms/{id}')), modules, html``))}
<div class="two"><div class="stack">
${card('Rules', table('Rules', ruleColumns(mayChange, true), rules, none), html`<span class="dim">the first that speaks of a module decides</span>`)}
</div><div class="stack">
${card('Are they there?', hosts(a, b, modules))}
</div></div>`
}

function verdict({ modules }: Decision): Html {
  const allowed = modules.filter((one) => one.allowed).length
  if (allowed === 0) return pill('bad', 'may not talk')
  return allowed === modules.length
    ? pill('good', 'may talk')
    : pill('warn', `of ${allowed} of ${modules.length} modules`)
}

/** First what is missing: allow where something is denied, deny where something is allowed. */
function acts(a: string, b: string, modules: readonly ModuleDecision[]): Html {
  const isAll = modules.every(({ allowed }) => allowed)
  const isNone = modules.every(({ allowed }) => !allowed)
  const link = (effect: string, is: string, text: string) =>
    html`<a class="btn ${is}" href="${address('/admin/agreements/new', { a, b, effect })}">${text}</a>`
  return html`${isNone ? '' : link('deny', 'risk', 'Deny…')}${isAll ? '' : link('allow', 'main', 'Allow…')}`
}

function moduleColumns(mayOpen: boolean): readonly Column<ModuleDecision>[] {
  return [
    { head: 'Module', cell: ({ module }) => html`<span class="tag">${module}</span>` },
    { head: 'May they?', cell: ({ allowed }) => (allowed ? pill('good', 'yes') : pill('bad', 'no')) },
    { head: 'By', cell: decider, is: 'hide-s' },
    {
      head: 'Would it arrive?',
      cell: ({ routes }) =>
        routes.length === 0
          ? html`<span class="dim">none of them has an interface of it</span>`
          : html`<ul class="ways">${ways(routes).map((one) => html`<li>${way(one, mayOpen)}</li>`)}</ul>`,
      is: 'wrap',
    },
  ]
}

/** The rule that decides, or the policy. */
function decider({ rule }: ModuleDecision): Html {
  if (rule === null) return html`<span class="dim">the policy</span>`
  return html`<span title="${rule.id}">rule of ${clock(rule.created_at, 'day')}</span>`
}

/** Interfaces of one party that lack the same: of a party that is nowhere, all. */
function ways(routes: readonly Route[]): readonly (readonly [Route, ...Route[]])[] {
  const alike = Map.groupBy(routes, ({ to, missing }) => `${partyText(to)} ${missing}`)
  return [...alike.values()] as [Route, ...Route[]][]
}

function way(alike: readonly [Route, ...Route[]], mayOpen: boolean): Html {
  const [{ to, missing, platform_id }] = alike
  const roles = alike.map(({ interface_role }) => interface_role).join(', ')
  const name = html`<span class="mono">${partyText(to)}</span> <span class="dim">${roles}</span>`
  if (missing === null) return html`${mark('good')} ${name} <span class="vh">yes</span>`
  const why = platform_id !== null && mayOpen ? html`<a href="/admin/platforms/${platform_id}">${missing}</a>` : missing
  return html`${mark('bad')} ${name} <span class="bad">${why}</span>`
}

/** Whose platforms they are, and how those stand. */
function hosts(a: string, b: string, modules: readonly ModuleDecision[]): Html {
  const routes = modules.flatMap((one) => one.routes)
  const of = (party: string) => {
    const its = routes.filter(({ to }) => partyText(to).toUpperCase() === party)
    const names = new Map(its.map((route) => [route.platform_id, route]))
    return [...names.values()].filter(({ platform_id }) => platform_id !== null)
  }
  const shown = (party: string) => {
    const platforms = of(party)
    if (platforms.length === 0) return html`<span class="dim">no platform, or several</span>`
    return platforms.map(
      ({ platform_id, platform_name, status: now }) =>
        html`<a href="/admin/platforms/${platform_id}">${platform_name}</a> ${now === null ? '' : status(now)} `,
    )
  }
  return html`<dl class="facts pad"><dt class="mono">${a}</dt><dd>${shown(a)}</dd><dt class="mono">${b}</dt><dd>${shown(b)}</dd></dl>`
}
