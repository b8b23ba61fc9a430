import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { table } from '../../parts/table.ts'
import { clock } from '../../parts/time.ts'
import type { AuditEntry } from '../../views.ts'
import { difference } from './difference.ts'

const WAYS: Readonly<Record<AuditEntry['who']['way'], string>> = {
  'admin-token': 'administrator token',
  session: 'signed in',
  key: 'API key',
  command: 'command line',
}

/** Rows of the audit trail. `maySeePeople`: whoever looks may open the pages of people and keys. */
export function entryTable(entries: readonly AuditEntry[], maySeePeople: boolean, empty: Html): Html {
  const rows = table(
    'Changes',
    [
      { head: 'Time', cell: ({ at }) => clock(at, 'day'), is: 'upper' },
      { head: 'Who', cell: who, is: 'upper' },
      { head: 'What', cell: (entry) => what(entry, maySeePeople), is: 'upper' },
      { head: 'Before → after', cell: ({ before, after }) => difference(before, after), is: 'upper wrap' },
      { head: 'Reason', cell: ({ reason }) => reason ?? html`<span class="dim">–</span>`, is: 'upper wrap' },
    ],
    entries,
    empty,
  )
  return html`<div class="trail">${rows}</div>`
}

/** Of a name, the rest of what they changed; below it how they were let in, and from where. */
function who({ who: { name, way, address: from } }: AuditEntry): Html {
  const below = [WAYS[way], from].filter((text) => text !== '').join(' · ')
  return html`<a href="${address('/admin/audit', { who: name })}">${name}</a><br><span class="dim">${below}</span>`
}

function what({ action, on, platform_id }: AuditEntry, maySeePeople: boolean): Html {
  const link = pageOf(on, platform_id, maySeePeople)
  const name = on.name ?? on.id
  const title = html` <span class="dim">${on.kind}</span> ${link === null || isGone(action) ? html`<span title="${on.id}">${name}</span>` : html`<a href="${link}" title="${on.id}">${name}</a>`}`
  return html`<a class="tag" href="${address('/admin/audit', { what: action })}">${action}</a><br><span class="cut">${title}</span>`
}

/** Where the thing that was changed is shown; null where it is not, or not to this administrator. */
function pageOf({ kind, id }: AuditEntry['on'], platformId: string | null, maySeePeople: boolean): string | null {
  if (kind === 'admin') return maySeePeople ? `/admin/settings/people/${id}` : null
  if (kind === 'lock-out') return maySeePeople ? '/admin/settings/people' : null
  if (kind === 'key') return maySeePeople ? `/admin/settings/keys/${id}` : null
  if (kind === 'webhook') return maySeePeople ? `/admin/settings/notifications/${id}` : null
  if (kind === 'queue') return platformId === null ? null : `/admin/queues/${platformId}`
  return platformId === null ? null : `/admin/platforms/${platformId}`
}

function isGone(action: AuditEntry['action']): boolean {
  return /\.(?:delete|remove)$/.test(action)
}
