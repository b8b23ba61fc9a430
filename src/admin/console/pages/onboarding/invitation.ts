import type { Context, Hono } from 'hono'
import { soleSideOf } from '../../../../hub/network/sole-side.ts'
import { otherSide, type Side } from '../../../../ocpi/sides.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import type { createRegistration } from '../../../api/platforms/registration.ts'
import { mayAsk, showPage } from '../../answer.ts'
import type { AnswerOf, Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { copyText, mailAddress } from '../../parts/copy.ts'
import { checkBox, problemNote } from '../../parts/field.ts'
import { card, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import type { HubName } from '../../parts/hub-name.ts'
import { day } from '../../parts/time.ts'
import type { Platform } from '../../views.ts'
import { makeLink } from '../platforms/partner-links.ts'
import { partiesInWords } from './parties.ts'

/** What opens the handshake, with the token while that is shown. */
type Registration = NonNullable<Platform['registration']> & {
  readonly token?: string
  /** To the platform's own page; as secret as the token, and shown with it. */
  readonly link?: string | undefined
}

/** What to send the partner, and a new token for it. */
export function addInvitationPages(app: Hono<ConsoleEnv>): void {
  app.get('/admin/onboarding/:id/invitation', async (c) => {
    const platform = await c
      .get('api')
      .get<typeof getPlatform>('/platforms/{id}', { params: { id: c.req.param('id') } })
    const { registration } = platform
    if (registration === null) return showPage(c, pageOf(platform), noToken(platform, mayMake(c)))
    return showPage(
      c,
      pageOf(platform),
      html`${heading(platform, 'The text without the token, which was shown once.')}${invitation(c.get('hub'), platform, registration)}`,
    )
  })

  app.get('/admin/onboarding/:id/token', onlyWhoMay('POST /platforms/{id}/registration'), async (c) => {
    const platform = await c
      .get('api')
      .get<typeof getPlatform>('/platforms/{id}', { params: { id: c.req.param('id') } })
    return showPage(c, pageOf(platform), newToken(platform))
  })

  // Answered with the page itself: what is shown once can be sent on to no other address.
  app.post('/admin/onboarding/:id/token', async (c) => {
    const api = c.get('api')
    const params = { id: c.req.param('id') }
    const form = await readForm(c)
    const platform = await api.get<typeof getPlatform>('/platforms/{id}', { params })
    const sent = await api.send<typeof createRegistration>('post', '/platforms/{id}/registration', {
      params,
      body: { reason: form.maybe('reason') },
    })
    if (sent.kind === 'done') return showInvitation(c, platform, sent.body, form.isChecked('follow'))
    const { problem } = sent
    const page = newToken(platform, problem, form.text('reason'))
    return showPage(c, { ...pageOf(platform), status: problem.status as 409 }, page)
  })
}

/** Whether the invitation has a link by which they follow it. */
export function followBox(isChecked = true): Html {
  const label = 'With a link by which they follow it themselves, for 30 days'
  return checkBox({ name: 'follow', label, isChecked })
}

/**
 * The page that has a registration token on it, this once.
 *
 * @param isFollowed it has a link to their own page, too
 */
export async function showInvitation(
  c: Context<ConsoleEnv>,
  platform: Platform,
  made: AnswerOf<typeof createRegistration>,
  isFollowed: boolean,
) {
  const sent = isFollowed ? await makeLink(c, platform.id, {}) : null
  const registration = { ...made, link: sent?.kind === 'done' ? sent.body.link : undefined }
  const sub = `This is shown once. Send it over a channel you trust; the token opens the handshake and nothing else until ${day(registration.expires_at)}.`
  return showPage(
    c,
    pageOf(platform),
    html`<div hidden data-here="${pathOf(platform)}"></div>${heading(platform, sub)}${sent?.kind === 'problem' ? problemNote({ ...sent.problem, title: 'It has no link by which they follow it' }) : ''}${invitation(c.get('hub'), platform, registration)}`,
  )
}

/** The text that a partner needs. Without the token it says that this comes by another way. */
export function invitationText(hub: HubName, { parties }: Pick<Platform, 'parties'>, of: Registration): string {
  const roles = parties.length === 0 ? 'your roles' : `your roles ${partiesInWords(parties)}`
  const token = of.token ?? 'comes by another way'
  return `Hello,

your connection to ${hub.name} (${hub.party}) is ready.

Versions: ${of.versions_url}
Token (use once, before ${day(of.expires_at)}): ${token}

1. GET the versions URL with \`Authorization: Token <Base64 of the token>\`.
2. GET the URL of the best version there that you speak.
3. POST your credentials (your token for us, your versions URL, ${roles}) to the credentials endpoint.

${with211(of.versions_url, parties)}

We call your versions URL while you wait for the answer: it must be https, public, with a valid certificate. The answer holds the token you use from then on. Send \`OCPI-from-*\` and \`OCPI-to-*\` with every request afterwards.${
    of.link === undefined
      ? ''
      : `

Follow it live: ${of.link}`
  }`
}

/** Where OCPI 2.1.1 begins, whose URLs are of a side; of both where it is not known which a partner stands on. */
function with211(versionsUrl: string, parties: Platform['parties']): string {
  const at = (side: Side) => versionsUrl.replace(/versions$/, `${otherSide(side)}/versions`)
  const side = soleSideOf(parties)
  const where = side === null ? `${at('cpo')} as CPO, at ${at('emsp')} as eMSP` : at(side)
  return `If OCPI 2.1.1 is all you speak, begin at ${where}, and write the token as it is: \`Authorization: Token <the token>\`. That version has no \`OCPI-from-*\` and \`OCPI-to-*\`, and no roles.`
}

function invitation(hub: HubName, platform: Platform, registration: Registration): Html {
  const { token: _, link: __, ...withoutToken } = registration
  const subject = `Your connection to ${hub.name}`
  const mail = mailAddress(subject, invitationText(hub, platform, withoutToken))
  const shown = registration.token !== undefined
  const beside = html`<a class="btn" href="${mail}">Open in mail, without the token</a>${shown ? html`<a class="btn" href="${pathOf(platform)}">I have sent it</a>` : ''}`
  const print =
    registration.fingerprint === null
      ? ''
      : html`<p class="dim">Fingerprint of the token: <span class="mono">${registration.fingerprint}</span>. A call that fails is shown with that of the token it brought: compare them by telephone.</p>`
  return card(
    shown ? 'The invitation' : 'The invitation, without its token',
    html`<div class="pad">${copyText('invitation', 'The invitation', invitationText(hub, platform, registration), beside)}${print}</div>`,
  )
}

function newToken(platform: Platform, problem?: Problem, reason = ''): Html {
  const isLive = platform.status === 'CONNECTED' || platform.status === 'OFFLINE'
  return confirmPage({
    title: 'Make a new token',
    above: [platform.name, pathOf(platform)],
    consequences: [
      'The registration token before it dies at once.',
      isLive
        ? 'The connection stays as it is, until the partner posts its credentials with the new one.'
        : 'The partner is not told: you send it the new one.',
      'It is shown once, and lasts 30 days.',
    ],
    fields: followBox(),
    action: `${pathOf(platform)}/token`,
    verb: 'Make a new token',
    reason,
    problem,
  })
}

function noToken(platform: Platform, mayMakeOne: boolean): Html {
  const link = mayMakeOne
    ? html`<div class="acts"><a class="btn main" href="${pathOf(platform)}/token">Make a new token</a></div>`
    : ''
  return html`${heading(platform, 'No registration token is open: it was used, or it ended.')}${link}`
}

function heading(platform: Platform, sub: string): Html {
  return head({ title: `Invite ${platform.name}`, above: [platform.name, pathOf(platform)], sub })
}

function pageOf({ name }: Platform) {
  return { title: `Invite ${name}`, section: 'onboarding' } as const
}

function pathOf({ id }: Platform): string {
  return `/admin/onboarding/${id}`
}

function mayMake(c: Context<ConsoleEnv>): boolean {
  return mayAsk(c, 'POST /platforms/{id}/registration')
}
