import type { HandshakeView, RefusedCallView } from '../views.ts'
import { type Cell, type Screen, type Tone, table } from './screen.ts'
import { moment } from './words.ts'

const TONES: Readonly<Record<HandshakeView['outcome'], Tone>> = {
  registered: 'good',
  'under-way': 'quiet',
  refused: 'bad',
  unreachable: 'bad',
  'answer-lost': 'warn',
  abandoned: 'warn',
}

/** @param names of the platforms, or the addresses, of the attempts in their order */
export function handshakeTable(screen: Screen, attempts: readonly HandshakeView[], names: readonly string[]): string {
  const rows = attempts.map(({ id, started_at, led_by, step, outcome, why }, i): Cell[] => [
    moment(started_at),
    names[i] ?? '',
    led_by,
    step === null ? '' : `${step}`,
    { text: outcome, tone: TONES[outcome] },
    why?.title ?? '',
    id,
  ])
  return table(screen, ['AT', 'WITH', 'LED BY', 'STEP', 'OUTCOME', 'WHY', 'ID'], rows, ['WITH', 'WHY'])
}

/** Each call of an attempt in a line, then what it came to and what helps. */
export function handshakeText(screen: Screen, { calls, outcome, step, why }: HandshakeView): string {
  const rows = calls.map((call): Cell[] => [
    call.step === null ? '' : String(call.step),
    call.direction === 'in' ? '←' : '→',
    call.method,
    call.url,
    statusesOf(call),
    `${Math.round(call.ms)} ms`,
    call.detail ?? call.failure ?? '',
  ])
  const at = step === null ? '' : ` at step ${step}`
  const ending = outcome === 'registered' || outcome === 'under-way' ? outcome : `${outcome}${at}`
  const advice = why === null ? [] : [[why.title], [`Advice: ${why.advice}`]]
  return [
    table(
      screen,
      Array.from({ length: 7 }, () => ''),
      rows,
    ),
    table({ ...screen, columns: null }, [''], [[{ text: ending, tone: TONES[outcome] }], ...advice]),
  ].join('')
}

function statusesOf({ http_status, ocpi_status }: HandshakeView['calls'][number]): Cell {
  const isGood = http_status >= 200 && http_status < 300 && (ocpi_status === null || ocpi_status < 2000)
  const text = http_status === 0 ? 'no answer' : [http_status, ocpi_status].filter((one) => one !== null).join(' ')
  return { text, tone: isGood ? 'good' : 'bad' }
}

export function refusedCallTable(screen: Screen, calls: readonly RefusedCallView[]): string {
  const rows = calls.map(({ at, address, method, path, http_status, fingerprint, why }): Cell[] => [
    moment(at),
    address,
    method,
    path,
    { text: String(http_status), tone: 'bad' },
    fingerprint,
    why.title,
  ])
  return table(screen, ['AT', 'FROM', '', 'PATH', 'HTTP', 'TOKEN', 'WHY'], rows, ['PATH', 'WHY'])
}
