import type { Hono } from 'hono'
import { choice, textField } from '../../admin/console/parts/field.ts'
import { took } from '../../admin/console/parts/figures.ts'
import { card, emptyState, head } from '../../admin/console/parts/head.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { asTyped, momentField, momentOf } from '../../admin/console/parts/moment.ts'
import { outcome, shortPath } from '../../admin/console/parts/outcome.ts'
import { type Column, pages, table } from '../../admin/console/parts/table.ts'
import { ago, clock } from '../../admin/console/parts/time.ts'
import type { MessageSummary } from '../../hub/message/message-query.ts'
import { OUTCOMES, type Outcome } from '../../hub/message/outcome.ts'
import { DAY_MS } from '../../hub/moments.ts'
import { CONFIGURATION_MODULES, FUNCTIONAL_MODULES } from '../../ocpi/modules.ts'
import { showPage } from '../answer.ts'
import type { PartnerEnv } from '../env.ts'
import { legOf } from '../own-legs.ts'
import type { Own, OwnFilter } from '../reads.ts'
import { addMessagePage } from './message.ts'

const PAGE = 50
const FIELDS = [
  'party',
  'module',
  'object',
  'outcome',
  'correlation_id',
  'request_id',
  'period',
  'since',
  'until',
] as const

type Typed = Readonly<Record<(typeof FIELDS)[number], string>>

/** How far back one looks, without two moments of one's own. */
const PERIODS = [
  ['1h', 'The last hour', DAY_MS / 24],
  ['', 'The last 24 hours', DAY_MS],
  ['7d', 'The last 7 days', 7 * DAY_MS],
  ['all', 'All there is', Number.POSITIVE_INFINITY],
] as const

/** What went between us and the hub? */
export function addMessagePages(app: Hono<PartnerEnv>): void {
  app.get('/partner/messages', async (c) => {
    const typed = Object.fromEntries(
      FIELDS.map((name) => [name, (c.req.query(name) ?? '').trim().slice(0, 255)]),
    ) as Typed
    const reads = c.get('reads')
    const before = readCursor(c.req.query('cursor') ?? '')
    const [found, logStart] = await Promise.all([
      reads.messages(filterOf(typed, Date.now()), { limit: PAGE + 1, before }),
      reads.logStart(),
    ])
    const rows = found.slice(0, PAGE)
    const last = found.length > PAGE ? rows.at(-1)?.message : undefined
    const next = last ? `${last.at}.${last.id}` : null
    return showPage(
      c,
      { title: 'Messages', section: 'messages' },
      html`${head({ title: 'Messages', sub: 'What you sent the hub and were answered, and what the hub sent you.' })}
${card('Search', searchForm(typed))}
${card('Messages', html`${table('Messages', COLUMNS, rows, nothing(logStart))}${pages(c.req.url, next)}`)}`,
    )
  })

  addMessagePage(app)
}

const COLUMNS: readonly Column<Own<MessageSummary>>[] = [
  {
    head: 'Time',
    cell: ({ message }) =>
      html`<a href="/partner/messages/${encodeURIComponent(message.id)}">${clock(new Date(message.at).toISOString(), 'day')}</a>`,
  },
  { head: 'From → to', cell: betweenWhom, is: 'between' },
  { head: 'Module', cell: ({ message }) => html`<span class="tag">${message.module}</span>`, is: 'hide-s' },
  {
    head: 'Request',
    cell(own) {
      const { target } = legOf(own)
      return html`<span title="${target}">${own.message.method} ${shortPath(pathOf(target))}</span>`
    },
    is: 'path mono hide-s',
  },
  { head: 'Outcome', cell: (own) => outcome(legOf(own).ended) },
  { head: 'Took', cell: (own) => took(legOf(own).tookMs ?? 0), is: 'num dim hide-s' },
]

