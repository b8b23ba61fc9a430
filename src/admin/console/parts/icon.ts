import { type Html, html } from './html.ts'

/** Lines in a square of 16. */
const ICONS = {
  overview: 'M2 13V8m4 5V3m4 10V6m4 7V9',
  platforms: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  onboarding: 'M8 2v12M2 8h12',
  messages: 'M2 4h9m0 0L8.5 1.5M11 4 8.5 6.5M14 11.5H5m0 0L7.5 9M5 11.5 7.5 14',
  agreements: 'M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z',
  queues: 'M2 4h12M2 8h8M2 12h5',
  conversions: 'M3 5.500h9m0 0L9.5 3M12 5.500 9.5 8M13 10.500H4m0 0L6.5 8M4 10.500 6.5 13',
  audit: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 3v3l2 2',
  api: 'M5.5 4 2 8l3.5 4M10.5 4 14 8l-3.5 4M9 3 7 13',
  settings:
    'M2 4.5h7m3 0h2M2 11.5h2m3 0h7M9 4.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0zM4 11.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0z',
  find: 'M7 2.500a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9m3.5 8 3.5 3.5',
} as const

export type IconName = keyof typeof ICONS

export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[name]}" stroke-linecap="round" stroke-linejoin="round"/></svg>`
}

/** The hub between its partners: the sign beside its name. */
export const EMBLEM = html`<svg class="emblem" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true"><circle cx="12" cy="12" r="3.2" fill="currentColor"/><path d="M12 2v5.5M12 16.5V22M3.3 7l4.8 2.7M15.9 14.3l4.8 2.700M3.3 17l4.8-2.700M15.9 9.7 20.7 7"/></svg>`
