import type { Context, Hono } from 'hono'
import type { addAgreement, endAgreement, getAgreement } from '../../../api/agreements/agreements.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { head } from '../../parts/head.ts'
import { html } from '../../parts/html.ts'
import { pairAddress, partyText } from '../../parts/party.ts'
import type { Agreement } from '../../views.ts'
import { newRule, ruleForm, type TypedRule, typedAs, typedRule } from './rule-form.ts'

const ABOVE = ['Agreements', '/admin/agreements'] as const
const REPLACES = html`<p class="note">The rule as it was is ended, and this one takes its place as the latest of the two parties: of rules that speak of a module the latest decides.</p>`

/** Making, changing and ending a rule. */
export function addRulePages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/agreements/new', onlyWhoMay('POST /agreements'), (c) => {
    const { a = '', b = '', effect = 'allow' } = c.req.query()
    const none = { others: '', from: '', until: '', reason: '' }
    return showNew(c, { a, b, effect, modules: c.req.queries('modules') ?? [], ...none })
  })

  app.post('/admin/agreements/new', async (c) => {
    const typed = typedRule(await readForm(c))
    const sent = await c.get('api').send<typeof addAgreement>('post', '/agreements', { body: newRule(typed) })
    if (sent.kind === 'problem') return showNew(c, typed, sent.problem)
    return seeOther(c, pairOf(sent.body), sent.body.effect === 'allow' ? 'allowed' : 'denied')
  })

  app.get('/admin/agreements/rules/:id/change', onlyWhoMay('POST /agreements'), async (c) => {
    const rule = await ruleOf(c)
    return showChange(c, rule, typedAs(rule))
  })

  app.post('/admin/agreements/rules/:id/change', async (c) => {
    const typed = typedRule(await readForm(c))
    const rule = await ruleOf(c)
    const api = c.get('api')
    // The new one first: at no moment does neither of them hold.
    const sent = await api.send<typeof addAgreement>('post', '/agreements', { body: newRule(typed) })
    if (sent.kind === 'problem') return showChange(c, rule, typed, sent.problem)
    const body = { reason: typed.reason.trim() || undefined }
    const ended = await api.send<typeof endAgreement>('delete', '/agreements/{id}', { params: { id: rule.id }, body })
    return seeOther(c, pairOf(sent.body), ended.kind === 'done' ? 'changed' : 'both')
  })

  app.get('/admin/agreements/rules/:id/end', onlyWhoMay('DELETE /agreements/{id}'), async (c) =>
    showEnd(c, await ruleOf(c)),
  )

  app.post('/admin/agreements/rules/:id/end', async (c) => {
    const form = await readForm(c)
    const rule = await ruleOf(c)
    const body = { reason: form.maybe('reason') }
    const sent = await c
      .get('api')
      .send<typeof endAgreement>('delete', '/agreements/{id}', { params: { id: rule.id }, body })
    if (sent.kind === 'problem') return showEnd(c, rule, sent.problem, form.text('reason'))
    return seeOther(c, pairOf(rule), 'ended')
  })
}

function ruleOf(c: Context<ConsoleEnv>): Promise<Agreement> {
  return c.get('api').get<typeof getAgreement>('/agreements/{id}', { params: { id: c.req.param('id') ?? '' } })
}

function pairOf({ a, b }: Pick<Agreement, 'a' | 'b'>): string {
  return pairAddress(partyText(a), partyText(b))
}

function showNew(c: Context<ConsoleEnv>, typed: TypedRule, problem?: Problem) {
  const title = typed.effect === 'deny' ? 'Deny two parties' : 'Allow two parties'
  const action = '/admin/agreements/new'
  const form = ruleForm({ typed, action, verb: 'Add the rule', cancel: ABOVE[1], problem })
  return showPage(
    c,
    { title, section: 'agreements', status: (problem?.status ?? 200) as 200 },
    html`${head({ title, above: ABOVE })}${form}`,
  )
}

function showChange(c: Context<ConsoleEnv>, rule: Agreement, typed: TypedRule, problem?: Problem) {
  const title = `Change the rule of ${partyText(rule.a)} and ${partyText(rule.b)}`
  const action = `/admin/agreements/rules/${rule.id}/change`
  const form = ruleForm({ typed, action, verb: 'Change the rule', cancel: pairOf(rule), problem, note: REPLACES })
  return showPage(
    c,
    { title, section: 'agreements', status: (problem?.status ?? 200) as 200 },
    html`${head({ title, above: ABOVE })}${form}`,
  )
}

function showEnd(c: Context<ConsoleEnv>, rule: Agreement, problem?: Problem, reason = '') {
  const { a, b, effect, modules } = rule
  const who = `${partyText(a)} and ${partyText(b)}`
  const title = `End the rule of ${who}`
  const what = modules === null ? 'all modules' : modules.join(', ')
  const page = confirmPage({
    title,
    above: [who, pairOf(rule)],
    consequences: [
      `It ${effect === 'allow' ? 'allows' : 'denies'} ${who} ${what}. From now on an earlier rule of the two decides, or else the policy.`,
      'It counts at once, for messages, broadcasts and lists. Who sees another party no more is told by HubClientInfo.',
      'It stays in the record and is not put back: to undo it, add it anew.',
    ],
    action: `/admin/agreements/rules/${rule.id}/end`,
    verb: 'End the rule',
    reason,
    problem,
    isRisky: effect === 'allow',
  })
  return showPage(c, { title, section: 'agreements', status: (problem?.status ?? 200) as 200 }, page)
}
