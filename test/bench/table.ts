/** One line of the results: what was measured, of what, and the figures as they are to be shown. */
export type Row = {
  readonly measure: string
  readonly what: string
  readonly figures: Readonly<Record<string, string>>
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
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

/** A table for people, grouped by measure. */
export function show(rows: readonly Row[]): string {
  const lines: string[] = []
  for (const measure of new Set(rows.map((row) => row.measure))) {
    lines.push('', measure)
    for (const row of rows.filter((candidate) => candidate.measure === measure)) {
      const figures = Object.entries(row.figures).map(([name, value]) => `${name} ${value}`)
      lines.push(`  ${row.what.padEnd(34)} ${figures.join('   ')}`)
    }
  }
  return `${lines.join('\n').trim()}\n`
}
