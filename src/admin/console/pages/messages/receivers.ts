import type { Context } from 'hono'
import type { listReceivers } from '../../../api/messages/deliveries.ts'
import { mayAsk } from '../../answer.ts'
import { type AnswerOf, nextOf } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { problemNote } from '../../parts/field.ts'
import { card, emptyState } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { MISSED_CAUSES } from '../../parts/missed-cause.ts'
import { outcome } from '../../parts/outcome.ts'
import { pill, type Tone } from '../../parts/status.ts'
import { type Column, pages, table } from '../../parts/table.ts'
import { clock } from '../../parts/time.ts'
import type { MessageDetail } from '../../views.ts'

export type Receipt = AnswerOf<typeof listReceivers>[number]

const PAGE = 100

const STATES: Readonly<Record<Receipt['state'], readonly [Tone, string]>> = {
  delivered: ['good', 'Delivered'],
  'delivered-or-replaced': ['good', 'Delivered, or replaced by a newer one'],
  waits: ['info', 'Waits in its queue'],
  failed: ['bad', 'Refused for good'],
  missed: ['warn', 'Missed'],
  withheld: ['warn', 'Withheld: not to be said in its version'],
  'not-entitled': ['off', 'Not for it'],
}

/** Who has it: a row for each partner. */
export async function receiversCard(c: Context<ConsoleEnv>, { id }: MessageDetail): Promise<Html> {
  const query = { limit: PAGE, cursor: c.req.query('cursor') }
  const sent = await c
    .get('api')
    .send<typeof listReceivers>('get', '/messages/{id}/deliveries', { params: { id }, query })
  if (sent.kind === 'problem')
    return card(
      'Who has it',
      html`<div class="pad">${problemNote({ ...sent.problem, title: 'There is no telling any more' })}</div>`,
    )
  const none = emptyState('Nobody is entitled to it', 'No other platform has a role to which such objects are pushed.')
  const rows = table('Receivers', columns(id, mayAsk(c, 'POST /messages/{id}/replay')), sent.body, none)
  const links = pages(c.req.url, nextOf(sent.headers), { first: '← First', next: 'More →' })
  return card('Who has it', html`${rows}${links}`, html`<span class="dim">${summary(sent.body)}</span>`)
}

/** Whom one would send it to again. */
export function lacksIt({ state }: Receipt): boolean {
  return state === 'failed' || state === 'missed' || state === 'delivered-or-replaced'
}

function columns(id: string, mayReplay: boolean): Column<Receipt>[] {
  const replay: Column<Receipt> = {
    head: { hidden: 'Send again' },
    cell: (row) =>
      lacksIt(row)
        ? html`<a class="more" href="${address(`/admin/messages/${encodeURIComponent(id)}/replay`, { platform: row.platform_id })}">Replay</a>`
        : '',
    is: 'num',
  }
  return [
    {
      head: 'Platform',
      cell: ({ platform_id, platform_name, to_party }) =>
        html`<a href="/admin/platforms/${platform_id}">${platform_name}</a>${to_party === null ? '' : html` <span class="mono dim">${to_party}</span>`}`,
    },
    { head: 'State', cell: ({ state }) => pill(...STATES[state]) },
    { head: 'Why', cell: ({ why }) => (why === null ? '' : inWords(why)), is: 'grow hide-s' },
    { head: 'When', cell: ({ at }) => (at === null ? '' : clock(at, 'day')) },
    { head: 'Attempts', cell: ({ attempts }) => attempts, is: 'num hide-s' },
    {
      head: 'Last answer',
      cell: ({ last_attempt }) =>
        last_attempt === null
          ? ''
          : html`<a href="/admin/messages/${encodeURIComponent(last_attempt.message_id)}" title="${last_attempt.detail ?? ''}">${clock(last_attempt.at)} ${outcome(last_attempt)}</a>`,
      is: 'hide-s',
    },
    ...(mayReplay ? [replay] : []),
  ]
}

/** The API's words, but for the cause of a push that was missed. */
function inWords(why: string): string {
  return Object.hasOwn(MISSED_CAUSES, why) ? MISSED_CAUSES[why as keyof typeof MISSED_CAUSES] : why
}

/** `3 delivered, 1 waits`: of the rows that are shown. */
function summary(rows: readonly Receipt[]): string {
  const counts = Map.groupBy(rows, ({ state }) => state)
  return [...counts].map(([state, of]) => `${of.length} ${STATES[state][1].toLowerCase()}`).join(' · ')
}
