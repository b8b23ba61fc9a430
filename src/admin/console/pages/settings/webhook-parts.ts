import type { Context } from 'hono'
import { MOST_URL_LENGTH, WEBHOOK_KINDS, type WebhookKind } from '../../../../hub/webhooks/webhook.ts'
import type { listPlatforms } from '../../../api/platforms/platform-list.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import type { Form } from '../../form.ts'
import { checkBox, faultOf, textField } from '../../parts/field.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import type { Webhook } from '../../views.ts'

// What the pages of webhooks share.

export const WEBHOOKS = '/admin/settings/notifications'

/** What a webhook may be told of, in the order of its form. */
const IN_WORDS: Readonly<Record<WebhookKind, string>> = {
  'platform.status': 'A platform’s status changes',
  'handshake.failed': 'A handshake fails',
  'queue.paused': 'A queue is paused',
  'queue.lags': 'A queue lags behind',
  'objects.missed': 'A platform missed objects',
  'token.expires-soon': 'A registration token ends soon',
  'certificate.expires-soon': 'A partner’s certificate ends soon',
  alarm: 'An alarm',
  'queue.resumed': 'A queue goes on',
  'check.ended': 'A connection check ends',
  'check.started': 'A connection check begins',
  'check.probe': 'Each finding of a connection check',
  'handshake.ended': 'A handshake ends, good or bad',
  'handshake.call': 'Each call of a handshake',
  'handshake.unknown-token': 'A call with a token that nobody has: strangers bring these about',
  'platform.seen': 'A platform is heard of: at most once a minute, of each',
}

/** Platforms among which the one that is meant is looked for. */
const MOST_FOUND = 100

type Typed = {
  readonly name: string
  readonly url: string
  readonly platform: string
  readonly kinds: readonly string[]
}

export function webhookFields({ name, url, platform, kinds }: Typed, problem: Problem | undefined): Html {
  const fault = (place: string) => faultOf(problem, place)
  return html`${textField({ name: 'name', label: 'Name', value: name, placeholder: 'on call', maxLength: 100, isRequired: true, fault: fault('#/name') })}
${textField({ name: 'url', label: 'Address', type: 'url', value: url, placeholder: 'https://alerts.example/ocpi-hub', maxLength: MOST_URL_LENGTH, isRequired: true, isMono: true, fault: fault('#/url') })}
<fieldset class="field"><legend>Told when</legend>${Object.entries(IN_WORDS).map(([kind, label]) => checkBox({ name: 'kinds', value: kind, label, isChecked: kinds.includes(kind) }))}${fault('#/kinds') === undefined ? '' : html`<p class="fault">${fault('#/kinds')}</p>`}</fieldset>
${textField({ name: 'platform', label: 'Only of this platform', value: platform, hint: 'Its name, a party or its ID; left empty: of all, and of what is about none.', maxLength: 100, fault: fault('#/platform_id') })}`
}

type Wish = {
  readonly name: string
  readonly url: string
  readonly kinds: WebhookKind[]
  readonly platform_id: string | null
}

/** What a form asks for, with the platform that it names. */
export async function wishIn(
  c: Context<ConsoleEnv>,
  form: Form,
): Promise<{ readonly kind: 'wish'; readonly body: Wish } | { readonly kind: 'problem'; readonly problem: Problem }> {
  const platform = await platformNamed(c, form.maybe('platform'))
  if ('fault' in platform) {
    const about = { type: 'about:blank', title: 'Which platform?', status: 400, instance: '' } as const
    const errors = [{ pointer: '#/platform_id', detail: platform.fault }]
    return { kind: 'problem', problem: { ...about, detail: platform.fault, errors } }
  }
  const kinds = WEBHOOK_KINDS.filter((kind) => form.all('kinds').includes(kind))
  return { kind: 'wish', body: { name: form.text('name'), url: form.text('url'), kinds, platform_id: platform.id } }
}

/** The one platform that a text names; null where there is no text. */
async function platformNamed(
  c: Context<ConsoleEnv>,
  text: string | undefined,
): Promise<{ readonly id: string | null } | { readonly fault: string }> {
  if (text === undefined) return { id: null }
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return { id: text.toLowerCase() }
  const { rows } = await c
    .get('api')
    .list<typeof listPlatforms>('/platforms', { query: { q: text, limit: MOST_FOUND } })
  const called = rows.filter(({ name }) => name.toLowerCase() === text.toLowerCase())
  const [only, ...others] = called.length > 0 ? called : rows
  if (!only) return { fault: 'No platform is called so' }
  return others.length > 0 ? { fault: 'Several are called so: give its ID' } : { id: only.id }
}

/** Whether it is told, and whether that works. */
export function standingOf({ off_because, failing_since }: Webhook): Html {
  if (off_because === 'administrator') return pill('off', 'off')
  if (off_because === 'failing') return pill('bad', 'off: failed for days')
  if (off_because === 'gone') return pill('bad', 'off: it is gone')
  return failing_since === null ? pill('good', 'on') : pill('warn', 'failing')
}
