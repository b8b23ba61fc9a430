import type { listConversionOutcomes } from '../../../../api/conversions/conversions.ts'
import type { Api } from '../../../api.ts'
import { many } from '../../../parts/figures.ts'
import { card } from '../../../parts/head.ts'
import { address } from '../../../parts/href.ts'
import { type Html, html } from '../../../parts/html.ts'
import type { ConversionOutcomes, Platform } from '../../../views.ts'

const MOST = 100

export type Conversions = {
  /** Most frequent sums of what was converted for a platform. */
  readonly toward: readonly ConversionOutcomes[]
  /** Whether anything was converted that it sent. */
  readonly hasSent: boolean
}

export async function readConversions(api: Api, platform: string): Promise<Conversions> {
  const path = '/conversions/outcomes'
  const [toward, sent] = await Promise.all([
    api.list<typeof listConversionOutcomes>(path, { query: { platform, limit: MOST } }),
    api.list<typeof listConversionOutcomes>(path, { query: { source: platform, limit: 1 } }),
  ])
  return { toward: toward.rows, hasSent: sent.rows.length > 0 }
}

/** What became of what its version cannot say; nothing where that never mattered. */
export function conversionCard(
  platform: Platform,
  { toward: outcomes, hasSent }: Conversions,
  may: (route: string) => boolean,
): Html | '' {
  const { id, version, conversion } = platform
  const isOf211 = version === '2.1.1'
  if (!isOf211 && outcomes.length === 0 && !hasSent) return ''
  const sum = (of: 'converted' | 'withheld' | 'failed') => outcomes.reduce((all, one) => all + one[of], 0)
  const [withheld, failed] = [sum('withheld'), sum('failed')]
  const ofIt = address('/admin/conversions', { platform: id })
  const change = may('PATCH /platforms/{id}')
    ? html`<a class="more" href="/admin/platforms/${id}/conversion">Change →</a>`
    : ''
  return card(
    'Conversion',
    html`<div class="pad"><dl class="facts">
<dt>Version</dt><dd>OCPI ${version ?? 'not agreed yet'}</dd>
<dt>Toward it</dt><dd>${outcomes.length === 0 ? 'nothing converted yet' : html`${many(sum('converted'))} converted${withheld === 0 ? '' : html`, ${many(withheld)} withheld`}${failed === 0 ? '' : html`, <b class="bad">${many(failed)} failed</b>`} · <a class="in-text" href="${ofIt}">what was lost</a>`}</dd>
${
  hasSent
    ? html`<dt>From it</dt><dd><a class="in-text" href="${address('/admin/conversions', { source: id })}">what was lost of what it sent</a></dd>
`
    : ''
}<dt>Extras</dt><dd>${conversion.extras === 'drop' ? 'left out' : 'sent all the same'}</dd>
<dt>Tariffs</dt><dd>${conversion.tariff_loss === 'withhold' ? 'withheld where the sum would differ' : 'sent without what cannot be said'}</dd>
${isOf211 ? of211(conversion) : ''}</dl></div>`,
    change,
  )
}

function of211({ counterparty, ids, time_zone, vat }: Platform['conversion']): Html {
  return html`<dt>Speaks with</dt><dd>${counterparty ?? 'all, by one connection'}</dd>
<dt>Ids</dt><dd>${ids === null ? 'as its side needs them' : ids === 'prefixed' ? 'with the party before them' : 'as the owner sent them'}</dd>
<dt>Time zone</dt><dd>${time_zone ?? 'by country, else UTC'}</dd>
<dt>VAT</dt><dd>${vat === null ? 'not said' : `${vat} %`}</dd>
`
}
