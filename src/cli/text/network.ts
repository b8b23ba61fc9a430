import type { ConcernView, NewcomerView, OverviewView } from '../views.ts'
import { type Cell, facts, type Screen, type Tone, table } from './screen.ts'
import { ago, count, span, statusCell } from './words.ts'

const TONES = { bad: ['■', 'bad'], warn: ['▲', 'warn'], info: ['○', 'quiet'] } as const satisfies Readonly<
  Record<ConcernView['tone'], readonly [string, Tone]>
>

/** What needs somebody, one to a line, the worst first. */
export function concernTable(screen: Screen, concerns: readonly ConcernView[], now: number): string {
  const rows = concerns.map(({ kind, tone, why, platform_name, since }): Cell[] => {
    const [shape, paint] = TONES[tone]
    return [{ text: `${shape} ${kind}`, tone: paint }, platform_name, ago(since, now), why]
  })
  return table(screen, ['WHAT', 'PLATFORM', 'SINCE', 'WHY'], rows, ['PLATFORM', 'WHY'])
}

/** The counts of the network: what is not there is left out. */
export function overviewText(screen: Screen, overview: OverviewView): string {
  const { platforms, versions, newcomers, queues, pending_roles } = overview
  const spoken = versions.map(({ version, platforms: n }) => `${n} of ${version}`)
  const some = (n: number, text: string, tone: Tone): Cell => (n === 0 ? null : { text, tone })
  return facts(screen, [
    ['platforms', platforms.total],
    ['connected', platforms.connected],
    ['offline', some(platforms.offline, `■ ${platforms.offline}`, 'bad')],
    ['planned', platforms.planned || null],
    ['suspended', platforms.suspended || null],
    ['OCPI', spoken.length > 1 ? spoken.join(', ') : null],
    ['newcomers', newcomers || null],
    ['roles to confirm', some(pending_roles, `▲ ${pending_roles}`, 'warn')],
    ['queues', queues.total],
    ['waiting', `${queues.waiting} ${queues.waiting === 1 ? 'push' : 'pushes'}`],
    ['behind', some(queues.lagging, `▲ ${count(queues.lagging, 'queue')}`, 'warn')],
    ['paused', some(queues.paused, `▲ ${count(queues.paused, 'queue')}`, 'warn')],
  ])
}

type Steps = NewcomerView['steps']

const STEPS = [
  'named',
  'invited',
  'handshake',
  'check',
  'agreements',
  'live',
] as const satisfies readonly (keyof Steps)[]

const SIGNS: Readonly<Record<Steps['named']['state'], readonly [string, Tone]>> = {
  done: ['✓', 'good'],
  'under-way': ['◐', 'strong'],
  failed: ['■', 'bad'],
  open: ['○', 'quiet'],
  'not-needed': ['–', 'quiet'],
}

function stateCell({ state }: Steps['named']): Cell {
  const [shape, tone] = SIGNS[state]
  return { text: `${shape} ${state}`, tone }
}

/** The first step that is neither done nor unneeded. */
function currentOf({ steps }: NewcomerView) {
  const name = STEPS.find((step) => !['done', 'not-needed'].includes(steps[step].state))
  return name === undefined ? null : { name, ...steps[name] }
}

/** Where each newcomer stands: the step that it is at, and what is missing. */
export function newcomerTable(screen: Screen, newcomers: readonly NewcomerView[], now: number): string {
  const rows = newcomers.map((newcomer): Cell[] => {
    const { platform_name, parties, days, last_heard_at, token_days_left: left } = newcomer
    const current = currentOf(newcomer)
    return [
      platform_name,
      parties.join(', '),
      current?.name ?? 'live',
      stateCell(current ?? newcomer.steps.live),
      days,
      ago(last_heard_at, now),
      left === null ? '' : span(left * 86_400),
      current?.why ?? '',
    ]
  })
  const heads = ['PLATFORM', 'PARTIES', 'STEP', 'STATE', 'DAYS', 'HEARD', 'TOKEN ENDS IN', 'WHY']
  return table(screen, heads, rows, ['PLATFORM', 'PARTIES', 'WHY'])
}

/** The way of one newcomer, step by step. */
export function newcomerText(screen: Screen, newcomer: NewcomerView, now: number): string {
  const { platform_name, status, parties, steps, handshake_id, last_heard_at, token_days_left: left } = newcomer
  const rows = STEPS.map((name): Cell[] => [
    name,
    stateCell(steps[name]),
    ago(steps[name].at, now),
    steps[name].why ?? '',
  ])
  const about = facts(screen, [
    ['platform', { text: platform_name, tone: 'strong' }],
    ['status', statusCell(status)],
    ['parties', parties.join(', ')],
    ['last heard', ago(last_heard_at, now)],
    ['token ends in', left === null ? '' : span(left * 86_400)],
    ['newest handshake', handshake_id],
  ])
  return about + table(screen, ['STEP', 'STATE', 'SINCE', 'WHY'], rows, ['WHY'])
}
