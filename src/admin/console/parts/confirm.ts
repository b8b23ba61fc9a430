import type { Problem } from '../api.ts'
import { problemNote, textField } from './field.ts'
import { head } from './head.ts'
import { type Html, html } from './html.ts'

/** The page before something that is not undone easily: what will happen, who is told, how to undo it; why, and the verb. */
export function confirmPage(of: {
  readonly title: string
  readonly above: readonly [text: string, address: string]
  readonly consequences: readonly (string | Html)[]
  /** Where the form goes. */
  readonly action: string
  /** What the button says: what it does. */
  readonly verb: string
  /** What was typed before, when the API would not. */
  readonly reason?: string
  readonly problem?: Problem | undefined
  /** Other fields of the form. */
  readonly fields?: Html | ''
  readonly isRisky?: boolean
}): Html {
  return html`${head({ title: of.title, above: of.above })}
<section class="card confirm"><form class="pad form" method="post" action="${of.action}">
${problemNote(of.problem)}
<ul class="consequences">${of.consequences.map((text) => html`<li>${text}</li>`)}</ul>
${of.fields ?? ''}
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: of.reason ?? '', maxLength: 500 })}
<div class="acts"><button class="btn ${of.isRisky ? 'danger' : 'main'}">${of.verb}</button><a class="btn" href="${of.above[1]}">Cancel</a></div>
</form></section>`
}
