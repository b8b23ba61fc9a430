import { checkAddress, OUTCOME_TONES } from '../../parts/check.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { mark, pill } from '../../parts/status.ts'
import { type Column, table } from '../../parts/table.ts'
import type { CheckReport } from '../../views.ts'

type Found = CheckReport['probes'][number]

/** Of many exchanges that show the same the first few. */
const MOST_EVIDENCE = 3

/** What was found, with what helps and the exchanges that show it. */
export function foundTable(
  label: string,
  found: readonly Found[],
  { report, mayWaive }: { readonly report: CheckReport; readonly mayWaive: boolean },
): Html {
  const columns: readonly Column<Found>[] = [
    {
      head: 'Probe',
      cell: ({ title, name, outcome }) =>
        html`${mark(OUTCOME_TONES[outcome])} <b>${title}</b><span class="why-line mono">${name}</span>`,
    },
    { head: 'Where', cell: whereOf, is: 'mono' },
    { head: 'What', cell: whatOf, is: 'wide wrap' },
    { head: { hidden: 'Evidence' }, cell: ({ messages }) => evidence(messages), is: 'num' },
    ...(mayWaive
      ? [{ head: { hidden: 'Let it pass' }, cell: (one: Found) => waiveLink(one, report), is: 'num hide-s' }]
      : []),
  ]
  return table(label, columns, found, html``)
}

/** `NL-CPO locations`; of the whole platform nothing. */
function whereOf({ party, module }: Found): string {
  return [party, module].filter((part) => part !== null).join(' ')
}

function whatOf({ detail, advice, chapter, waived }: Found): Html {
  return html`${waived ? pill('off', 'let pass') : ''} ${detail}${advice === null ? '' : html`<span class="why-line">${advice}</span>`}${chapter === null ? '' : html`<span class="why-line dim">${chapter.replace(':', ',')}</span>`}`
}

function evidence(ids: readonly string[]): Html {
  const links = ids.slice(0, MOST_EVIDENCE).map((request_id, i) => {
    const text = i === 0 ? 'exchange →' : String(i + 1)
    return html`<a class="more" href="${address('/admin/messages', { request_id })}">${text}</a> `
  })
  return html`${links}`
}

function waiveLink({ name, waived }: Found, { platform, run }: CheckReport): Html | '' {
  if (waived) return ''
  return html`<a href="${address(`${checkAddress(platform)}/waivers/${name}`, { run: String(run) })}">Let it pass…</a>`
}

/** What needs nobody: folded, in lines. */
export function passedList(found: readonly Found[]): Html {
  return html`<details class="pad"><summary>${found.length} ${found.length === 1 ? 'finding' : 'findings'}</summary>
<ul class="ends">${found.map((one) => html`<li><span>${mark(OUTCOME_TONES[one.outcome])} ${one.title} <span class="mono dim">${whereOf(one)}</span></span><span class="dim">${one.detail} ${evidence(one.messages.slice(0, 1))}</span></li>\n`)}</ul></details>`
}
