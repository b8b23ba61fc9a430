/** A metric with all its series, as they stand in Prometheus text. */
type Family = { readonly comments: readonly string[]; readonly type: string; readonly series: Map<string, number> }

/** What every process sees alike, or what is worth knowing of the worst: the highest counts. Everything else adds up. */
const HIGHEST =
  /^(ocpi_hub_(platforms|routing_table_revision)|nodejs_(version_info|eventloop_lag_.+)|process_(start_time_seconds|max_fds))$/

/** Counts that belong to a platform and move on with its queue to the next process. */
const MOVES_ON = /^ocpi_hub_queue_/

/** The metrics of several processes as those of one: series of the same name and labels become one. */
export function mergeMetrics(texts: readonly string[]): string {
  const merged = new Map<string, Family>()
  for (const text of texts) {
    for (const [name, family] of readFamilies(text)) {
      const known = merged.get(name)
      if (!known) {
        merged.set(name, family)
        continue
      }
      const join = HIGHEST.test(name) ? Math.max : (a: number, b: number) => a + b
      for (const [key, value] of family.series) {
        const before = known.series.get(key)
        known.series.set(key, before === undefined ? value : join(before, value))
      }
    }
  }
  return writeFamilies(merged.values())
}

/** What a process that is gone has counted: without it sums would fall, which reads as if all had begun again at 0. */
export function countsOf(text: string): string {
  const families = [...readFamilies(text)]
  const kept = families.filter(
    ([name, { type }]) => (type === 'counter' || type === 'histogram') && !MOVES_ON.test(name),
  )
  return writeFamilies(kept.map(([, family]) => family))
}

/** By name. Expects the comments of a metric before its series, as whoever writes this text puts them. */
function readFamilies(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  let comments: string[] = []
  let series = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, keyword, name = '', type = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? []
    if (keyword === 'HELP') comments = [line]
    else if (keyword === 'TYPE') {
      series = new Map()
      families.set(name, { comments: [...comments, line], type, series })
      comments = []
    } else if (line !== '' && !line.startsWith('#')) {
      const space = line.lastIndexOf(' ')
      series.set(line.slice(0, space), Number(line.slice(space + 1)))
    }
  }
  return families
}

function writeFamilies(families: Iterable<Family>): string {
  const lines: string[] = []
  for (const { comments, series } of families) {
    lines.push(...comments)
    for (const [key, value] of series) lines.push(`${key} ${value}`)
  }
  return lines.map((line) => `${line}\n`).join('')
}
