import { many } from '../../../parts/figures.ts'
import { card } from '../../../parts/head.ts'
import { type Html, html } from '../../../parts/html.ts'
import { pill } from '../../../parts/status.ts'
import { age, clock } from '../../../parts/time.ts'
import type { Platform } from '../../../views.ts'

/** How the two speak: tokens and how they are written, what is tolerated, pace. */
export function connectionCard(platform: Platform, may: (route: string) => boolean): Html {
  const { id, delivery } = platform
  const change = may('PATCH /platforms/{id}')
    ? html`<a class="more" href="/admin/platforms/${id}/settings">Change →</a>`
    : ''
  return card(
    'Connection',
    html`<div class="pad"><dl class="facts">
<dt>Tokens</dt><dd>${tokens(platform, may)}</dd>
<dt>Invitation</dt><dd>${invitation(platform)}</dd>
<dt>Our token</dt><dd>sent ${platform.token_encoding === 'base64' ? 'in Base64' : 'raw, not in Base64'}</dd>
<dt>Its token</dt><dd>taken ${platform.strict_authorization ? `${platform.version === '2.1.1' ? 'raw' : 'in Base64'} only` : 'in Base64 or raw'}</dd>
<dt>Deviations</dt><dd>${platform.strict ? 'refused: it is held to the specification' : 'taken where they can mean one thing only'}</dd>
<dt>Certificate</dt><dd>${certificate(platform)}</dd>
<dt>Pace</dt><dd>${many(delivery.requests_per_second)} a second, ${delivery.concurrency} at once</dd>
<dt>Retries</dt><dd>for ${age(delivery.max_age_seconds)}, then missed</dd>
<dt>When offline</dt><dd>${delivery.after_offline === 'none' ? 'drop, and list as missed' : 'keep for its return'}</dd>
<dt>Broadcasts</dt><dd>${delivery.broadcast_to === 'platform' ? 'once for all its parties' : 'once for each party'}</dd>
<dt>GET All</dt><dd>${platform.left_out_of_get_all ? pill('warn', 'left out') : 'takes part'}</dd>
${
  platform.sandbox_partners.length === 0
    ? ''
    : html`<dt>Sandbox</dt><dd><a href="/admin/onboarding/${id}">tries the hub</a></dd>
`
}<dt>Roles</dt><dd>${many(platform.parties.length)} of at most ${many(platform.most_roles)}</dd>
<dt>Added</dt><dd>${clock(platform.created_at, 'day')}</dd>
</dl></div>`,
    change,
  )
}

function tokens(
  { id, version, has_credentials, has_older_token }: Platform,
  may: (route: string) => boolean,
): Html | string {
  if (!has_credentials) return version === null ? 'none yet' : 'none any more'
  if (!has_older_token) return 'exchanged'
  const end = may('POST /platforms/{id}/older-tokens/end')
    ? html` <a href="/admin/platforms/${id}/end-older-tokens">End it…</a>`
    : ''
  return html`exchanged; ${pill('warn', 'an older one still opens the hub')}${end}`
}

function invitation({ registration }: Platform): Html | string {
  if (registration === null) return 'none open'
  const { expires_at, fingerprint } = registration
  return html`open until ${clock(expires_at, 'day')}${fingerprint === null ? '' : html`, fingerprint <span class="mono">${fingerprint}</span>`}`
}

function certificate({ certificate_ends_at: endsAt }: Platform): Html | string {
  return endsAt === null ? 'not read' : html`ends ${clock(endsAt, 'day')}`
}
