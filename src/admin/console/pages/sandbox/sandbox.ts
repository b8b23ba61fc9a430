import type { Hono } from 'hono'
import { MISBEHAVIOURS, type Misbehaviour, MOST_SANDBOX_PARTNERS } from '../../../../hub/network/sandbox.ts'
import type { attachSandbox, changeSandbox, listSandbox, removeSandbox } from '../../../api/sandbox/sandbox.ts'
import { mayAsk, seeOther, showPage } from '../../answer.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { act, card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import { type Column, table } from '../../parts/table.ts'
import { nothingHere, showProblem } from '../../problems.ts'
import type { SandboxPartner } from '../../views.ts'

const SANDBOX = '/admin/sandbox'

const DONE = {
  attached: 'Attached. Nobody sees it before a platform is told to try the hub with it.',
  changed: 'It behaves so from now on.',
  removed: 'Removed, with all that it remembered.',
}

/** How a partner behaves, in words. */
const BEHAVIOURS: Readonly<Record<Misbehaviour, string>> = {
  none: 'behaves',
  slow: 'slow: 8 s for each answer',
  '429': 'too many requests (429)',
  '5xx': 'fails (502)',
  malformed: 'malformed: half of the JSON',
  'tiny-pages': 'tiny pages: one object each',
  'lost-answers': 'lost answers: done, never told',
}

/** Who simulates what, and for whom? */
export function addSandboxPages(app: Hono<ConsoleEnv>): void {
  app.get(SANDBOX, async (c) => {
    const partners = await c.get('api').get<typeof listSandbox>('/sandbox')
    const may = (route: string) => mayAsk(c, route)
    const attach = may('POST /sandbox') && partners.length < MOST_SANDBOX_PARTNERS
    const sub = 'Who plays what, and for whom? Only who tries the hub with one sees it.'
    return showPage(
      c,
      { title: 'Sandbox partners', section: 'onboarding', done: DONE },
      html`${head({ title: 'Sandbox partners', above: ['Onboarding', '/admin/onboarding'], sub, acts: attach ? ATTACH : '' })}
${card('Partners', table('Sandbox partners', columns(may), partners, NONE))}`,
    )
  })

  app.post(SANDBOX, async (c) => {
    const role = (await readForm(c)).text('role') as 'CPO' | 'EMSP'
    const sent = await c.get('api').send<typeof attachSandbox>('post', '/sandbox', { body: { role } })
    return sent.kind === 'problem' ? showProblem(c, sent.problem) : seeOther(c, SANDBOX, 'attached')
  })

  app.post(`${SANDBOX}/:id/behaviour`, async (c) => {
    const misbehaviour = (await readForm(c)).text('misbehaviour') as Misbehaviour
    const input = { params: { id: c.req.param('id') }, body: { misbehaviour } }
    const sent = await c.get('api').send<typeof changeSandbox>('patch', '/sandbox/{id}', input)
    return sent.kind === 'problem' ? showProblem(c, sent.problem) : seeOther(c, SANDBOX, 'changed')
  })

  app.get(`${SANDBOX}/:id/remove`, onlyWhoMay('DELETE /sandbox/{id}'), async (c) => {
    const partners = await c.get('api').get<typeof listSandbox>('/sandbox')
    const partner = partners.find(({ id }) => id === c.req.param('id'))
    return partner
      ? showPage(c, { title: `Remove ${partner.name}`, section: 'onboarding' }, confirm(partner))
      : nothingHere(c)
  })

  app.post(`${SANDBOX}/:id/remove`, async (c) => {
    const reason = (await readForm(c)).maybe('reason')
    const input = { params: { id: c.req.param('id') }, body: { reason } }
    const sent = await c.get('api').send<typeof removeSandbox>('delete', '/sandbox/{id}', input)
    return sent.kind === 'problem' ? showProblem(c, sent.problem) : seeOther(c, SANDBOX, 'removed')
  })
}

const ATTACH = html`${act(SANDBOX, 'Attach a sandbox CPO', { fields: { role: 'CPO' } })}${act(SANDBOX, 'Attach a sandbox eMSP', { fields: { role: 'EMSP' } })}`

const NONE = emptyState(
  'No sandbox partner yet.',
  'Attach a simulated CPO for newcomers that are eMSPs, an eMSP for CPOs; or let the page of a newcomer do it.',
)

function columns(may: (route: string) => boolean): readonly Column<SandboxPartner>[] {
  return [
    {
      head: 'Partner',
      cell: ({ id, name, party }) =>
        html`<a href="/admin/platforms/${id}"><b>${name}</b></a> <span class="mono dim">${party.country_code}-${party.party_id}</span>`,
    },
    {
      head: 'Seen by',
      cell: ({ tried_by }) =>
        tried_by.length === 0
          ? html`<span class="dim">nobody</span>`
          : html`${tried_by.map(({ platform_id, platform_name }, i) => html`${i === 0 ? '' : ', '}<a href="/admin/onboarding/${platform_id}">${platform_name}</a>`)}`,
      is: 'wide',
    },
    {
      head: 'Behaviour',
      cell: (partner) => (may('PATCH /sandbox/{id}') ? behaviourForm(partner) : behaviour(partner)),
    },
    {
      head: { hidden: 'What can be done' },
      cell: ({ id }) => (may('DELETE /sandbox/{id}') ? html`<a href="${SANDBOX}/${id}/remove">Remove…</a>` : ''),
      is: 'num',
    },
  ]
}

function behaviour({ misbehaviour }: SandboxPartner): Html {
  return misbehaviour === 'none' ? pill('good', BEHAVIOURS.none) : pill('warn', BEHAVIOURS[misbehaviour])
}

function behaviourForm(partner: SandboxPartner): Html {
  const { id, name, misbehaviour } = partner
  return html`<form class="behaviour" method="post" action="${SANDBOX}/${id}/behaviour"><label class="vh" for="b-${id}">Behaviour of ${name}</label><select id="b-${id}" name="misbehaviour">${MISBEHAVIOURS.map((own) => html`<option value="${own}"${own === misbehaviour ? html` selected` : ''}>${BEHAVIOURS[own]}</option>`)}</select> <button class="btn">Set</button></form>`
}

function confirm({ id, name, tried_by }: SandboxPartner): Html {
  const names = tried_by.map(({ platform_name }) => platform_name).join(', ')
  return confirmPage({
    title: `Remove ${name}`,
    above: ['Sandbox partners', SANDBOX],
    consequences: [
      'It goes with all that it remembers: sessions, CDRs, and whatever it was sent. Its exchanges stay in the message log.',
      names === ''
        ? 'Nobody tries the hub with it.'
        : `${names} cannot reach it any more. Nobody else ever knew of it.`,
      'It does not come back; you can attach another.',
    ],
    action: `${SANDBOX}/${id}/remove`,
    verb: 'Remove it',
    isRisky: true,
  })
}
