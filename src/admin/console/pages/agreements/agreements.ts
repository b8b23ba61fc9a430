import type { Context, Hono } from 'hono'
import type { matrix } from '../../../api/agreements/pairs.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { AnswerOf } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { addImportPages } from './import.ts'
import { matrixCard } from './matrix.ts'
import { addPairPage } from './pair.ts'
import { addRulePages } from './rule-pages.ts'
import { rulesCard } from './rules.ts'

type Policy = AnswerOf<typeof matrix>['policy']

/** Who may talk with whom? */
export function addAgreementPages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/agreements', async (c) => {
    const isOfRules = c.req.query('view') === 'rules'
    const [policy, shown] = isOfRules
      ? await Promise.all([policyOf(c), rulesCard(c)])
      : await matrixCard(c).then((card) => [card.policy ?? policyOf(c), card] as const)
    const kind = await policy
    return showPage(
      c,
      { title: 'Agreements', section: 'agreements', status: shown.status, done: DONE },
      html`${head({ title: 'Agreements', sub: inWords(kind), acts: [views(isOfRules), acts(c, kind)] })}
${shown.card}`,
    )
  })

  app.get('/admin/agreements/export', async (c) => {
    const file = await c.get('api').ask('GET', '/agreements/export')
    return new Response(file.body, { status: file.status, headers: file.headers })
  })

  addImportPages(app)
  addRulePages(app)
  addPairPage(app)
}

const DONE = { imported: 'The rules of the file are added.' }

async function policyOf(c: Context<ConsoleEnv>): Promise<Policy> {
  return (await c.get('api').get<typeof matrix>('/agreements/matrix', { query: { limit: 1 } })).policy
}

function inWords(policy: Policy): Html {
  return policy === 'open'
    ? html`Under the policy <b>open</b> all may talk unless a rule denies it.`
    : html`Under the policy <b>agreements</b> nothing passes unless a rule allows it.`
}

function views(isOfRules: boolean): Html {
  const link = (text: string, view: string | null, isCurrent: boolean) =>
    html`<a href="${address('/admin/agreements', { view })}"${isCurrent ? html` aria-current="true"` : ''}>${text}</a>`
  return html`<div class="seg" role="group" aria-label="View">${link('Matrix', null, !isOfRules)}${link('Rules', 'rules', isOfRules)}</div>`
}

function acts(c: Context<ConsoleEnv>, policy: Policy): Html {
  const effect = policy === 'open' ? 'deny' : 'allow'
  return html`<a class="btn" href="/admin/agreements/export" download>Export</a>${
    mayAsk(c, 'POST /agreements/import') ? html`<a class="btn" href="/admin/agreements/import">Import…</a>` : ''
  }${
    mayAsk(c, 'POST /agreements')
      ? html`<a class="btn main" href="${address('/admin/agreements/new', { effect })}">${effect === 'deny' ? 'Deny two parties' : 'Allow two parties'}</a>`
      : ''
  }`
}
