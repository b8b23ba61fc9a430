import type { Context, Hono } from 'hono'
import type { addPartnerLink, listPartnerLinks, revokePartnerLink } from '../../../api/partner-links/partner-links.ts'
import { mayAsk, seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { type Form, readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { copyText } from '../../parts/copy.ts'
import { faultOf, problemNote, textField } from '../../parts/field.ts'
import { card, emptyState, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { momentField, momentOf } from '../../parts/moment.ts'
import { pill } from '../../parts/status.ts'
import { type Column, table } from '../../parts/table.ts'
import { ago, clock } from '../../parts/time.ts'
import type { PartnerLink, Platform } from '../../views.ts'
import { optionsOf, platformOf } from './action-pages.ts'
import { isOpen } from './cards/partner-page.ts'

const PATH = '/admin/platforms/:id{[0-9a-f-]{36}}/partner-links'
const MAKE = 'POST /platforms/{id}/partner-links'
const REVOKE = 'DELETE /platforms/{id}/partner-links/{link_id}'

/** Who of the partner's people can follow the connection? */
export function addPartnerLinkPages(app: Hono<ConsoleEnv>): void {
  app.get(PATH, async (c) => showLinks(c, await platformOf(c)))

  // Answered with the page itself: what is shown once can be sent on to no other address.
  app.post(PATH, onlyWhoMay(MAKE), async (c) => {
    const form = await readForm(c)
    const platform = await platformOf(c)
    const sent = await makeLink(c, platform.id, {
      expires_at: momentOf(form.maybe('expires_at')),
      reason: form.maybe('reason'),
    })
    if (sent.kind === 'problem') return showLinks(c, platform, form, sent.problem)
    const title = `A link for ${platform.name}`
    const { link, expires_at } = sent.body
    return showPage(
      c,
      optionsOf(title, undefined),
      html`<div hidden data-here="${pathOf(platform)}"></div>${head({ title, above: ['Links', pathOf(platform)], sub: html`This is shown once. Send it over a channel you trust: whoever has it sees this platform’s side until ${clock(expires_at, 'day')}, and nothing else.` })}
${card('The link', html`<div class="pad">${copyText('link', 'The link', link, html`<a class="btn" href="${pathOf(platform)}">I have sent it</a>`)}</div>`)}`,
    )
  })

  app.get(`${PATH}/:link/revoke`, onlyWhoMay(REVOKE), async (c) =>
    askRevoke(c, await platformOf(c), c.req.param('link')),
  )

  app.post(`${PATH}/:link/revoke`, async (c) => {
    const form = await readForm(c)
    const params = { id: c.req.param('id') ?? '', link_id: c.req.param('link') }
    const input = { params, body: { reason: form.maybe('reason') } }
    const sent = await c
      .get('api')
      .send<typeof revokePartnerLink>('delete', '/platforms/{id}/partner-links/{link_id}', input)
    if (sent.kind === 'done') return seeOther(c, `/admin/platforms/${params.id}/partner-links`, 'revoked')
    return askRevoke(c, await platformOf(c), params.link_id, sent.problem, form.text('reason'))
  })
}

/** Has the API make a link. */
export function makeLink(
  c: Context<ConsoleEnv>,
  id: string,
  body: { readonly expires_at?: string | undefined; readonly reason?: string | undefined },
) {
  return c.get('api').send<typeof addPartnerLink>('post', '/platforms/{id}/partner-links', { params: { id }, body })
}

async function showLinks(c: Context<ConsoleEnv>, platform: Platform, typed?: Form, problem?: Problem) {
  const params = { id: platform.id }
  const links = await c.get('api').get<typeof listPartnerLinks>('/platforms/{id}/partner-links', { params })
  const title = `Their own page: ${platform.name}`
  const none = emptyState(
    'No link was made',
    'With one, the people of this platform see its status, its messages and what it missed.',
  )
  const columns = mayAsk(c, REVOKE) ? [...COLUMNS, revoking(platform)] : COLUMNS
  return showPage(
    c,
    {
      ...optionsOf(title, problem),
      done: { revoked: 'Revoked. It opens nothing any more, and who was in by it is out.' },
    },
    html`${head({ title, above: [platform.name, `/admin/platforms/${platform.id}`], sub: 'By a link, people of the partner see what the hub knows of their platform, and nothing of others. They change nothing.' })}
${card('Links', table('Links', columns, links, none))}
${mayAsk(c, MAKE) ? card('Make a link', makingForm(platform, typed, problem)) : ''}`,
  )
}

const COLUMNS: readonly Column<PartnerLink>[] = [
  {
    head: 'Made',
    cell: ({ made_at, made_by }) => html`${clock(made_at, 'day')} <span class="dim">by ${made_by}</span>`,
  },
  { head: 'Opens', cell: standing },
  { head: 'Last looked at', cell: ({ last_used_at }) => ago(last_used_at), is: 'hide-s' },
  { head: 'Browsers', cell: ({ sessions }) => sessions, is: 'num hide-s' },
]

function standing(link: PartnerLink): Html {
  const { revoked_at, expires_at } = link
  if (revoked_at !== null) return html`${pill('off', 'revoked')} ${clock(revoked_at, 'day')}`
  return isOpen(link)
    ? html`${pill('good', 'open')} until ${clock(expires_at, 'day')}`
    : html`${pill('off', 'ended')} ${clock(expires_at, 'day')}`
}

function revoking(platform: Platform): Column<PartnerLink> {
  return {
    head: { hidden: 'What can be done' },
    cell: (link) => (isOpen(link) ? html`<a href="${pathOf(platform)}/${link.id}/revoke">Revoke…</a>` : ''),
  }
}

function makingForm(platform: Platform, typed: Form | undefined, problem: Problem | undefined): Html {
  return html`<form class="form pad" method="post" action="${pathOf(platform)}">
${problemNote(problem)}
${momentField({ name: 'expires_at', label: 'Until', value: typed?.text('expires_at') ?? '', hint: 'Left empty: for 30 days. At most 90.', fault: faultOf(problem, '#/expires_at') })}
${textField({ name: 'reason', label: 'Reason', hint: 'Kept in the audit trail.', value: typed?.text('reason') ?? '', maxLength: 500 })}
<div class="acts"><button class="btn main">Make a link</button></div>
</form>`
}

function askRevoke(c: Context<ConsoleEnv>, platform: Platform, link: string, problem?: Problem, reason = '') {
  const title = `Revoke a link of ${platform.name}`
  return showPage(
    c,
    optionsOf(title, problem),
    confirmPage({
      title,
      above: ['Links', pathOf(platform)],
      consequences: [
        'It opens nothing any more, and browsers that it let in are shut out at once.',
        'Nobody is told. The connection of the platform stays as it is.',
      ],
      action: `${pathOf(platform)}/${encodeURIComponent(link)}/revoke`,
      verb: 'Revoke',
      isRisky: true,
      reason,
      problem,
    }),
  )
}

function pathOf({ id }: Platform): string {
  return `/admin/platforms/${id}/partner-links`
}
