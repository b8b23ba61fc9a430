import { many } from '../../parts/figures.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { pill, type Tone } from '../../parts/status.ts'
import type { Column } from '../../parts/table.ts'
import { ago } from '../../parts/time.ts'
import type { ConversionOutcomes, ConversionRemark } from '../../views.ts'
import { FATES, kindOf } from './filters.ts'

export const TONES: Readonly<Record<ConversionRemark['fate'], Tone>> = {
  withheld: 'bad',
  lost: 'warn',
  changed: 'warn',
  invented: 'info',
  unknown: 'off',
}

type Counted = Pick<ConversionRemark, 'platform_id' | 'platform_name' | 'from' | 'to' | 'kind' | 'sample' | 'last_at'>

/** @param source the platform whose messages alone are counted; empty: of all */
export const outcomeColumns = (source: string): readonly Column<ConversionOutcomes>[] => [
  { head: 'Versions', cell: versions },
  { head: 'Kind', cell: ({ kind }) => kindOf(kind) },
  { head: 'To platform', cell: platform, is: 'name' },
  { head: 'Converted', cell: ({ converted }) => many(converted), is: 'num' },
  {
    head: 'Withheld',
    cell: (one) => number(one.withheld, address('/admin/conversions', { ...narrow(one), source, fate: 'withheld' })),
    is: 'num',
  },
  { head: 'Failed', cell: (one) => number(one.failed, null), is: 'num' },
  { head: 'Example', cell: example, is: 'mono hide-s' },
  { head: 'Last', cell: ({ last_at }) => ago(last_at), is: 'num hide-s' },
]

export const REMARK_COLUMNS: readonly Column<ConversionRemark>[] = [
  { head: 'What', cell: ({ fate }) => pill(TONES[fate], FATES[fate]) },
  {
    head: 'Member',
    cell: ({ kind, pointer }) =>
      html`<span class="words">${kindOf(kind)} <span class="mono dim">${pointer}</span></span>`,
  },
  { head: 'Why', cell: ({ reason }) => html`<span class="words">${reason}</span>` },
  { head: 'Versions', cell: versions, is: 'hide-s' },
  { head: 'To platform', cell: platform, is: 'name' },
  { head: 'Times', cell: ({ count }) => many(count), is: 'num' },
  { head: 'Example', cell: example, is: 'mono hide-s' },
  { head: 'Last', cell: ({ last_at }) => ago(last_at), is: 'num hide-s' },
]

function versions({ from, to }: Counted): Html {
  return html`${from} → ${to}`
}

function platform({ platform_id, platform_name }: Counted): Html {
  if (platform_id === '') return html`<span class="dim">several</span>`
  if (platform_name === null) return html`<span class="dim">one that is gone</span>`
  return html`<a href="/admin/platforms/${platform_id}" title="${platform_name}">${platform_name}</a>`
}

/** An object that it happened to, as a search of its messages. */
function example({ sample, platform_id }: Counted): Html {
  if (sample === null) return html`<span class="dim">–</span>`
  const found = address('/admin/messages', { object: sample, platform_id, period: 'all' })
  return html`<a href="${found}" title="Messages about ${sample}">${sample.length > 24 ? `${sample.slice(0, 23)}…` : sample}</a>`
}

function number(n: number, to: string | null): Html {
  if (n === 0) return html`<span class="dim">0</span>`
  return to === null ? html`<b class="bad">${many(n)}</b>` : html`<a href="${to}">${many(n)}</a>`
}

function narrow({ platform_id, from, to, kind }: Counted) {
  return { platform: platform_id, from, to, kind }
}
