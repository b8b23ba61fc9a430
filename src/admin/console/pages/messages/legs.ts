import { answeredLines, hasTwoLegs, ownLines, sentLines, wasAnswered } from '../../parts/both-legs.ts'
import { took } from '../../parts/figures.ts'
import { emptyState } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { body, leg, type Side } from '../../parts/leg.ts'
import { outcome } from '../../parts/outcome.ts'
import type { MessageDetail } from '../../views.ts'

/** What was sent and answered on both sides of the hub, with what the hub changed marked. */
export function legs(message: MessageDetail, maySeeBodies: boolean): Html {
  if (!maySeeBodies)
    return html`<section class="card">${emptyState('Headers and bodies are not for you to see', 'An owner of this hub decides who may. What was asked, of whom, and how it ended stands here all the same.')}</section>`
  const isOwnCall = message.kind === 'hub-call' || message.kind === 'delivery'
  const first = isOwnCall ? ownCall(message) : callersLeg(message)
  if (!hasTwoLegs(message)) {
    const isConverted = message.kind === 'delivery' && message.converted?.request
    const second = isConverted ? asPushed(message) : html`<section class="card">${withoutSecond(message)}</section>`
    return html`<div class="legs solo">${first}${second}</div>`
  }
  return html`<div class="legs">${first}${receiversLeg(message)}</div>`
}

function callersLeg(message: MessageDetail): Html {
  const { request, changes, response, receiver_status, from_party } = message
  const isTwo = hasTwoLegs(message)
  const led = changes?.request?.response_url
  const asked: Side = {
    title: html`Request <span class="tag">${message.method}</span> as it came`,
    lines: ownLines(request.headers, isTwo ? (changes?.request?.headers ?? []) : [], isTwo),
    folded: isTwo ? 'more' : '',
    body: body(request, message.request_bytes, led ? { field: 'response_url' } : null),
  }
  const isKept = receiver_status === null
  const answered: Side = {
    title: html`Answer ${outcome(message)} as it was sent`,
    lines: isKept ? ownLines(response.headers, changes?.response?.headers ?? [], false) : [],
    folded: isTwo ? 'more' : '',
    body: isKept
      ? body(response, message.response_bytes)
      : html`<p class="pad dim">The hub said it in its own words: ${message.detail ?? 'success'}. Of the two answers the log keeps that of the receiver.</p>`,
  }
  return leg('Caller ⇄ hub', from_party ?? message.client ?? '', asked, answered)
}

function receiversLeg(message: MessageDetail): Html {
  const { request, changes, response, receiver_status, receiver_ms } = message
  const led = changes?.request?.response_url
  const lines = sentLines(message)
  const changed = lines.filter(({ mark }) => mark !== null).length + (led ? 1 : 0)
  const sent: Side = {
    title: html`Request <span class="tag">${message.method}</span> ${changed} things changed by the hub`,
    lines,
    folded: 'passed on unchanged',
    body: receiversBody(
      message,
      'request',
      body(request, message.request_bytes, led ? { field: 'response_url', by: led.is } : null),
    ),
  }
  const isAnswered = wasAnswered(message)
  const after = receiver_ms === null ? '' : `after ${took(receiver_ms)}`
  const said =
    receiver_status === null ? outcome(message) : html`<span class="outcome warn">HTTP ${receiver_status}</span>`
  const answered: Side = {
    title: isAnswered ? html`Answer ${said} ${after}` : html`No answer ${after}`,
    lines: isAnswered ? answeredLines(message) : [],
    folded: 'passed on unchanged',
    body: isAnswered
      ? receiver_status === null
        ? receiversBody(message, 'response', body(response, message.response_bytes))
        : body(response, message.response_bytes)
      : html`<p class="pad dim">${message.detail ?? 'The receiver did not answer.'}</p>`,
  }
  return leg('Hub ⇄ receiver', message.to_party ?? message.to_platform_name ?? '', sent, answered)
}

/** @param callers the body of the caller's side, as which the receiver's is shown where it is the same */
function receiversBody(
  { conversion, converted, changes }: MessageDetail,
  of: 'request' | 'response',
  callers: Html,
): Html {
  if (converted === null) return conversion ? notKept(conversion) : callers
  const other = converted[of]
  if (other === null) return callers
  const isLed = of === 'request' && changes?.request?.response_url !== undefined
  return body(other, other.bytes, isLed ? { field: 'response_url' } : null)
}

function notKept(conversion: string): Html {
  return html`<p class="pad dim">In the receiver's own version: ${conversion}. Of this message the log keeps the body of the caller's side alone.</p>`
}

/** Of a call that nobody asked the hub for: the one leg there is. */
function ownCall(message: MessageDetail): Html {
  const { request, response, body_of, converted } = message
  const own = converted?.request ?? null
  const plain = (headers: MessageDetail['request']['headers']) => ownLines(headers, [], false)
  const asked: Side = {
    title: html`Request <span class="tag">${message.method}</span> ${body_of === undefined || own !== null ? 'as it was sent' : html`as its <a href="/admin/messages/${encodeURIComponent(body_of)}">sender pushed it</a>`}`,
    lines: body_of !== undefined && own !== null ? [] : plain(request.headers),
    folded: '',
    body: own === null ? body(request, message.request_bytes) : body(own, own.bytes),
  }
  const answered: Side = {
    title: html`Answer ${outcome(message)}`,
    lines: plain(response.headers),
    folded: '',
    body: body(response, message.response_bytes),
  }
  return leg('Hub ⇄ partner', message.to_party ?? message.to_platform_name ?? '', asked, answered)
}

/** Of a delivery that was converted what was to be delivered. */
function asPushed({ request, request_bytes, body_of, from_party }: MessageDetail): Html {
  const who =
    body_of === undefined
      ? 'sender'
      : html`<a class="in-text" href="/admin/messages/${encodeURIComponent(body_of)}">sender</a>`
  return html`<section class="card leg"><header><h2>Before its conversion</h2><span class="mono dim">${from_party ?? ''}</span></header><h3><span>As its ${who} pushed it</span></h3>${body(request, request_bytes)}</section>`
}

function withoutSecond({ kind, failure, to_party, to_platform_name }: MessageDetail): Html {
  const to = to_party ?? to_platform_name ?? 'the receiver'
  switch (kind) {
    case 'broadcast':
      if (failure !== null) return emptyState('Not accepted', 'The hub answered by itself, and sent it to nobody.')
      return emptyState(
        'Delivered afterwards',
        'The hub answers a push by itself and delivers it to each partner on its own. Who has it stands above.',
      )
    case 'delivery':
      return emptyState(
        'One leg only',
        'The sender was answered when its push was accepted; it hears nothing of deliveries.',
      )
    case 'hub-call':
    case 'check':
      return emptyState('One leg only', 'Here the hub itself is the caller.')
    case 'get-all':
      return emptyState(
        'Asked of several',
        failure === null
          ? 'The hub put its answer together from what the sources gave it. Its calls are in the story below.'
          : 'The hub could not put the list together.',
      )
    case 'configuration':
      return emptyState('No second leg', 'This is between the platform and the hub alone.')
    default:
      return emptyState('No second leg', `The hub answered by itself; ${to} never heard of this request.`)
  }
}
