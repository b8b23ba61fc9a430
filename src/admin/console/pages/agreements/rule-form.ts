import { FUNCTIONAL_MODULES } from '../../../../ocpi/modules.ts'
import type { addAgreement } from '../../../api/agreements/agreements.ts'
import type { InputOf, Problem } from '../../api.ts'
import type { Form } from '../../form.ts'
import { checkBox, choice, faultOf, problemNote, textField } from '../../parts/field.ts'
import { type Html, html } from '../../parts/html.ts'
import { asTyped, momentField, momentOf } from '../../parts/moment.ts'
import { partyOf, partyText } from '../../parts/party.ts'
import type { Agreement } from '../../views.ts'

/** A rule as it stands in the form. */
export type TypedRule = {
  readonly a: string
  readonly b: string
  readonly effect: string
  /** None of them: all modules. */
  readonly modules: readonly string[]
  /** Modules beside those of the specification, with commas or spaces between. */
  readonly others: string
  readonly from: string
  readonly until: string
  readonly reason: string
}

export function typedRule(form: Form): TypedRule {
  return {
    a: form.text('a'),
    b: form.text('b'),
    effect: form.text('effect') || 'allow',
    modules: form.all('modules'),
    others: form.text('others'),
    from: form.text('from'),
    until: form.text('until'),
    reason: form.text('reason'),
  }
}

/** A rule that is there, to be changed. */
export function typedAs({ a, b, effect, modules, valid_from, valid_until }: Agreement): TypedRule {
  const isOfForm = (module: string) => (FUNCTIONAL_MODULES as readonly string[]).includes(module)
  return {
    a: partyText(a),
    b: partyText(b),
    effect,
    modules: modules?.filter(isOfForm) ?? [],
    others: modules?.filter((module) => !isOfForm(module)).join(', ') ?? '',
    from: asTyped(valid_from),
    until: asTyped(valid_until),
    reason: '',
  }
}

/** What the API is asked for. */
export function newRule(typed: TypedRule): NonNullable<InputOf<typeof addAgreement>['body']> {
  const modules = [...typed.modules, ...typed.others.split(/[\s,;]+/).filter((module) => module !== '')]
  return {
    a: partyOf(typed.a),
    b: partyOf(typed.b),
    effect: typed.effect as 'allow' | 'deny',
    modules: modules.length === 0 ? null : modules,
    valid_from: momentOf(typed.from) ?? null,
    valid_until: momentOf(typed.until) ?? null,
    reason: typed.reason.trim() || undefined,
  }
}

export function ruleForm(of: {
  readonly typed: TypedRule
  readonly action: string
  readonly verb: string
  readonly cancel: string
  readonly problem?: Problem | undefined
  readonly note?: Html | ''
}): Html {
  const { typed, problem } = of
  const party = (name: 'a' | 'b', label: string) =>
    textField({
      name,
      label,
      value: typed[name],
      placeholder: 'NL-ABC',
      maxLength: 6,
      isMono: true,
      isRequired: true,
      fault: faultOf(problem, `#/${name}`),
    })
  const modulesFault = faultOf(problem, '#/modules')
  return html`<section class="card"><form class="pad form" method="post" action="${of.action}">
${problemNote(problem)}${of.note ?? ''}
<div class="pair">${party('a', 'One party')}${party('b', 'The other')}</div>
${choice({
  name: 'effect',
  label: 'They',
  value: typed.effect,
  options: [
    ['allow', 'may talk'],
    ['deny', 'may not talk'],
  ],
  fault: faultOf(problem, '#/effect'),
})}
<fieldset class="field"><legend>Of which modules</legend><p class="hint">None ticked: of all of them.</p>
<div class="checks">${FUNCTIONAL_MODULES.map((module) => checkBox({ name: 'modules', label: module, value: module, isChecked: typed.modules.includes(module) }))}</div></fieldset>
${textField({ name: 'others', label: 'Custom modules', value: typed.others, hint: 'As their platforms announce them, with commas between.', maxLength: 2000, isMono: true, fault: modulesFault })}
<div class="pair">${momentField({ name: 'from', label: 'From', value: typed.from, hint: 'Empty: at once.', fault: faultOf(problem, '#/valid_from') })}
${momentField({ name: 'until', label: 'Until', value: typed.until, hint: 'Empty: until it is ended.', fault: faultOf(problem, '#/valid_until') })}</div>
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: typed.reason, maxLength: 500, fault: faultOf(problem, '#/reason') })}
<div class="acts"><button class="btn main">${of.verb}</button><a class="btn" href="${of.cancel}">Cancel</a></div>
</form></section>`
}
