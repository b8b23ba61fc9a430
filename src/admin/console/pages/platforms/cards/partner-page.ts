import { counted } from '../../../parts/figures.ts'
import { card } from '../../../parts/head.ts'
import { type Html, html } from '../../../parts/html.ts'
import { ago, clock } from '../../../parts/time.ts'
import type { PartnerLink } from '../../../views.ts'

/** Whether its own people can follow the connection, and when they last did. */
export function partnerPageCard(id: string, links: readonly PartnerLink[]): Html {
  const open = links.filter(isOpen)
  const more = html`<a class="more" href="/admin/platforms/${id}/partner-links">Links →</a>`
  if (open.length === 0)
    return card(
      'Their own page',
      html`<p class="pad dim">No link opens it: with one they see their side themselves.</p>`,
      more,
    )
  const used = open.flatMap(({ last_used_at }) => last_used_at ?? []).sort()
  const ends = open.map(({ expires_at }) => expires_at).sort()
  const last = ends.at(-1) as string
  return card(
    'Their own page',
    html`<p class="pad">${counted(open.length, 'link opens', 'links open')} it until ${clock(last, 'day')}; last looked at ${ago(used.at(-1) ?? null)}.</p>`,
    more,
  )
}

export function isOpen({ revoked_at, expires_at }: PartnerLink): boolean {
  return revoked_at === null && Date.parse(expires_at) > Date.now()
}
