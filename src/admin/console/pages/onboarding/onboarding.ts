import type { Hono } from 'hono'
import type { listRefusedCalls } from '../../../api/handshakes/refused-calls.ts'
import type { listNewcomers } from '../../../api/onboarding/onboarding.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { type Column, pages, table } from '../../parts/table.ts'
import { ago, clock } from '../../parts/time.ts'
import type { Newcomer, RefusedCall } from '../../views.ts'
import { addAgreementsPages } from './agreements.ts'
import { addConnectPages } from './connect.ts'
import { addGoOnPages } from './go-on.ts'
import { addInvitationPages } from './invitation.ts'
import { addNewPlatformPages } from './new-platform.ts'
import { addNewcomerPage } from './newcomer.ts'
import { currentStep, STEPS } from './steps.ts'
import { addTrialPages } from './trial.ts'

const ROWS = 100
/** The newest of them. */
const MOST_REFUSED = 30
const SANDBOX = html`<a class="btn" href="/admin/sandbox">Sandbox partners</a>`
const ADD = html`<a class="btn main" href="/admin/onboarding/new">Add a platform</a>`

/** Bringing platforms on board: where each stands, and the way of each. */
export function addOnboardingPages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/onboarding', async (c) => {
    const api = c.get('api')
    const cursor = c.req.query('cursor')
    const [{ rows, next }, refused] = await Promise.all([
      api.list<typeof listNewcomers>('/onboarding', { query: { limit: ROWS, cursor } }),
      api.get<typeof listRefusedCalls>('/refused-calls', { query: { limit: MOST_REFUSED } }),
    ])
    const names = new Map(rows.map(({ platform_id, platform_name }) => [platform_id, platform_name]))
    const add = mayAsk(c, 'POST /platforms') ? ADD : ''
    const none = emptyState(
      'Nobody is under way.',
      'Platforms stand here from their name to a week after they went live.',
      add,
    )
    const silent = emptyState(
      'No call was refused.',
      'Calls with tokens that nobody knows stand here, with what the hub can tell about them.',
    )
    const sub = 'Where does each newcomer stand?'
    return showPage(
      c,
      { title: 'Onboarding', section: 'onboarding' },
      html`${head({ title: 'Onboarding', sub, acts: [SANDBOX, rows.length === 0 ? '' : add] })}
${card('Newcomers', html`${table('Newcomers', NEWCOMER_COLUMNS, rows, none)}${pages(c.req.url, next)}`)}
${card('Refused calls', table('Refused calls', refusedColumns(names), refused, silent), html`<span class="dim">the newest ${MOST_REFUSED}</span>`)}`,
    )
  })

  addNewPlatformPages(app)
  addNewcomerPage(app)
  addInvitationPages(app)
  addConnectPages(app)
  addAgreementsPages(app)
  addGoOnPages(app)
  addTrialPages(app)
}

const SIGNS = {
  done: ['✓', 'good', 'done'],
  'under-way': ['◐', 'info', 'under way'],
  failed: ['■', 'bad', 'failed'],
  open: ['○', 'off', 'to do'],
  'not-needed': ['–', 'off', 'not needed'],
} as const

const NEWCOMER_COLUMNS: readonly Column<Newcomer>[] = [
  {
    head: 'Platform',
    cell: ({ platform_id, platform_name, parties }) =>
      html`<a href="/admin/onboarding/${platform_id}"><b>${platform_name}</b></a> <span class="mono dim hide-s">${parties.slice(0, 3).join(', ')}${parties.length > 3 ? ' …' : ''}</span>`,
  },
  { head: 'Steps', cell: stepSigns, is: 'wide' },
  { head: 'Days', cell: ({ days }) => days, is: 'num hide-s' },
  { head: 'Last sign of life', cell: ({ last_heard_at }) => ago(last_heard_at), is: 'hide-s' },
  { head: 'Token ends in', cell: tokenCell, is: 'num hide-s' },
]

function stepSigns(newcomer: Newcomer): Html {
  const current = currentStep(newcomer)
  const why = current === null ? null : newcomer.steps[current].why
  return html`<span class="way">${STEPS.map((name) => {
    const [sign, tone, words] = SIGNS[newcomer.steps[name].state]
    return html`<span class="${tone}${name === current ? ' at' : ''}"><span aria-hidden="true">${sign}</span> ${name}<span class="vh"> ${words}</span></span>`
  })}</span>${why === null ? '' : html`<span class="why-line">${why}</span>`}`
}

function tokenCell({ token_days_left: left }: Newcomer): Html {
  if (left === null) return html`<span class="dim">–</span>`
  return html`<span class="${left < 7 ? 'warn' : ''}">${left} ${left === 1 ? 'day' : 'days'}</span>`
}

/** @param names of platforms, by id, as far as they are at hand */
function refusedColumns(names: ReadonlyMap<string, string>): readonly Column<RefusedCall>[] {
  return [
    { head: 'Time', cell: ({ at }) => clock(at, 'day') },
    {
      head: 'Whose',
      cell: ({ platform_id: id }) =>
        id === null
          ? html`<span class="dim">nobody knows</span>`
          : html`<a href="/admin/onboarding/${id}">${names.get(id) ?? 'a platform'}</a>`,
    },
    { head: 'From', cell: ({ address }) => address, is: 'mono hide-s' },
    {
      head: 'Request',
      cell: ({ method, path }) => html`<span title="${path}">${method} ${path}</span>`,
      is: 'request mono hide-s',
    },
    { head: 'Why', cell: ({ why }) => html`<span title="${why.advice}">${why.title}</span>`, is: 'path grow' },
    { head: 'Fingerprint', cell: ({ fingerprint }) => fingerprint ?? '–', is: 'mono hide-s' },
  ]
}
