/** One line of the results: what was measured, of what, and the figures as they are to be shown. */
export type Row = {
  readonly measure: string
  readonly what: string
  readonly figures: Readonly<Record<string, string>>
  /** What the figures are to reach, where something was set. */
  readonly goal?: Goal
}

export type Goal = { readonly text: string; readonly isMet: boolean }

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** The value that so great a share of them does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** `median (least–most)` */
export function spread(values: readonly number[], digits: number): string {
  const show = (value: number) => value.toFixed(digits)
  return `${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))})`
}

/** Run by run, so that a run on a slow moment is compared with its neighbour. */
export function ratios(values: readonly number[], yardstick: readonly number[]): number[] {
  return values.map((value, run) => value / (yardstick[run] ?? Number.NaN))
}

/** @param of which figure, where a row has several */
export function atLeast(value: number, bound: number, of = ''): Goal {
  return { text: `${of}≥ ${bound}`, isMet: value >= bound }
}

/** @param of which figure, where a row has several */
export function atMost(value: number, bound: number, of = ''): Goal {
  return { text: `${of}≤ ${bound}`, isMet: value <= bound }
}

/** @param of which figure, where a row has several */
export function below(value: number, bound: number, of = ''): Goal {
  return { text: `${of}< ${bound}`, isMet: value < bound }
}

/** Met when each of them is. */
export function both(...goals: readonly Goal[]): Goal {
  return { text: goals.map((goal) => goal.text).join(' and '), isMet: goals.every((goal) => goal.isMet) }
}

/** A table for people, grouped by measure. */
export function show(rows: readonly Row[]): string {
  const lines: string[] = []
  for (const measure of new Set(rows.map((row) => row.measure))) {
    lines.push('', measure)
    for (const row of rows.filter((candidate) => candidate.measure === measure)) {
      const figures = Object.entries(row.figures).map(([name, value]) => `${name} ${value}`)
      if (row.goal) figures.push(`goal ${row.goal.text}: ${row.goal.isMet ? 'met' : 'not met'}`)
      lines.push(`  ${row.what.padEnd(34)} ${figures.join('   ')}`)
    }
  }
  return `${lines.join('\n').trim()}\n`
}
