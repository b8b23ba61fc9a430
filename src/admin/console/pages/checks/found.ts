import { checkAddress, OUTCOME_TONES } from '../../parts/check.ts'
import { counted } from '../../parts/figures.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { mark, pill } from '../../parts/status.ts'
import type { CheckReport } from '../../views.ts'

type Found = CheckReport['probes'][number]

/** Of many exchanges that show the same the first few. */
const MOST_EVIDENCE = 3

/**
 * What was found, with what helps and the exchanges that show it.
 *
 * @param waivable the run, where faults of it may be let pass
 */
export function foundList(found: readonly Found[], waivable: CheckReport | null): Html {
  return html`<ul class="todo">${found.map(
    (one) =>
      html`<li>${mark(OUTCOME_TONES[one.outcome])}<span><b>${one.title}</b> <span class="mono dim">${whereOf(one)}</span></span><span>${evidence(one.messages)}</span>
<p>${one.waived ? html`${pill('off', 'let pass')} ` : ''}${one.detail}</p>${adviceOf(one)}${waivable === null ? '' : waiveLink(one, waivable)}</li>\n`,
  )}</ul>`
}

/** What needs nobody: folded. */
export function foldedList(found: readonly Found[]): Html {
  return html`<details class="pad"><summary>${counted(found.length, 'finding')}</summary>${foundList(found, null)}</details>`
}

/** `limit-1 NL-CPO locations`; of the whole platform the probe alone. */
function whereOf({ name, party, module }: Found): string {
  return [name, party, module].filter((part) => part !== null).join(' ')
}

function adviceOf({ advice, chapter }: Found): Html | '' {
  if (advice === null) return ''
  return html`<p><b>${advice}</b>${chapter === null ? '' : html` <span class="dim">${chapter.replace(':', ',')}</span>`}</p>`
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
  const to = address(`${checkAddress(platform)}/waivers/${name}`, { run: String(run) })
  return html`<p><a class="more" href="${to}">Let it pass…</a></p>`
}
