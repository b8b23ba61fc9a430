import type { ConversionOutcomesView, ConversionRemarkView, PlatformView } from '../views.ts'
import { type Cell, facts, type Screen, type Tone, table } from './screen.ts'
import { ago } from './words.ts'

const TONES: Readonly<Record<ConversionRemarkView['fate'], Tone>> = {
  withheld: 'bad',
  lost: 'warn',
  changed: 'warn',
  invented: 'quiet',
  unknown: 'quiet',
}

export function remarkTable(screen: Screen, remarks: readonly ConversionRemarkView[], now: number): string {
  const rows = remarks.map((one): Cell[] => [
    { text: one.fate, tone: TONES[one.fate] },
    one.kind,
    one.pointer,
    one.reason,
    `${one.from} → ${one.to}`,
    platformOf(one),
    one.count,
    ago(one.last_at, now),
    one.sample ?? '',
  ])
  const heads = ['WHAT', 'KIND', 'MEMBER', 'WHY', 'VERSIONS', 'TO', 'TIMES', 'LAST', 'EXAMPLE']
  return table(screen, heads, rows, ['MEMBER', 'WHY', 'TO', 'EXAMPLE'])
}

export function outcomesTable(screen: Screen, outcomes: readonly ConversionOutcomesView[], now: number): string {
  const rows = outcomes.map((one): Cell[] => [
    `${one.from} → ${one.to}`,
    one.kind,
    platformOf(one),
    one.converted,
    { text: String(one.withheld), tone: one.withheld > 0 ? 'warn' : 'quiet' },
    { text: String(one.failed), tone: one.failed > 0 ? 'bad' : 'quiet' },
    ago(one.last_at, now),
  ])
  return table(screen, ['VERSIONS', 'KIND', 'TO', 'CONVERTED', 'WITHHELD', 'FAILED', 'LAST'], rows, ['TO'])
}

/** How messages are converted for a platform, under the names of the API. */
export function conversionText(screen: Screen, { name, version, conversion }: PlatformView): string {
  return facts(screen, [
    ['platform', { text: name, tone: 'strong' }],
    ['version', version ?? 'not agreed yet'],
    ...Object.entries(conversion).map(([field, value]): [string, Cell] => [field, String(value ?? 'not set')]),
  ])
}

function platformOf({ platform_id, platform_name }: ConversionRemarkView | ConversionOutcomesView): string {
  return platform_name ?? (platform_id === '' ? 'several' : platform_id)
}
