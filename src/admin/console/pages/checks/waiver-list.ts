import { checkAddress } from '../../parts/check.ts'
import { act } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { ago } from '../../parts/time.ts'
import type { Waiver } from '../../views.ts'

/** Faults of a platform that are let pass, and why. */
export function waiverList(platformId: string, waivers: readonly Waiver[], mayEnd: boolean): Html {
  return html`<ul class="todo">${waivers.map(
    ({ name, reason, by, at }) =>
      html`<li><span></span><b class="mono">${name}</b>${ago(at)}<p>${reason} <span class="dim">· ${by}</span></p>${mayEnd ? act(`${checkAddress(platformId)}/waivers/${name}/end`, 'A fault again') : ''}</li>\n`,
  )}</ul>`
}
