import { bytes, counted, took } from '../../../parts/figures.ts'
import { outcomeOf } from '../../../parts/outcome.ts'
import type { Step } from '../../../parts/sequence.ts'
import type { Message, MessageDetail } from '../../../views.ts'
import { answeredBack, asked, caller, HUB, hubLane, type Picture, pathOf, RECEIVER, stopped } from './steps.ts'

/** Of a delivery, and of whatever else the hub calls by itself. */
export function ownCall(message: MessageDetail, hub: string): Picture {
  const { method, forwarded_url, http_status, failure, detail, receiver_ms, kind, from_party, conversion } = message
  const sub =
    kind === 'delivery'
      ? `delivers for ${from_party ?? 'a partner'}`
      : from_party === null
        ? 'calls by itself'
        : `asks for ${from_party}`
  const name = message.to_party ?? message.to_platform_name ?? 'partner'
  const converted = conversion ? ` · converted: ${conversion}` : ''
  const note = `${bytes(message.converted?.request?.bytes ?? message.request_bytes)} · X-Request-ID ${(message.forwarded_request_id ?? '').slice(0, 8)}${converted}`
  const answer: Step =
    http_status === 0
      ? { kind: 'stop', at: 0, text: `no answer: ${failure ?? ''}`, note: detail ?? '' }
      : {
          kind: 'answer',
          from: 1,
          to: 0,
          ...outcomeOf(message),
          note: `${bytes(message.response_bytes)} · ${took(receiver_ms ?? message.duration_ms)}`,
        }
  return {
    lanes: [hubLane(hub, sub), { name, sub: message.to_platform_name ?? '' }],
    steps: [{ kind: 'call', from: 0, to: 1, text: `${method} ${pathOf(forwarded_url)}`, note }, answer],
  }
}

/** Of a push to all. */
export function broadcast(message: MessageDetail, hub: string): Picture {
  const isAccepted = message.failure === null
  const onward: Step[] = isAccepted
    ? [
        {
          kind: 'call',
          from: HUB,
          to: RECEIVER,
          text: `${message.method} to whom it concerns`,
          note: 'each by its own queue: see below',
        },
      ]
    : []
  return {
    lanes: [
      caller(message),
      hubLane(hub, isAccepted ? 'accepts, then delivers' : 'did not accept'),
      { name: 'Partners', sub: isAccepted ? 'a row each below' : 'got nothing' },
    ],
    steps: [asked(message), ...(isAccepted ? [] : [stopped(message)]), answeredBack(message), ...onward],
  }
}

/** Of a list that the hub puts together. */
export function getAll(message: MessageDetail, hub: string, story: readonly Message[]): Picture {
  const calls = story.filter(({ kind }) => kind === 'hub-call').length
  const name = calls === 0 ? 'Sources' : counted(calls, 'call')
  const middle: Step[] =
    calls === 0 && message.failure !== null
      ? [stopped(message)]
      : [
          {
            kind: 'call',
            from: HUB,
            to: RECEIVER,
            text: `${message.method} ${message.module}`,
            note: 'page by page, see the story',
          },
        ]
  return {
    lanes: [caller(message), hubLane(hub, 'puts the list together'), { name, sub: 'of all who offer them' }],
    steps: [asked(message), ...middle, answeredBack(message)],
  }
}
