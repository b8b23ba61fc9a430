/** One series: its labels, `platform="p1",kind="x"` or nothing, and its value. */
export type Series = readonly [labels: string, value: number]

/** A metric with all its series, as Prometheus reads it. */
export function metricText(name: string, type: 'gauge' | 'counter', help: string, series: readonly Series[]): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
  for (const [labels, value] of series) lines.push(labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`)
  return `${lines.join('\n')}\n`
}
