import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { type Partner, routedModules, type WireParty } from '../support/partner.ts'
import { readPage } from './pages.ts'

// What operators give Prometheus and Grafana, held against the metrics of a hub that has something to count.

/** Labels that Prometheus itself puts on what it reads. */
const OF_PROMETHEUS = ['job', 'instance']

type Rule = { readonly alert: string; readonly expr: string; readonly annotations: Readonly<Record<string, string>> }
type Query = { readonly at: string; readonly expr: string; readonly shown: string }

const { groups } = parse(readPage('docs/monitoring/ocpi-hub.rules.yml')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}
const rules = groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(readPage('docs/monitoring/grafana.json')) as {
  readonly panels: readonly {
    readonly id: number
    readonly title: string
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  }[]
}

const queries: readonly Query[] = [
  ...rules.map(({ alert, expr, annotations }) => ({ at: alert, expr, shown: Object.values(annotations).join(' ') })),
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ at: title, expr, shown: legendFormat })),
  ),
]

let hub: TestHub
/** Of each metric the labels of its series. */
const known = new Map<string, Set<string>>()
const kinds = new Set<string>()

beforeAll(async () => {
  hub = await startTestHub({ FAN_OUTS_PER_MINUTE: '1' })
  const cpo = await hub.join({ name: 'cpo', parties: [{ country_code: 'NL', party_id: 'CPO', role: 'CPO' }] })
  const party = { country_code: 'FR', party_id: 'MSX', role: 'EMSP' } as const
  await hub.join({ name: 'emsp', parties: [party], modules: routedModules([party]), versions: ['2.3.0'] })
  await bringAbout(cpo, party)
  const text = await (await fetch(`${hub.url}/metrics`)).text()
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)/gm)) {
    known.set(name, new Set())
    if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) known.set(`${name}_${part}`, new Set())
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{([^}]*)\}/gm))
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.get(name)?.add(label)
  for (const [, kind = ''] of readPage('docs/operators.md').matchAll(/^\| `([a-z-]+)` \|/gm)) kinds.add(kind)
})
afterAll(() => hub.close())

/** A request that fails, a bound that is met, an alarm, a conversion: what has no series before it happened. */
async function bringAbout(cpo: Partner & { readonly platformId: string }, newer: WireParty): Promise<void> {
  const price_components = [{ type: 'ENERGY', price: 0.25, step_size: 1 }]
  const tariff = { id: 'T1', country_code: 'NL', party_id: 'CPO', currency: 'EUR', elements: [{ price_components }] }
  const body = { ...tariff, last_updated: '2026-01-01T00:00:00Z' }
  const put = await cpo.call('tariffs', 'RECEIVER', { method: 'PUT', path: '/NL/CPO/T1', to: newer, body })
  expect(put.statusCode).toBe(1000)
  const list = { method: 'GET', to: { country_code: 'NL', party_id: 'HUB' } }
  for (let n = 0; n < 3; n++) await cpo.call('locations', 'SENDER', list)
  const refuses = cpo.onRequest(() => ({ status: 401 }))
  await hub.admin('POST', `/platforms/${cpo.platformId}/check`)
  refuses()
}

/** Each metric that a query names, with the labels that it asks of it. */
function metricsIn({ expr }: Query): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b((?:ocpi_hub|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', asked = '']) => ({
      name,
      labels: [...asked.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label),
    }),
  )
}

describe('the rules and the dashboard', () => {
  test('are read: each query names a metric', () => {
    expect(rules.length).toBeGreaterThan(10)
    expect(queries.length).toBeGreaterThan(40)
    const without = queries.filter((query) => metricsIn(query).length === 0 && !query.expr.startsWith('up{'))
    expect(without.map(({ at }) => at)).toEqual([])
  })

  test('name only metrics that a hub has, with labels that these have', () => {
    const wrong = queries.flatMap((query) =>
      metricsIn(query).flatMap(({ name, labels }) => {
        const has = known.get(name)
        if (!has) return [`${query.at}: ${name}`]
        return labels
          .filter((label) => !has.has(label) && !OF_PROMETHEUS.includes(label))
          .map((label) => `${query.at}: ${name}{${label}}`)
      }),
    )
    expect(wrong).toEqual([])
  })

  test('add up and show by labels that are there', () => {
    const wrong = queries.flatMap((query) => {
      const there = new Set([...OF_PROMETHEUS, ...metricsIn(query).flatMap(({ name }) => [...(known.get(name) ?? [])])])
      const grouped = [...query.expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/))
      const shown = [...query.shown.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = '']) => label)
      return [...grouped, ...shown].filter((label) => !there.has(label)).map((label) => `${query.at}: ${label}`)
    })
    expect(wrong).toEqual([])
  })

  test('ask for alarms and statuses that there are', () => {
    const asked = (metric: string, label: string) =>
      queries.flatMap(({ expr }) =>
        [...expr.matchAll(new RegExp(`\\b${metric}\\{[^}]*\\b${label}(?:=~|!~|!=|=)"([^"]+)"`, 'g'))].flatMap(
          ([, values = '']) => values.split('|'),
        ),
      )
    const alarms = asked('ocpi_hub_alarms_total', 'kind')
    expect(alarms.filter((kind) => !kinds.has(kind))).toEqual([])
    expect(alarms).toContain('database-away')
    expect(new Set(asked('ocpi_hub_requests_total', 'kind'))).toEqual(new Set(['check']))
    expect(new Set(asked('ocpi_hub_platforms', 'status'))).toEqual(new Set(['OFFLINE']))
  })

  test('are whole: parentheses close, names and panels are told apart', () => {
    for (const { at, expr } of queries) {
      for (const [open = '', close = ''] of ['()', '{}', '[]'].map((pair) => pair.split('')))
        expect(expr.split(open).length, `${at}: ${expr}`).toBe(expr.split(close).length)
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  })
})
