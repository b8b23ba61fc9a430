import { capital } from '../../parts/capital.ts'
import { checkAddress } from '../../parts/check.ts'
import { act, head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill, status } from '../../parts/status.ts'
import { ago } from '../../parts/time.ts'
import type { Platform } from '../../views.ts'
import { ACTIONS, type Action } from './actions.ts'

type May = (route: string) => boolean

/** Its name and status with the cause, and what can be done: the likeliest first, the rest under *More*. */
export function platformHead(platform: Platform, may: May): Html {
  const { id, name, status: now, status_cause, status_since, last_seen_at, version } = platform
  const sub = html`${capital(status_cause)} · ${ago(status_since)} · last heard ${ago(last_seen_at)} · OCPI ${version ?? 'not agreed yet'}`
  if (platform.is_sandbox)
    return head({
      title: html`${name} ${pill('info', 'sandbox')}`,
      above: ['Sandbox partners', '/admin/sandbox'],
      sub: 'The hub plays it itself. Only platforms that try the hub with it see it.',
    })
  return head({
    title: html`${name} ${status(now)}`,
    above: ['Platforms', '/admin/platforms'],
    sub,
    acts: [primary(platform, may), ...usual(platform, may), more(id, rest(platform), may)],
  })
}

function primary(platform: Platform, may: May): Html | '' {
  const { id, status: now } = platform
  if (now === 'SUSPENDED') return link(id, 'resume', may, 'main')
  if (waitsForRelease(platform)) return link(id, 'release', may, 'main')
  if (now === 'PLANNED') return html`<a class="btn main" href="/admin/onboarding/${id}">Continue onboarding</a>`
  return may('POST /platforms/{id}/checks') ? act(checkAddress(id), 'Run connection check', { is: 'main' }) : ''
}

function usual({ id, status: now }: Platform, may: May): (Html | '')[] {
  if (now !== 'CONNECTED' && now !== 'OFFLINE') return []
  const alive = may('POST /platforms/{id}/check') ? act(`/admin/platforms/${id}/check`, 'Is it alive?') : ''
  return [alive, link(id, 'rotate', may), link(id, 'suspend', may, 'risk')]
}

/** What is done seldom. */
function rest(platform: Platform): Action[] {
  const { status: now } = platform
  const isShown: Readonly<Record<string, boolean>> = {
    'end-older-tokens': platform.has_older_token,
    release: (platform.hold || platform.awaits_check) && !waitsForRelease(platform),
    suspend: now === 'PLANNED',
    disconnect: platform.has_credentials,
    remove: true,
  }
  return ACTIONS.filter(({ key }) => isShown[key] ?? false)
}

function more(id: string, actions: readonly Action[], may: May): Html | '' {
  const shown = actions.filter(({ route }) => may(route))
  if (!may('PATCH /platforms/{id}')) return ''
  return html`<details class="menu"><summary class="btn">More</summary><ul>
<li><a href="/admin/platforms/${id}/settings">Settings…</a></li>
<li><a href="/admin/platforms/${id}/conversion">Conversion…</a></li>
<li><a href="${checkAddress(id)}">Connection checks</a></li>
<li><a href="/admin/onboarding/${id}/token">New invitation token…</a></li>
${shown.map(({ key, verb, isRisky }) => html`<li><a${isRisky ? html` class="bad"` : ''} href="/admin/platforms/${id}/${key}">${verb}…</a></li>`)}
</ul></details>`
}

function link(id: string, key: 'resume' | 'release' | 'rotate' | 'suspend', may: May, is = ''): Html | '' {
  const verbs = { resume: 'Resume', release: 'Release', rotate: 'Rotate tokens', suspend: 'Suspend' }
  if (!may(`POST /platforms/{id}/${key}`)) return ''
  return html`<a class="btn ${is}" href="/admin/platforms/${id}/${key}">${verbs[key]}…</a>`
}

/** Its handshake is done, and only an administrator keeps it from going live. */
function waitsForRelease({ status: now, hold, has_credentials }: Platform): boolean {
  return now === 'PLANNED' && hold && has_credentials
}
