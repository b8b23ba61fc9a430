import type { Hono } from 'hono'
import { showHandshake } from '../../admin/api/handshakes/handshake-view.ts'
import { attemptList } from '../../admin/console/parts/attempts.ts'
import { capital } from '../../admin/console/parts/capital.ts'
import { many } from '../../admin/console/parts/figures.ts'
import { card, head } from '../../admin/console/parts/head.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { status } from '../../admin/console/parts/status.ts'
import { age, ago } from '../../admin/console/parts/time.ts'
import type { Attempt } from '../../hub/administration/handshake-attempts.ts'
import type { PlatformRecord } from '../../hub/network/registry.ts'
import type { QueueView } from '../../hub/push/drain/queue-admin.ts'
import { showParty } from '../../ocpi/party.ts'
import { showPage } from '../answer.ts'
import type { PartnerEnv } from '../env.ts'
import type { PartnerPorts } from '../ports.ts'
import { checkCard } from './check.ts'
import { interfacesCard } from './interfaces.ts'
import { lossesCard, ownLossesCard } from './losses.ts'
import { nextStep } from './next-step.ts'
import { rolesCard } from './roles.ts'
import { triedCard } from './trial.ts'

/** Attempts of the handshake that are shown. */
const ATTEMPTS = 5
/** Of what its version cannot say, those that are most frequent. */
const LOSSES = 8

/** How do we stand, and what is to be done? */
export function addStatusPage(app: Hono<PartnerEnv>, { now, publicUrl }: PartnerPorts): void {
  app.get('/partner', async (c) => {
    const reads = c.get('reads')
    const platform = c.get('platform')
    const [found, queue, runs, losses, lossesOfOwn] = await Promise.all([
      reads.attempts(ATTEMPTS + 1),
      reads.queue(),
      reads.checks(),
      reads.losses(LOSSES),
      reads.lossesOfOwn(LOSSES),
    ])
    const { name, statusCause, statusSince, lastSeenAt, version } = platform
    const sub = html`${capital(statusCause)} · ${ago(iso(statusSince))} · last heard ${ago(iso(lastSeenAt))} · OCPI ${version ?? 'not agreed yet'}`
    return showPage(
      c,
      { title: name, section: 'overview' },
      html`${head({ title: html`${name} ${status(platform.status)}`, sub })}
<div class="two"><div class="stack">
${card('What to do next', nextStep(platform, { publicUrl, now: now(), missed: missedBy(queue) }))}
${handshakeCard(platform, found, now())}
${interfacesCard(platform)}
${lossesCard(version, losses)}
${ownLossesCard(version, lossesOfOwn)}
</div><div class="stack">
${rolesCard(platform)}
${checkCard(runs[0], platform)}
${queueCard(queue)}
${triedCard(reads.tried())}
</div></div>`,
    )
  })
}

function handshakeCard(platform: PlatformRecord, found: readonly Attempt[], now: number): Html | '' {
  const isDone = platform.hasCredentials
  if (found.length === 0)
    return isDone
      ? ''
      : card('Handshake', html`<p class="pad dim">No call of yours yet: each shows here, with what was wrong.</p>`)
  const first = platform.parties[0]
  const attempts = found.slice(0, ATTEMPTS).map((attempt) => {
    const shown = showHandshake(attempt, now)
    return { ...shown, started_by: 'the hub' }
  })
  const isAll = found.length <= ATTEMPTS
  const partner = first ? showParty(first) : 'you'
  return card(
    'Handshake',
    html`<div class="pad">${isDone ? html`<p>Credentials are exchanged.</p>` : ''}${attemptList(attempts, { partner, isAll })}</div>`,
  )
}

function queueCard(queue: QueueView | null): Html {
  if (queue === null)
    return card('Pushes to you', html`<p class="pad dim">None before you connect for the first time.</p>`)
  const { waiting, oldestAgeSeconds: oldest, delivered, pauseCause } = queue
  const missed = missedBy(queue)
  const why = pauseCause === null ? '' : html`<p class="note warn">${PAUSED[pauseCause]}</p>`
  return card(
    'Pushes to you',
    html`<div class="pad">${why}<div class="score"><b>${many(waiting)}</b><span class="dim">waiting${oldest === null ? '' : `, the oldest for ${age(oldest)}`}</span></div>
<div class="legend"><div class="figure"><b>${many(delivered)}</b><span>delivered</span></div><a href="/partner/missed"><b>${many(missed)}</b><span>missed</span></a></div></div>`,
  )
}

/** Why nothing is sent now, said to whom it would be sent. */
const PAUSED: Readonly<Record<NonNullable<QueueView['pauseCause']>, string>> = {
  administrator: 'An administrator of the hub has paused them.',
  offline: 'You are OFFLINE: they wait until you answer.',
  'not-connected': 'You are not connected.',
  'token-refused': 'You refuse the token that you gave the hub.',
  failing: 'Your platform keeps failing: the hub tries again with growing pauses.',
  throttled: 'You asked for a pause (HTTP 429).',
}

function missedBy(queue: QueueView | null): number {
  return queue === null ? 0 : queue.missed + queue.failed
}

function iso(moment: number): string
function iso(moment: number | null): string | null
function iso(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString()
}
