import type { Message } from '../views.ts'
import { type Html, html } from './html.ts'
import type { Tone } from './status.ts'

/** How an exchange ended: `200 · 1000`, or the word for why there was no answer. */
export function outcomeOf({
  http_status: http,
  ocpi_status: ocpi,
  failure,
}: Pick<Message, 'http_status' | 'ocpi_status' | 'failure'>): { readonly tone: Tone; readonly text: string } {
  if (failure === 'withheld') return { tone: 'warn', text: failure }
  if (http === 0) return { tone: 'bad', text: failure ?? 'no answer' }
  const text = ocpi === null ? String(http) : `${http} · ${ocpi}`
  if (failure !== null || http >= 500 || (ocpi ?? 0) >= 3000) return { tone: 'bad', text }
  return { tone: http >= 400 || (ocpi ?? 1000) >= 2000 ? 'warn' : 'good', text }
}

export function outcome(message: Parameters<typeof outcomeOf>[0]): Html {
  const { tone, text } = outcomeOf(message)
  return html`<span class="outcome ${tone}">${text}</span>`
}

/** What was asked for, without what each path of OCPI begins with: `/ocpi/2.2.1/receiver/locations/NL/ABC` is `locations/NL/ABC`. */
export function shortPath(path: string): string {
  return path.replace(/^\/ocpi\/[\d.]+\/(?:(?:sender|receiver)\/)?/, '')
}
