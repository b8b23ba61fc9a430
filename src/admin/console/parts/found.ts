import type { CheckReport } from '../views.ts'
import { OUTCOME_TONES } from './check.ts'
import { counted } from './figures.ts'
import { address } from './href.ts'
import { type Html, html } from './html.ts'
import { mark, pill } from './status.ts'

export type Found = CheckReport['probes'][number]

/** The pages on which findings of a check are shown. */
export type FoundOn = {
  /** Where messages are looked for: `/admin/messages`. */
  readonly messages: string
  /** What stands below a finding beside advice. @default nothing */
  readonly below?: (one: Found) => Html | ''
}

/** Of many exchanges that show the same the first few. */
const MOST_EVIDENCE = 3

/** What was found, with what helps and the exchanges that show it. */
export function foundList(found: readonly Found[], { messages, below = () => '' }: FoundOn): Html {
  return html`<ul class="todo">${found.map(
    (one) =>
      html`<li>${mark(OUTCOME_TONES[one.outcome])}<span><b>${one.title}</b> <span class="mono dim">${whereOf(one)}</span></span><span>${evidence(one.messages, messages)}</span>
<p>${one.waived ? html`${pill('off', 'let pass')} ` : ''}${one.detail}</p>${adviceOf(one)}${below(one)}</li>\n`,
  )}</ul>`
}

/** What needs nobody: folded. */
export function foldedList(found: readonly Found[], { messages }: FoundOn): Html {
  return html`<details class="pad"><summary>${counted(found.length, 'finding')}</summary>${foundList(found, { messages })}</details>`
}

/** `limit-1 NL-CPO locations`; of the whole platform the probe alone. */
function whereOf({ name, party, module }: Found): string {
  return [name, party, module].filter((part) => part !== null).join(' ')
}

function adviceOf({ advice, chapter }: Found): Html | '' {
  if (advice === null) return ''
  return html`<p><b>${advice}</b>${chapter === null ? '' : html` <span class="dim">${chapter.replace(':', ',')}</span>`}</p>`
}

function evidence(ids: readonly string[], messages: string): Html {
  const links = ids.slice(0, MOST_EVIDENCE).map((request_id, i) => {
    const text = i === 0 ? 'exchange →' : String(i + 1)
    return html`<a class="more" href="${address(messages, { request_id })}">${text}</a> `
  })
  return html`${links}`
}
