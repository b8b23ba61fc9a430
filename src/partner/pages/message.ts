import type { Hono } from 'hono'
import { took } from '../../admin/console/parts/figures.ts'
import { card, head } from '../../admin/console/parts/head.ts'
import { address } from '../../admin/console/parts/href.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { body, leg, type Side } from '../../admin/console/parts/leg.ts'
import { outcome } from '../../admin/console/parts/outcome.ts'
import { clock } from '../../admin/console/parts/time.ts'
import type { MessageDetail } from '../../hub/message/message-query.ts'
import { showPage } from '../answer.ts'
import type { PartnerEnv } from '../env.ts'
import { legOf, type OwnLeg, type OwnPart, partsOf } from '../own-legs.ts'
import { nothingHere } from '../problems.ts'
import type { Own } from '../reads.ts'

/** What happened in this exchange, on our side of the hub? */
export function addMessagePage(app: Hono<PartnerEnv>): void {
  app.get('/partner/messages/:id', async (c) => {
    const own = await c.get('reads').message(c.req.param('id'))
    if (own === null) return nothingHere(c)
    const { message, sides } = own
    const { correlationId, fromParty, toParty, module, method, conversion } = message
    const legs = [sides.asked ? askedLeg(own) : '', sides.wasCalled ? calledLeg(own) : ''].filter((each) => each !== '')
    const isAlone = legs.length === 1
    return showPage(
      c,
      { title: `${module} ${method}`, section: 'messages' },
      html`${head({
        title: html`${method} ${module} ${outcome(legOf(own).ended)}`,
        above: ['Messages', '/partner/messages'],
        sub: html`${clock(new Date(message.at).toISOString(), 'day')}${fromParty === null ? '' : html` · from <span class="mono">${fromParty}</span>`}${toParty === null ? '' : html` to <span class="mono">${toParty}</span>`}`,
      })}
${card(
  'By what it is known',
  html`<div class="pad"><p>Correlation ID <a class="mono" href="${address('/partner/messages', { correlation_id: correlationId })}">${correlationId}</a></p>${legs.length === 0 ? '' : ids(own)}${conversion === null ? '' : html`<p>Converted between OCPI versions: ${conversion}. A body is shown to who sent or got it so.</p>`}</div>`,
)}
<div class="legs${isAlone ? ' solo' : ''}">${legs}</div>
${isAlone ? html`<p class="dim">This is your side of the hub. What goes between the hub and others is theirs.</p>` : ''}`,
    )
  })
}

function ids(own: Own<MessageDetail>): Html {
  return html`${sidesIn(own).map((asked) => html`<p>Request ID ${asked ? 'of your request' : "of the hub's request"} <span class="mono">${legOf(own, asked).requestId}</span></p>`)}`
}

function sidesIn({ sides }: Own<MessageDetail>): boolean[] {
  return [...(sides.asked ? [true] : []), ...(sides.wasCalled ? [false] : [])]
}

function askedLeg(own: Own<MessageDetail>): Html {
  const side_ = legOf(own, true)
  const { request, answer } = partsOf(own.message, true)
  const asked = side(
    html`You asked <span class="tag">${own.message.method}</span> <span class="mono">${side_.target}</span>`,
    request,
  )
  const answered =
    answer === null
      ? inWords(
          html`The hub answered ${outcome(side_.ended)}`,
          'The hub answered in its own words, which are not kept.',
        )
      : side(html`The hub answered ${outcome(side_.ended)} ${after(side_)}`, answer)
  return leg('You ⇄ hub', own.message.fromParty ?? '', asked, answered)
}

function calledLeg(own: Own<MessageDetail>): Html {
  const side_ = legOf(own, false)
  const { request, answer } = partsOf(own.message, false)
  const asked = side(
    html`The hub asked <span class="tag">${own.message.method}</span> <span class="mono">${side_.target}</span>`,
    request,
  )
  const answered =
    answer === null
      ? inWords(html`No answer ${after(side_)}`, side_.trouble ?? 'You did not answer.')
      : side(html`You answered ${outcome(side_.ended)} ${after(side_)}`, answer, side_.trouble)
  return leg('Hub ⇄ you', own.message.toParty ?? '', asked, answered)
}

function side(title: Html, { lines, kept, bytes }: OwnPart, trouble: string | null = null): Side {
  const text = body(kept, bytes)
  return {
    title,
    lines,
    folded: '',
    body: trouble === null ? text : html`<div><p class="pad">${trouble}</p>${text}</div>`,
  }
}

function inWords(title: Html, text: string): Side {
  return { title, lines: [], folded: '', body: html`<p class="pad dim">${text}</p>` }
}

function after({ tookMs }: OwnLeg): Html | '' {
  return tookMs === null ? '' : html`<span class="dim">after ${took(tookMs)}</span>`
}
