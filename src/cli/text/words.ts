import type { Cell, Tone } from './screen.ts'

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** How long, in one unit: `40 s`, `12 min`, `3 h`, `5 d`. */
export function span(seconds: number): string {
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`
  }
  return `${Math.max(0, Math.floor(seconds))} s`
}

/** How long ago a moment of the API is; empty for none. */
export function ago(at: string | null, now: number): string {
  return at === null ? '' : `${span((now - Date.parse(at)) / 1000)} ago`
}

/** How far off a moment is, `in 29 d`, or `over` once it is past. */
export function until(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000
  return seconds > 0 ? `in ${span(seconds)}` : 'over'
}

/** `2026-11-29 06:44:02`, of UTC. */
export function moment(at: string | null): string {
  return at === null ? '' : at.slice(0, 19).replace('T', ' ')
}

/** `06:44:02.894`, of UTC. */
export function clock(at: string): string {
  return at.slice(11, 23)
}

export function partyText({ country_code, party_id }: { country_code: string; party_id: string }): string {
  return `${country_code}-${party_id}`
}

const STATUSES: Readonly<Record<string, readonly [string, Tone]>> = {
  CONNECTED: ['●', 'good'],
  OFFLINE: ['■', 'bad'],
  PLANNED: ['○', 'quiet'],
  SUSPENDED: ['–', 'quiet'],
}

/** A status with its shape, since a colour alone tells nothing to many. */
export function statusCell(status: string): Cell {
  const [shape, tone] = STATUSES[status] ?? ['▲', 'warn']
  return { text: `${shape} ${status}`, tone }
}

/** `3 platforms`, `1 platform`. */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : what.endsWith('s') ? '' : 's'}`
}
