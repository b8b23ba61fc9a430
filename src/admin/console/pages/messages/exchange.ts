import type { Context, Hono } from 'hono'
import { outcomeOf as wordOf } from '../../../../hub/message/outcome.ts'
import type { addAgreement } from '../../../api/agreements/agreements.ts'
import type { getMessage, getStory } from '../../../api/messages/messages.ts'
import type { AdminPorts } from '../../../ports.ts'
import { mayAsk, seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { copyText } from '../../parts/copy.ts'
import { problemNote } from '../../parts/field.ts'
import { card, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { outcomeOf } from '../../parts/outcome.ts'
import { partyOf } from '../../parts/party.ts'
import { pill } from '../../parts/status.ts'
import { clock } from '../../parts/time.ts'
import type { MessageDetail } from '../../views.ts'
import { convertedCard } from './converted.ts'
import { asCurl } from './curl.ts'
import { idsCard } from './ids.ts'
import { KIND_WORDS } from './kind-words.ts'
import { legs } from './legs.ts'
import { happened } from './picture/happened.ts'
import { receiversCard } from './receivers.ts'
import { storyCard } from './story.ts'
import { causeOf } from './why/causes.ts'
import { isTroubled, knownOf } from './why/known.ts'
import { whyBox } from './why/why.ts'

const DONE = {
  allowed: 'Both may talk now. What was refused is not sent again by the hub: its sender has to.',
  replayed: 'It waits in the queue, and goes out when its turn comes.',
}

/** What happened in this exchange? And of a broadcast: who has it? */
export function addExchangePage(app: Hono<ConsoleEnv>, ports: Pick<AdminPorts, 'publicUrl'>): void {
  app.get('/admin/messages/:id', (c) => showExchange(c, ports))

  app.post('/admin/messages/:id/allow', async (c) => {
    const id = c.req.param('id')
    const api = c.get('api')
    const own = `/admin/messages/${encodeURIComponent(id)}`
    const message = await api.get<typeof getMessage>('/messages/{id}', { params: { id } })
    const { from_party, to_party, module } = message
    // Rules may have come since the page was made, which an allowing one would overrule.
    const known = await knownOf(api, message)
    if (!isTroubled(message) || causeOf(message, known).mend !== 'allow') return seeOther(c, own)
    const reason = `A message about ${module} was refused: ${id}`
    const body = { a: partyOf(from_party ?? ''), b: partyOf(to_party ?? ''), effect: 'allow' as const, reason }
    const sent = await api.send<typeof addAgreement>('post', '/agreements', { body })
    if (sent.kind === 'problem') return showExchange(c, ports, sent.problem)
    return seeOther(c, own, 'allowed')
  })
}

async function showExchange(c: Context<ConsoleEnv>, { publicUrl }: Pick<AdminPorts, 'publicUrl'>, problem?: Problem) {
  const id = c.req.param('id') ?? ''
  const api = c.get('api')
  const params = { id }
  const [message, told] = await Promise.all([
    api.get<typeof getMessage>('/messages/{id}', { params }),
    api.send<typeof getStory>('get', '/messages/{id}/story', { params }),
  ])
  const story = told.kind === 'done' ? told.body : [message]
  const [known, receivers] = await Promise.all([
    knownOf(api, message),
    message.kind === 'broadcast' && message.failure === null ? receiversCard(c, message) : '',
  ])
  const title = `${message.method} ${nameOf(message)}`
  return showPage(
    c,
    { title, section: 'messages', done: DONE, status: (problem?.status ?? 200) as 200 },
    html`${top(c, message)}
${problemNote(problem)}
${whyBox(message, known, (route) => mayAsk(c, route))}
${card('What happened', happened(message, c.get('hub').party, story), html`<span class="dim">times of the hub's clock</span>`)}
${receivers}
${legs(message, c.get('caller').maySeeBodies)}
${convertedCard(message)}
${storyCard(message, told)}
${idsCard(message)}
${card('As curl', html`<div class="pad">${copyText('curl', 'The request as curl', asCurl(message, publicUrl))}</div>`, html`<span class="dim">without its token: set TOKEN to what the Authorization header shall hold</span>`)}`,
  )
}

function top(c: Context<ConsoleEnv>, message: MessageDetail): Html {
  const { id, kind, module, method, at, from_party, failure } = message
  const { tone, text } = outcomeOf(message)
  const own = `/admin/messages/${encodeURIComponent(id)}`
  const mayReplay = mayAsk(c, 'POST /messages/{id}/replay')
  const isFailedDelivery = kind === 'delivery' && failure !== null
  const isPush = kind === 'broadcast' && failure === null
  // Beside a box that says what to do first it is one of several.
  const is = isTroubled(message) ? 'btn' : 'btn main'
  const replay =
    mayReplay && (isFailedDelivery || isPush)
      ? html`<a class="${is}" href="${own}/replay">${isPush ? 'Replay to…' : 'Replay'}</a>`
      : ''
  const similar = address('/admin/messages', {
    party: from_party,
    module,
    kind,
    outcome: isTroubled(message) ? outcomeIn(message) : null,
  })
  return head({
    title: html`${method} ${nameOf(message)} ${pill(tone, text)}`,
    above: ['Messages', '/admin/messages'],
    sub: html`${KIND_WORDS[kind]} from ${party(message.from_platform_id, message.from_platform_name ?? from_party ?? 'the hub')} to ${party(message.to_platform_id, message.to_platform_name ?? message.to_party ?? (kind === 'configuration' || kind === 'get-all' ? 'the hub' : 'nobody known'))}, ${clock(at, 'day')}`,
    acts: [
      replay,
      html`<a class="btn" href="#curl">Copy as curl</a>`,
      html`<a class="btn" href="/admin/api/messages/${encodeURIComponent(id)}" download="message-${id}.json">Download JSON</a>`,
      html`<a class="btn" href="${similar}">Similar</a>`,
    ],
  })
}

/** In the words that the search knows. */
function outcomeIn({ http_status, ocpi_status, failure }: MessageDetail): string {
  return wordOf({ httpStatus: http_status, ocpiStatus: ocpi_status, failure })
}

/** What a command is called, or else its module. */
function nameOf({ module, path }: MessageDetail): string {
  return (
    /\/commands\/([A-Z_]{1,40})(?:[/?]|$)/.exec(path)?.[1] ?? (/\/authorize(?:[?]|$)/.test(path) ? 'authorize' : module)
  )
}

function party(platformId: string | null, name: string): Html {
  return platformId === null ? html`<b>${name}</b>` : html`<a href="/admin/platforms/${platformId}"><b>${name}</b></a>`
}
