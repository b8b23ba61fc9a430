import { hasTwoLegs, wasAnswered } from '../../../parts/both-legs.ts'
import { bytes, counted, took } from '../../../parts/figures.ts'
import { outcomeOf, shortPath } from '../../../parts/outcome.ts'
import type { Step } from '../../../parts/sequence.ts'
import type { Message, MessageDetail } from '../../../views.ts'
import { answeredBack, asked, CALLER, caller, HUB, hubLane, type Picture, pathOf, RECEIVER, stopped } from './steps.ts'

/** Of a request that goes on to its receiver, or would have. */
export function relayed(message: MessageDetail, hub: string, story: readonly Message[]): Picture {
  const { receiver_ms, duration_ms } = message
  const own = Math.max(0, duration_ms - (receiver_ms ?? 0))
  const isTwo = hasTwoLegs(message)
  const name = message.to_party ?? message.to_platform_name ?? 'nobody'
  const sub = isTwo
    ? `${message.to_platform_name ?? ''}${receiver_ms === null ? '' : ` · took ${took(receiver_ms)}`}`
    : 'not called'
  const middle = isTwo ? [sentOn(message), receiverAnswered(message)] : [stopped(message)]
  return {
    lanes: [caller(message), hubLane(hub, `added ${took(own)}`), { name, sub }],
    steps: [asked(message), ...middle, answeredBack(message), ...result(message, story)],
  }
}

function sentOn(message: MessageDetail): Step {
  const { method, forwarded_url, forwarded_request_id, changes, conversion } = message
  const isLed = changes?.request?.response_url !== undefined
  const headers = changes?.request?.headers?.length ?? 0
  const note = [
    'new token',
    `new X-Request-ID ${(forwarded_request_id ?? '').slice(0, 8)}`,
    ...(isLed ? ['response_url led'] : []),
    ...(conversion === null ? [] : [`converted: ${conversion}`]),
    ...(headers > 0 ? [`${counted(headers, 'header')} changed`] : []),
  ]
  return { kind: 'call', from: HUB, to: RECEIVER, text: `${method} ${pathOf(forwarded_url)}`, note: note.join(' · ') }
}

function receiverAnswered(message: MessageDetail): Step {
  const { receiver_status, receiver_ms, failure, detail } = message
  if (!wasAnswered(message)) return { kind: 'stop', at: HUB, text: `no answer: ${failure ?? ''}`, note: detail ?? '' }
  const { text, tone } =
    receiver_status === null ? outcomeOf(message) : { text: `HTTP ${receiver_status}`, tone: 'warn' as const }
  return {
    kind: 'answer',
    from: RECEIVER,
    to: HUB,
    text,
    tone,
    note: receiver_ms === null ? '' : `+${took(receiver_ms)}`,
  }
}

/** What the receiver of a command sends later. */
function result(message: Message, story: readonly Message[]): Step[] {
  const { led_id, id, at } = message
  const found =
    message.module === 'commands' && led_id !== null
      ? story.find((other) => other.kind === 'via' && other.led_id === led_id && other.id !== id && other.at >= at)
      : undefined
  if (!found) return []
  const { text, tone } = outcomeOf(found)
  const after = took(Date.parse(found.at) - Date.parse(at))
  const back: Step[] =
    found.forwarded_url === null
      ? []
      : [
          { kind: 'call', from: HUB, to: CALLER, text: `${found.method} ${pathOf(found.forwarded_url)}`, note: '' },
          { kind: 'answer', from: CALLER, to: HUB, text, tone, note: '' },
        ]
  return [
    { kind: 'later', text: `+${after}: the result of the command, a request of its own` },
    {
      kind: 'call',
      from: RECEIVER,
      to: HUB,
      text: `${found.method} ${shortPath(found.path)}`,
      note: bytes(found.request_bytes),
    },
    ...back,
    { kind: 'answer', from: HUB, to: RECEIVER, text, tone, note: `${took(found.duration_ms)} in all` },
  ]
}
