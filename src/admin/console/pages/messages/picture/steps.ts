import { bytes, took } from '../../../parts/figures.ts'
import { outcomeOf, shortPath } from '../../../parts/outcome.ts'
import type { Lane, Step } from '../../../parts/sequence.ts'
import type { MessageDetail } from '../../../views.ts'

// What the pictures of all kinds of exchanges are made of.

export const CALLER = 0
export const HUB = 1
export const RECEIVER = 2

export type Picture = { readonly lanes: readonly Lane[]; readonly steps: readonly Step[] }

export function caller({ from_party, from_platform_name, client }: MessageDetail): Lane {
  return {
    name: from_party ?? from_platform_name ?? client ?? 'unknown',
    sub: from_party === null ? '' : (from_platform_name ?? ''),
  }
}

export function hubLane(party: string, sub: string): Lane {
  return { name: 'Hub', sub: sub === '' ? party : `${party} · ${sub}`, isHub: true }
}

export function asked({ method, path, request_bytes, request_id }: MessageDetail): Step {
  return {
    kind: 'call',
    from: CALLER,
    to: HUB,
    text: `${method} …/${shortPath(path)}`,
    note: `${bytes(request_bytes)} · X-Request-ID ${request_id.slice(0, 8)}`,
  }
}

export function answeredBack(message: MessageDetail): Step {
  return {
    kind: 'answer',
    from: HUB,
    to: CALLER,
    ...outcomeOf(message),
    note: `${bytes(message.response_bytes)} · ${took(message.duration_ms)} in all`,
  }
}

export function stopped({ failure, detail }: MessageDetail): Step {
  if (failure === null) return { kind: 'stop', at: HUB, text: 'answered here', note: 'nothing was sent on' }
  return { kind: 'stop', at: HUB, text: `stopped here: ${failure}`, note: detail ?? 'nothing was sent on' }
}

export function pathOf(url: string | null): string {
  return url === null ? '' : (URL.parse(url)?.pathname ?? url)
}
