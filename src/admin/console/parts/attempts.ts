import type { Handshake } from '../views.ts'
import { took } from './figures.ts'
import { type Html, html } from './html.ts'
import { outcomeOf } from './outcome.ts'
import { mark, type Tone } from './status.ts'
import { clock } from './time.ts'

type Call = Handshake['calls'][number]

type Of = {
  /** What the partner is called in it. */
  readonly partner: string
  /** These are all attempts there are: then they have numbers. */
  readonly isAll: boolean
  /** Stands below what helps. */
  readonly below?: (attempt: Handshake) => Html
}

/** What the five dots stand for, by who leads. */
const STEPS = [
  'versions are read',
  'details are read',
  'credentials are sent',
  'the leader’s versions are read',
  'the leader’s details are read',
] as const

/** Attempts of a handshake, the newest first: five dots each, every call of theirs and of ours, and what helps. */
export function attemptList(attempts: readonly Handshake[], of: Of): Html {
  const numbers = attempts.map((_, i) => (of.isAll ? attempts.length - i : null))
  return html`<ul class="calls">${attempts.map((attempt, i) => attemptRows(attempt, numbers[i] ?? null, of))}</ul>`
}

function attemptRows(attempt: Handshake, number: number | null, of: Of): Html {
  const { tone, text } = standOf(attempt)
  const by = attempt.led_by === 'hub' ? `begun by ${attempt.started_by}` : fromOf(attempt)
  const lastBad = attempt.calls.findLastIndex(isBad)
  const why = advice(attempt, of)
  const rows = attempt.calls.map((call, i) => callRow(call, of.partner, i === lastBad ? why : ''))
  const title = number === null ? html`Attempt at ${clock(attempt.started_at, 'day')}` : `Attempt ${number}`
  return html`<li class="att"><span>${title} · ${by}</span><span class="outcome ${tone}">${dots(attempt)} ${text}</span></li>
${rows}${lastBad === -1 && why !== '' ? html`<li class="f">${why}</li>` : ''}`
}

/** How an attempt stands: `failed at step 3 of 5`. */
export function standOf({ outcome, step }: Handshake): { readonly tone: Tone; readonly text: string } {
  const at = step === null ? '' : ` at step ${step} of 5`
  switch (outcome) {
    case 'registered':
      return { tone: 'good', text: 'registered' }
    case 'under-way':
      return { tone: 'info', text: step === null ? 'under way' : `step ${step} of 5` }
    case 'abandoned':
      return { tone: 'warn', text: `not finished${at}` }
    default:
      return { tone: 'bad', text: `failed${at}` }
  }
}

/** Five dots: which steps went well, and where it failed. */
function dots(attempt: Handshake): Html {
  const tones = STEPS.map((_, i): Tone => {
    const last = attempt.calls.findLast(({ step }) => step === i + 1)
    if (last === undefined) return 'off'
    return isBad(last) ? 'bad' : 'good'
  })
  const words = { good: 'done', bad: 'failed', off: 'not yet', warn: '', info: '' }
  const label = STEPS.map((step, i) => `${i + 1}, ${step}: ${words[tones[i] ?? 'off']}`).join('; ')
  return html`<span class="dots" role="img" aria-label="${label}" title="${label}">${tones.map((tone) => mark(tone))}</span>`
}

function callRow(call: Call, partner: string, why: Html | ''): Html {
  const { tone, text } = outcomeOf(call)
  const who = call.direction === 'in' ? html`${partner} → hub` : html`hub → ${partner}`
  const detail = isBad(call) && why === '' ? detailOf(call) : null
  return html`<li${isBad(call) ? html` class="f"` : ''}>${clock(call.at)}<span>${who}</span><span class="path mono" title="${call.url}">${call.method} ${call.url}</span><span class="outcome ${tone}">${text} <span class="dim">${took(call.ms)}</span></span>${detail === null ? '' : html`<p class="adv dim">${detail}</p>`}${why}</li>\n`
}

/** What was wrong and what helps, with the chapter. */
function advice(attempt: Handshake, { below }: Of): Html | '' {
  const { why } = attempt
  if (why === null) return ''
  return html`<div class="adv"><p><b>${why.title}.</b> ${withCode(why.advice)}${why.chapter === null ? '' : html` <span class="dim">${why.chapter.replace(':', ',')}</span>`}</p>
${below === undefined ? '' : below(attempt)}</div>`
}

/** Text with what stands in backticks as code. */
export function withCode(text: string): Html {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`
}

function isBad({ http_status, ocpi_status, failure }: Call): boolean {
  return failure !== null || http_status === 0 || http_status >= 400 || (ocpi_status ?? 1000) >= 2000
}

/** What is known of a call that failed, beside its outcome. */
function detailOf({ detail, failure }: Call): string | null {
  return detail ?? (failure === 'refused' ? null : (failure?.replaceAll('-', ' ') ?? null))
}

function fromOf({ client_address, calls }: Handshake): string {
  const address = client_address ?? calls.find((call) => call.client_address !== null)?.client_address
  return address === undefined || address === null ? 'they lead' : `from ${address}`
}
