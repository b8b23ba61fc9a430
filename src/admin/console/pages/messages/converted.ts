import { card } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill } from '../../parts/status.ts'
import { type Column, table } from '../../parts/table.ts'
import type { MessageDetail } from '../../views.ts'
import { FATES } from '../conversions/filters.ts'
import { TONES } from '../conversions/tables.ts'

type Remark = NonNullable<NonNullable<MessageDetail['converted']>['request']>['remarks'][number]

const COLUMNS: readonly Column<Remark & { readonly of: string }>[] = [
  { head: 'What', cell: ({ fate }) => pill(TONES[fate], FATES[fate]) },
  { head: 'Of', cell: ({ of }) => of, is: 'hide-s' },
  {
    head: 'Member, and why',
    cell: ({ pointer, reason }) =>
      html`<span class="words"><span class="mono">${pointer === '' ? 'all of it' : pointer}</span><br><span class="dim">${reason}</span></span>`,
  },
]

/** What of this message was not carried as it was; nothing where it was not converted, or all of it was. */
export function convertedCard({ converted, conversion, from_platform_id, to_platform_id }: MessageDetail): Html | '' {
  if (converted === null) return ''
  const rows = [
    ...(converted.request?.remarks ?? []).map((remark) => ({ ...remark, of: 'the request' })),
    ...(converted.response?.remarks ?? []).map((remark) => ({ ...remark, of: 'the answer' })),
  ]
  if (rows.length === 0) return ''
  const isOfRequest = (converted.request?.remarks.length ?? 0) > 0
  const all = address('/admin/conversions', { platform: isOfRequest ? to_platform_id : from_platform_id })
  return card(
    'What conversion did',
    table('What conversion did', COLUMNS, rows, html``),
    html`<span class="dim">${conversion ?? ''} · <a class="in-text" href="${all}">of all that it gets</a></span>`,
  )
}
