import type { Context, Hono } from 'hono'
import type { importAgreements } from '../../../api/agreements/agreements.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { AnswerOf, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { faultOf, problemNote, textArea, textField } from '../../parts/field.ts'
import { counted } from '../../parts/figures.ts'
import { card, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import { table } from '../../parts/table.ts'

type Plan = AnswerOf<typeof importAgreements>
type Line = NonNullable<Plan['lines']>[number]

const EXAMPLE = `a_country_code,a_party_id,b_country_code,b_party_id,effect,modules,valid_from,valid_until
NL,CPO,DE,EMS,allow,locations tariffs,,`

/** Lines of a file that are shown; those that are refused come first. */
const MOST_SHOWN = 200

/** A file with why it is imported, as they go from form to form. */
type Wish = { readonly csv: string; readonly reason: string }

/** What will this file change? First it is looked at, then taken as a whole. */
export function addImportPages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/agreements/import', onlyWhoMay('POST /agreements/import'), (c) =>
    showImport(c, uploadForm({ csv: '', reason: '' })),
  )

  app.post('/admin/agreements/import', async (c) => {
    const form = await readForm(c)
    const csv = form.text('file').trim() === '' ? form.text('csv') : form.text('file')
    const wish = { csv, reason: form.text('reason') }
    if (!form.isChecked('sure')) return showPlan(c, wish)
    const taken = await post(c, { reason: wish.reason.trim() }, csv)
    return taken.ok
      ? seeOther(c, '/admin/agreements?view=rules', 'imported')
      : showPlan(c, wish, (await taken.json()) as Problem)
  })
}

function post(c: Context<ConsoleEnv>, query: { readonly reason?: string; readonly dry_run?: 'true' }, csv: string) {
  const headers = { 'Content-Type': 'text/csv' }
  return c.get('api').ask('POST', address('/agreements/import', query), headers, csv)
}

/** What the file would change by now, and why it was refused, where it was. */
async function showPlan(c: Context<ConsoleEnv>, wish: Wish, refused?: Problem) {
  const tried = await post(c, { dry_run: 'true' }, wish.csv)
  if (tried.ok) return showImport(c, preview((await tried.json()) as Plan, wish, refused), refused?.status)
  const problem = (await tried.json()) as Problem
  return showImport(c, uploadForm(wish, problem), problem.status)
}

function showImport(c: Context<ConsoleEnv>, body: Html, status = 200) {
  const above = ['Agreements', '/admin/agreements'] as const
  return showPage(
    c,
    { title: 'Import rules', section: 'agreements', status: status as 200 },
    html`${head({ title: 'Import rules', above, sub: 'The file is shown first; nothing of it counts until you say so.' })}${body}`,
  )
}

// Each form of these pages takes the file as it is: in the usual spelling of forms it would outgrow what a form may have.

function uploadForm({ csv, reason }: Wish, problem?: Problem): Html {
  const hint = html`At most 1 MB and 5,000 rules. A file that was <a href="/admin/agreements/export" download>exported</a> comes back as it is: rules with an id that is known are left out.`
  return card(
    'Which rules?',
    html`<form class="pad form" method="post" action="/admin/agreements/import" enctype="multipart/form-data">
${problemNote(problem)}
<div class="field"><label for="f-file">CSV file</label><input id="f-file" name="file" type="file" accept=".csv,text/csv" aria-describedby="f-file-hint"><p class="hint" id="f-file-hint">${hint}</p></div>
${textArea({ name: 'csv', label: 'Or paste it', value: csv, rows: 8, isMono: true })}
<details><summary>An example</summary><pre class="body">${EXAMPLE}</pre></details>
${kept(reason)}<div class="acts"><button class="btn main">Preview</button><a class="btn" href="/admin/agreements">Cancel</a></div>
</form>`,
  )
}

/** A reason that was given already, where there is no field for it. */
function kept(reason: string): Html | '' {
  return reason === '' ? '' : html`<input type="hidden" name="reason" value="${reason}">`
}

function preview({ added, left_out, refused = 0, lines = [] }: Plan, wish: Wish, problem?: Problem): Html {
  const { csv } = wish
  const texts = csv.split(/\r\n|\r|\n/)
  const shown = [
    ...lines.filter(({ outcome }) => outcome === 'refused'),
    ...lines.filter(({ outcome }) => outcome !== 'refused'),
  ]
  const columns = [
    { head: 'Line', cell: ({ line }: Line) => line, is: 'num' },
    { head: 'What becomes of it', cell: outcomeOf },
    ...(refused > 0 ? [{ head: 'Why', cell: ({ detail }: Line) => detail ?? '', is: 'wrap' }] : []),
    {
      head: 'As it stands',
      cell: ({ line }: Line) => html`<span title="${texts[line - 1] ?? ''}">${texts[line - 1] ?? ''}</span>`,
      is: 'path mono',
    },
  ]
  const more =
    lines.length > MOST_SHOWN ? html`<p class="pad dim">And ${lines.length - MOST_SHOWN} more lines.</p>` : ''
  const sums = html`<div class="tags">${pill('good', `${added} added`)}${pill('off', `${left_out} already there`)}${refused > 0 ? pill('bad', `${refused} refused`) : ''}</div>`
  const nothing = html`<p class="pad">The file has no rules.</p>`
  return html`${card('What the file changes', html`${table('Lines of the file', columns, shown.slice(0, MOST_SHOWN), nothing)}${more}`, sums)}
${refused > 0 ? mend(refused, wish) : added > 0 ? take(added, wish, problem) : html`<p>Nothing to add. <a href="/admin/agreements">Back to the agreements</a></p>`}`
}

function outcomeOf({ outcome }: Line): Html {
  if (outcome === 'refused') return pill('bad', 'refused')
  return outcome === 'added' ? pill('good', 'added') : pill('off', 'already there')
}

/** One fault keeps the whole file out: here it can be mended at once. */
function mend(refused: number, { csv, reason }: Wish): Html {
  return card(
    'Mend it',
    html`<form class="pad form wide" method="post" action="/admin/agreements/import" enctype="multipart/form-data">
<p class="note bad">${counted(refused, 'line')} cannot be taken, so none of the file is.</p>
${textArea({ name: 'csv', label: 'The file', value: csv, rows: 12, isMono: true })}${kept(reason)}
<div class="acts"><button class="btn main">Preview again</button><a class="btn" href="/admin/agreements">Cancel</a></div></form>`,
  )
}

function take(added: number, { csv, reason }: Wish, problem?: Problem): Html {
  return card(
    'Import it',
    html`<form class="pad form" method="post" action="/admin/agreements/import" enctype="multipart/form-data">
${problemNote(problem)}<p>The rules count at once, in the order of the file, after all that are there: of rules of two parties that speak of a module the latest decides.</p>
<input type="hidden" name="csv" value="${csv}"><input type="hidden" name="sure" value="yes">
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: reason, maxLength: 500, fault: faultOf(problem, 'reason') })}
<div class="acts"><button class="btn main">Import ${counted(added, 'rule')}</button><a class="btn" href="/admin/agreements/import">Cancel</a></div></form>`,
  )
}
