import type { getOverview } from '../../../api/overview/overview.ts'
import type { AnswerOf } from '../../api.ts'
import { share } from '../../parts/chart/share.ts'
import { counted, many } from '../../parts/figures.ts'
import { card, emptyState } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { mark, toneOf } from '../../parts/status.ts'
import type { StatusName } from '../../views.ts'

type Counts = AnswerOf<typeof getOverview>

const STATES = ['CONNECTED', 'OFFLINE', 'PLANNED', 'SUSPENDED'] as const satisfies readonly StatusName[]

const NONE = html`Add one, and send its partner the invitation; or attach <a href="/admin/sandbox">sandbox partners</a>, and try the hub by yourself.`

/** Platforms by status. */
export function platformsCard(
  { platforms, versions, newcomers, pending_roles: roles }: Counts,
  waiting: string | null,
  add: Html | '',
): Html {
  if (platforms.total === 0) return card('Platforms', emptyState('No platform yet', NONE, add))
  const of = { CONNECTED: 'connected', OFFLINE: 'offline', PLANNED: 'planned', SUSPENDED: 'suspended' } as const
  const counts = STATES.map((status) => [status, platforms[of[status]]] as const)
  const label = counts.map(([status, n]) => `${many(n)} ${of[status]}`).join(', ')
  return card(
    'Platforms',
    html`<div class="pad">${share(
      `Platforms by status: ${label}`,
      counts.map(([status, n]) => [toneOf(status), n]),
    )}
<div class="legend">${counts.map(([status, n]) => html`<a href="${address('/admin/platforms', { status })}"><b>${many(n)}</b><span>${mark(toneOf(status))}${of[status]}</span></a>`)}</div>
${newcomers + roles === 0 ? '' : html`<p class="also">${also(newcomers, roles, waiting)}</p>`}
${versions.length < 2 ? '' : html`<p class="also dim">${versions.map(speaking)}</p>`}</div>`,
    html`<a class="more" href="/admin/platforms">All ${many(platforms.total)} →</a>`,
  )
}

/** Said where there are several versions. */
function speaking({ version, platforms: n }: Counts['versions'][number], i: number): Html {
  return html`${i === 0 ? '' : ' · '}<a href="${address('/admin/platforms', { version })}">${many(n)} of OCPI ${version}</a>`
}

function also(newcomers: number, roles: number, waiting: string | null): Html {
  // Some of them are live, and counted as connected too.
  const coming =
    newcomers === 0
      ? ''
      : html`<a href="/admin/onboarding">${counted(newcomers, 'newcomer')}</a> <span class="dim">not live yet, or for less than a week</span>`
  const words = `${counted(roles, 'role waits', 'roles wait')} for you`
  const theirs =
    roles === 0 ? '' : waiting === null ? words : html`<a href="/admin/platforms/${waiting}/roles">${words}</a>`
  return html`${coming}${newcomers > 0 && roles > 0 ? ' · ' : ''}${theirs}`
}

/** What waits for partners, in all queues together. */
export function queuesCard({ queues }: Counts): Html {
  if (queues.total === 0) return card('Queues', emptyState('No queue yet', 'A platform gets one when it connects.'))
  const figures = [
    [queues.waiting, queues.waiting === 1 ? 'push waits' : 'pushes wait'],
    [queues.lagging, 'behind by 5 min'],
    [queues.paused, 'paused'],
  ] as const
  return card(
    'Queues',
    html`<div class="pad"><div class="legend three">${figures.map(([n, what]) => html`<a href="/admin/queues"><b>${many(n)}</b><span>${what}</span></a>`)}</div></div>`,
    html`<a class="more" href="/admin/queues">All ${many(queues.total)} →</a>`,
  )
}
