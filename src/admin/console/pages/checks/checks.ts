import type { Context, Hono } from 'hono'
import type { askCheck, listChecks } from '../../../api/checks/checks.ts'
import type { listWaivers } from '../../../api/checks/waivers.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import { mayAsk, seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { readForm } from '../../form.ts'
import { askedBy, checkAddress, countsInWords, runPill } from '../../parts/check.ts'
import { checkBox, problemNote, textField } from '../../parts/field.ts'
import { act, card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { type Column, table } from '../../parts/table.ts'
import { ago } from '../../parts/time.ts'
import type { CheckRun, Platform, Waiver } from '../../views.ts'
import { addReportPages } from './report.ts'
import { waiverList } from './waiver-list.ts'
import { addWaiverPages } from './waivers.ts'

const PATH = '/admin/platforms/:id{[0-9a-f-]{36}}/checks'

const DONE = { 'waived-no-more': 'It is a fault again, from the next check on.' }

/** What is wrong with their interface? All checks of a platform, and how it is checked anew. */
export function addCheckPages(app: Hono<ConsoleEnv>): void {
  app.get(PATH, async (c) => showChecks(c, c.req.param('id')))

  app.post(PATH, async (c) => {
    const form = await readForm(c)
    const id = c.req.param('id')
    const sent = await c.get('api').send<typeof askCheck>('post', '/platforms/{id}/checks', {
      params: { id },
      body: {
        consent: form.isChecked('consent'),
        skip_wrong_token: form.isChecked('skip_wrong_token'),
        reason: form.maybe('reason'),
      },
    })
    if (sent.kind === 'done') return seeOther(c, checkAddress(id, sent.body.run))
    // Somebody was a moment earlier: that one is shown.
    if (sent.problem.check !== undefined) return seeOther(c, checkAddress(id, sent.problem.check), 'under-way')
    return showChecks(c, id, sent.problem)
  })

  addReportPages(app)
  addWaiverPages(app)
}

async function showChecks(c: Context<ConsoleEnv>, id: string, problem?: Problem) {
  const api = c.get('api')
  const params = { id }
  const [platform, runs, waivers] = await Promise.all([
    api.get<typeof getPlatform>('/platforms/{id}', { params }),
    api.get<typeof listChecks>('/platforms/{id}/checks', { params }),
    api.get<typeof listWaivers>('/platforms/{id}/checks/waivers', { params }),
  ])
  const mayRun = mayAsk(c, 'POST /platforms/{id}/checks')
  return showPage(
    c,
    {
      title: `Connection checks of ${platform.name}`,
      section: 'platforms',
      done: DONE,
      status: (problem?.status ?? 200) as 200,
    },
    checksPage(platform, runs, waivers, {
      mayRun,
      mayWaive: mayAsk(c, 'DELETE /platforms/{id}/checks/waivers/{probe}'),
      problem,
    }),
  )
}

type View = { readonly mayRun: boolean; readonly mayWaive: boolean; readonly problem: Problem | undefined }

function checksPage(
  platform: Platform,
  runs: readonly CheckRun[],
  waivers: readonly Waiver[],
  { mayRun, mayWaive, problem }: View,
): Html {
  const { id, name } = platform
  const mayBeChecked = mayRun && platform.has_credentials && platform.status !== 'SUSPENDED'
  const isOpen = runs[0]?.ended_at === null
  const run =
    mayBeChecked && !isOpen ? act(checkAddress(id), runs.length === 0 ? 'Run' : 'Run again', { is: 'main' }) : ''
  const none = emptyState(
    'Never checked.',
    platform.has_credentials
      ? 'Some 50 probes ask its interfaces what others will ask, one after the other, and say what its people are to mend.'
      : 'It can be checked once its handshake is done.',
  )
  return html`${head({ title: 'Connection checks', above: [name, `/admin/platforms/${id}`], sub: 'What is wrong with their interface?', acts: run })}
${problemNote(problem)}
${card('Checks', table('Checks', COLUMNS, runs, none), html`<span class="dim">the newest 20</span>`)}
${waivers.length === 0 ? '' : card('Faults that are let pass', waiverList(id, waivers, mayWaive))}
${mayBeChecked ? card('Another way', choices(id)) : ''}`
}

const COLUMNS: readonly Column<CheckRun>[] = [
  {
    head: 'Check',
    cell: ({ platform, run }) => html`<a href="${checkAddress(platform, run)}"><b>Check ${run}</b></a>`,
  },
  { head: 'Outcome', cell: (run) => runPill(run) },
  { head: 'Probes', cell: ({ counts }) => countsInWords(counts), is: 'grow hide-s' },
  { head: 'Why', cell: (run) => askedBy(run), is: 'dim hide-s' },
  { head: 'When', cell: ({ started_at, asked_at }) => ago(started_at ?? asked_at), is: 'num' },
]

/** What is asked of the partner before. */
function choices(id: string): Html {
  return html`<form class="form pad" method="post" action="${checkAddress(id)}">
${checkBox({ name: 'consent', label: 'The partner agrees that a location or token of the check’s own is pushed, changed and removed' })}
${checkBox({ name: 'skip_wrong_token', label: 'Make no call with a wrong token or none: some lock out who tries' })}
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', maxLength: 500 })}
<div class="acts"><button class="btn">Run it so</button></div></form>`
}
