import { type Html, html } from './html.ts'
import type { Tone } from './status.ts'

/** Somebody between whom messages go. */
export type Lane = { readonly name: string; readonly sub: string; readonly isHub?: boolean }

/** What happened, in its order. Lanes by their place, from 0. */
export type Step =
  | {
      readonly kind: 'call' | 'answer'
      readonly from: number
      readonly to: number
      readonly text: string
      readonly note: string
      /** Of an answer how it ended. */
      readonly tone?: Tone
    }
  /** It went no further. */
  | { readonly kind: 'stop'; readonly at: number; readonly text: string; readonly note: string }
  /** What follows is a request of its own. */
  | { readonly kind: 'later'; readonly text: string }

const WIDTH = 1000
const TOP = 92
const STEP = 50
const PLACES: Readonly<Record<number, readonly number[]>> = { 2: [200, 800], 3: [130, 500, 870] }
/** Characters that fit between two lanes. */
const MOST_TEXT = 44
const MOST_NAME = 30
/** Classes of the arrows of answers. */
const LINES: Readonly<Record<Tone, string>> = { good: 'back', info: 'back', off: 'back', warn: 'odd', bad: 'fail' }

/** Messages between two or three lanes, one below the other: as a picture, and as a list where the screen is narrow. */
export function sequence(title: string, lanes: readonly Lane[], steps: readonly Step[]): Html {
  return html`${list(lanes, steps)}<div class="seq" tabindex="0" role="region" aria-label="Sequence">${picture(title, lanes, steps)}</div>`
}

function picture(title: string, lanes: readonly Lane[], steps: readonly Step[]): Html {
  const xs = PLACES[lanes.length] ?? []
  const x = (lane: number) => xs[lane] ?? 0
  const height = TOP + steps.length * STEP - 14
  const hub = lanes.findIndex(({ isHub }) => isHub)
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="seq-t"><title id="seq-t">${title}</title>
<path class="lane" d="${xs.map((at) => `M${at} 48V${height - 4}`).join('')}"/>
${busy(steps).map(([first, last]) => html`<rect class="busy" x="${x(hub) - 5}" y="${TOP + first * STEP - 9}" width="10" height="${(last - first) * STEP + 18}" rx="3"/>`)}
${lanes.map(({ name, sub, isHub }, at) => html`<rect class="who${isHub ? ' hub' : ''}" x="${x(at) - 110}" y="8" width="220" height="40" rx="8"/><text x="${x(at)}" y="25" text-anchor="middle" font-weight="600">${cut(name, MOST_NAME)}</text><text class="t3" x="${x(at)}" y="40" text-anchor="middle">${cut(sub, 38)}</text>`)}
${steps.map((step, at) => drawn(step, TOP + at * STEP, x, hub))}</svg>`
}

function drawn(step: Step, y: number, x: (lane: number) => number, hub: number): Html {
  if (step.kind === 'later')
    return html`<path class="lane" d="M20 ${y - 6}H${WIDTH - 20}"/><text class="t2" x="20" y="${y + 11}">${step.text}</text>`
  if (step.kind === 'stop') {
    const at = x(step.at)
    return html`<path class="fail cross" d="M${at + 24} ${y - 7}l14 14m0-14-14 14"/><text class="m failt" x="${at + 50}" y="${y + 1}">${cut(step.text, MOST_TEXT)}</text><text class="t3" x="${at + 50}" y="${y + 16}">${cut(step.note, 60)}</text>`
  }
  const isRight = step.to > step.from
  const edge = (lane: number, side: number) => x(lane) + (lane === hub ? side * 5 : 0)
  const [start, end] = [edge(step.from, isRight ? 1 : -1), edge(step.to, isRight ? -1 : 1)]
  const line = step.kind === 'call' ? 'w' : LINES[step.tone ?? 'good']
  const back = isRight ? -1 : 1
  const [textAt, anchor] = isRight ? [start + 14, 'start'] : [start - 14, 'end']
  const tone = step.kind === 'call' ? '' : ` ${line}t`
  return html`<text class="m${tone}" x="${textAt}" y="${y - 9}" text-anchor="${anchor}">${cut(step.text, MOST_TEXT)}</text><path class="${line}" d="M${start} ${y}H${end + back * 7}"/><path class="${line}h" d="M${end} ${y}l${back * 9}-4.500v9z"/><text class="t3" x="${textAt}" y="${y + 15}" text-anchor="${anchor}">${cut(step.note, 64)}</text>`
}

function list(lanes: readonly Lane[], steps: readonly Step[]): Html {
  const name = (lane: number) => lanes[lane]?.name ?? ''
  return html`<ol class="seqlist">${steps.map((step) => {
    if (step.kind === 'later') return html`<li><span>${step.text}</span></li>`
    if (step.kind === 'stop')
      return html`<li><b>${name(step.at)}</b><span class="outcome bad">${step.text}</span><p>${step.note}</p></li>`
    const is = step.kind === 'call' ? 'mono' : `outcome ${step.tone ?? 'good'}`
    const what = step.kind === 'call' ? (step.text.split(' ')[0] ?? '') : step.text
    const note = step.kind === 'call' ? `${step.text.slice(what.length + 1)} · ${step.note}` : step.note
    return html`<li><b>${name(step.from)} → ${name(step.to)}</b><span class="${is}">${what}</span><p>${note}</p></li>`
  })}</ol>`
}

/** From the first to the last step of each request: so long the hub is at it. */
function busy(steps: readonly Step[]): [first: number, last: number][] {
  const spans: [number, number][] = []
  let first = 0
  steps.forEach((step, at) => {
    if (step.kind === 'later') first = at + 1
    else if (at + 1 === steps.length || steps[at + 1]?.kind === 'later') spans.push([first, at])
  })
  return spans
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
