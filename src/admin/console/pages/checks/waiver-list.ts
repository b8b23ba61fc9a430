import { checkAddress } from '../../parts/check.ts'
import { act } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { type Column, table } from '../../parts/table.ts'
import { ago } from '../../parts/time.ts'
import type { Waiver } from '../../views.ts'

/** Faults of a platform that are let pass, and why. */
export function waiverList(platformId: string, waivers: readonly Waiver[], mayEnd: boolean): Html {
  const columns: readonly Column<Waiver>[] = [
    { head: 'Probe', cell: ({ name }) => name, is: 'mono' },
    { head: 'Why', cell: ({ reason }) => reason, is: 'wide wrap' },
    { head: 'By', cell: ({ by }) => by, is: 'dim hide-s' },
    { head: 'Since', cell: ({ at }) => ago(at), is: 'num hide-s' },
    ...(mayEnd
      ? [
          {
            head: { hidden: 'A fault again' },
            cell: ({ name }: Waiver) => act(`${checkAddress(platformId)}/waivers/${name}/end`, 'A fault again'),
            is: 'num',
          },
        ]
      : []),
  ]
  return table('Faults that are let pass', columns, waivers, html``)
}
