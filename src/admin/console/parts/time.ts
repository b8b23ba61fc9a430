import { type Html, html } from './html.ts'

/**
 * A moment as the clock shows it: UTC here, and in the viewer's zone once the script ran. The whole of it is in its title.
 *
 * @param iso as the API writes moments
 */
export function clock(iso: string, as: 'time' | 'day' = 'time'): Html {
  const text = as === 'time' ? iso.slice(11, 23) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`
  return html`<time datetime="${iso}" title="${inWords(iso)}" data-as="${as}">${text}</time>`
}

/** How long ago something was: `3 h ago`; `never` for null. */
export function ago(iso: string | null, now = Date.now()): Html {
  if (iso === null) return html`<span class="dim">never</span>`
  return html`<time datetime="${iso}" title="${inWords(iso)}">${age((now - Date.parse(iso)) / 1000)} ago</time>`
}

/** `40 s`, `12 min`, `7 h`, `3 days`: rounded, two of a unit at the least from hours on. */
export function age(seconds: number): string {
  const s = Math.max(0, seconds)
  if (s < 60) return `${Math.round(s)} s`
  if (s < 3_600) return `${Math.round(s / 60)} min`
  if (s < 172_800) return `${Math.round(s / 3_600)} h`
  return `${Math.round(s / 86_400)} days`
}

/** `29 Dec 2026`, in UTC: for texts that leave the console. */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
}

function inWords(iso: string): string {
  return iso.replace('T', ' ').replace('Z', ' UTC')
}
