import type { StatusName } from '../views.ts'
import { type Html, html } from './html.ts'

export const TONES = ['good', 'warn', 'bad', 'info', 'off'] as const

/** How something stands: all is well, look at it, it is broken, it is on its way, it is out of use. */
export type Tone = (typeof TONES)[number]

const SHAPES: Readonly<Record<Tone, Html>> = {
  good: html`<circle cx="5" cy="5" r="4"/>`,
  warn: html`<path d="M5 .8 9.6 9H.4z"/>`,
  bad: html`<path d="M1 1h8v8H1z"/>`,
  info: html`<path d="M5 1a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0 1.800a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.400z" fill-rule="evenodd"/>`,
  off: html`<path d="M1 4h8v2H1z"/>`,
}

const TONE_OF_STATUS: Readonly<Record<StatusName, Tone>> = {
  CONNECTED: 'good',
  OFFLINE: 'bad',
  PLANNED: 'info',
  SUSPENDED: 'off',
}

export function toneOf(status: StatusName): Tone {
  return TONE_OF_STATUS[status]
}

/** The shape of a tone, since colour alone says nothing to many. */
export function mark(tone: Tone): Html {
  return html`<svg class="mark ${tone}" viewBox="0 0 10 10" aria-hidden="true">${SHAPES[tone]}</svg>`
}

/** A word about how something stands, with its shape. */
export function pill(tone: Tone, text: string): Html {
  return html`<span class="pill ${tone}">${mark(tone)}${text}</span>`
}

/** The status of a platform or a party, as OCPI writes it. */
export function status(name: StatusName): Html {
  return pill(toneOf(name), name)
}