/** Parties alone: what the platform of the other one is called is not for partners. */
function betweenWhom({ message: { fromParty, toParty, kind }, sides }: Own<MessageSummary>): Html {
  const side = (party: string | null, otherwise: string) =>
    party === null ? html`<span class="dim">${otherwise}</span>` : html`<span class="mono">${party}</span>`
  const to = kind === 'broadcast' ? 'all' : sides.asked ? 'hub' : 'you'
  return html`${side(fromParty, sides.asked ? 'you' : 'hub')}<span class="arrow">→</span>${side(toParty, to)}`
}

function pathOf(target: string): string {
  const url = URL.parse(target)
  return url === null ? target : url.pathname + url.search
}

function searchForm(typed: Typed): Html {
  const modules = [...FUNCTIONAL_MODULES, ...CONFIGURATION_MODULES].map((name) => [name, name] as const)
  const isRare = typed.correlation_id !== '' || typed.request_id !== '' || typed.since !== '' || typed.until !== ''
  return html`<form method="get" action="/partner/messages">
<div class="filters">${textField({ name: 'party', label: 'Party', value: typed.party, placeholder: 'NL-ABC', isMono: true })}
${choice({ name: 'module', label: 'Module', value: typed.module, options: [['', 'Any'], ...modules] })}
${textField({ name: 'object', label: 'Object ID', value: typed.object, placeholder: 'LOC1', isMono: true })}
${choice({
  name: 'outcome',
  label: 'Outcome',
  value: typed.outcome,
  options: [
    ['', 'Any'],
    ['ok', 'All went well'],
    ['refused', 'Refused'],
    ['failed', 'Failed'],
  ],
})}
${choice({ name: 'period', label: 'Period', value: typed.period, options: PERIODS.map(([value, text]) => [value, text] as const) })}
<button class="btn main">Search</button></div>
<details class="further"${isRare ? html` open` : ''}><summary>By an ID, or between two moments</summary>
<div class="filters">${textField({ name: 'correlation_id', label: 'Correlation ID', value: typed.correlation_id, isMono: true })}
${textField({ name: 'request_id', label: 'Request ID', value: typed.request_id, isMono: true })}
${momentField({ name: 'since', label: 'From', value: asTyped(typed.since) })}
${momentField({ name: 'until', label: 'Until', value: asTyped(typed.until) })}</div></details>
</form>`
}

/** What nobody can look for is left out. */
function filterOf(typed: Typed, now: number): OwnFilter {
  const text = (value: string) => (value === '' || /\p{Cc}/u.test(value) ? null : value)
  const moment = (value: string) => {
    const at = Date.parse(momentOf(value) ?? '')
    return at >= 0 && at < 253_402_300_800_000 ? at : null
  }
  const [, , back] = PERIODS.find(([value]) => value === typed.period) ?? PERIODS[1]
  const until = moment(typed.until)
  const isById = typed.correlation_id !== '' || typed.request_id !== ''
  return {
    party: text(typed.party.replace('*', '-')),
    module: text(typed.module),
    objectKey: text(typed.object),
    outcome: OUTCOMES.includes(typed.outcome as Outcome) ? (typed.outcome as Outcome) : null,
    correlationId: text(typed.correlation_id),
    requestId: text(typed.request_id),
    since: moment(typed.since) ?? (isById ? null : Math.max(0, (until ?? now) - back)),
    until,
  }
}

function nothing(logStart: number | null): Html {
  if (logStart === null) return emptyState('Nothing yet', 'What you send, and whatever the hub sends you, stands here.')
  const start = new Date(logStart).toISOString()
  return emptyState(
    'Nothing in this period',
    html`The hub keeps messages for a time: now back to ${clock(start, 'day')} (${ago(start)}). Of deliveries that succeeded it keeps a part only.`,
  )
}

function readCursor(cursor: string): { readonly at: number; readonly id: string } | null {
  const [, at, id] = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/.exec(cursor) ?? []
  return at === undefined || id === undefined ? null : { at: Number(at), id }
}
