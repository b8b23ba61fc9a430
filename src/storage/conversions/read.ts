import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm'
import type { ConversionCounts, ConversionFilter } from '../../hub/translate/conversion-counts.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { conversionOutcomes, conversionRemarks } from './schema.ts'

const DEADLINE_MS = 8_000

export function createConversionReader(orm: Orm): ConversionCounts {
  const outcomes = conversionOutcomes
  const remarks = conversionRemarks
  const { platform, from, to, kind, pointer, reason } = remarks
  const ofRemarks = [from, to, kind, remarks.fate, pointer, reason]
  const sums = { n: sql<number>`sum(${remarks.n})`.mapWith(Number), ...timesOf(remarks) }
  const reader: ConversionCounts = {
    remarks({ fate, ...filter }, offset, limit) {
      const keys = [platform, ...ofRemarks]
      return orm
        .select({ platform, from, to, kind, fate: remarks.fate, pointer, reason, ...sums })
        .from(remarks)
        .where(and(...matches(remarks, filter), fate === null ? undefined : eq(remarks.fate, fate)))
        .groupBy(...keys)
        .orderBy(desc(sums.n), ...keys.map((column) => asc(column)))
        .offset(offset)
        .limit(limit)
    },
    sent(source, limit) {
      return orm
        .select({ from, to, kind, fate: remarks.fate, pointer, reason, ...sums })
        .from(remarks)
        .where(eq(remarks.source, source))
        .groupBy(...ofRemarks)
        .orderBy(desc(sums.n), ...ofRemarks.map((column) => asc(column)))
        .limit(limit)
    },
    outcomes(filter, offset, limit) {
      const keys = [outcomes.platform, outcomes.from, outcomes.to, outcomes.kind]
      return orm
        .select({
          platform: outcomes.platform,
          from: outcomes.from,
          to: outcomes.to,
          kind: outcomes.kind,
          converted: countOf('converted'),
          withheld: countOf('withheld'),
          failed: countOf('failed'),
          ...timesOf(outcomes),
        })
        .from(outcomes)
        .where(and(...matches(outcomes, filter)))
        .groupBy(...keys)
        .orderBy(desc(sql`sum(${outcomes.n})`), ...keys.map((column) => asc(column)))
        .offset(offset)
        .limit(limit)
    },
  }
  return withDeadline(reader, DEADLINE_MS)
}

function countOf(outcome: 'converted' | 'withheld' | 'failed'): SQL<number> {
  const { n, outcome: column } = conversionOutcomes
  return sql<number>`coalesce(sum(${n}) filter (where ${column} = ${outcome}), 0)`.mapWith(Number)
}

/** Of all rows of a sum: the first time, the last, and the example that came last. */
function timesOf({ firstAt, lastAt, sample }: typeof conversionOutcomes | typeof conversionRemarks) {
  return {
    firstAt: sql<number>`min(${firstAt})`.mapWith(Number),
    lastAt: sql<number>`max(${lastAt})`.mapWith(Number),
    sample: sql<string | null>`(array_agg(${sample} order by ${lastAt} desc) filter (where ${sample} is not null))[1]`,
  }
}

function matches(
  table: typeof conversionOutcomes | typeof conversionRemarks,
  { source, platform, from, to, kind }: ConversionFilter,
): (SQL | undefined)[] {
  return [
    source === null ? undefined : eq(table.source, source),
    platform === null ? undefined : eq(table.platform, platform),
    from === null ? undefined : eq(table.from, from),
    to === null ? undefined : eq(table.to, to),
    kind === null ? undefined : eq(table.kind, kind),
  ]
}
