import { and, asc, desc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { ConversionCounts, ConversionFilter } from '../../hub/translate/conversion-counts.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { conversionOutcomes, conversionRemarks } from './schema.ts'

const DEADLINE_MS = 8_000

const { source: _source, ...counted } = getTableColumns(conversionRemarks)

export function createConversionReader(orm: Orm): ConversionCounts {
  const outcomes = conversionOutcomes
  const reader: ConversionCounts = {
    remarks({ fate, ...filter }, offset, limit) {
      const { platform, from, to, kind, pointer, reason } = conversionRemarks
      return orm
        .select(counted)
        .from(conversionRemarks)
        .where(and(...matches(conversionRemarks, filter), fate === null ? undefined : eq(conversionRemarks.fate, fate)))
        .orderBy(
          desc(conversionRemarks.n),
          ...[platform, from, to, kind, conversionRemarks.fate, pointer, reason].map((column) => asc(column)),
        )
        .offset(offset)
        .limit(limit)
    },
    outcomes(filter, offset, limit) {
      const { platform, from, to, kind } = outcomes
      return orm
        .select({
          platform,
          from,
          to,
          kind,
          converted: countOf('converted'),
          withheld: countOf('withheld'),
          failed: countOf('failed'),
          firstAt: sql<number>`min(${outcomes.firstAt})`.mapWith(Number),
          lastAt: sql<number>`max(${outcomes.lastAt})`.mapWith(Number),
          sample: sql<string | null>`(array_agg(${outcomes.sample} order by ${outcomes.lastAt} desc))[1]`,
        })
        .from(outcomes)
        .where(and(...matches(outcomes, filter)))
        .groupBy(platform, from, to, kind)
        .orderBy(desc(sql`sum(${outcomes.n})`), asc(platform), asc(from), asc(to), asc(kind))
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

function matches(
  table: typeof conversionOutcomes | typeof conversionRemarks,
  { platform, from, to, kind }: ConversionFilter,
): (SQL | undefined)[] {
  return [
    platform === null ? undefined : eq(table.platform, platform),
    from === null ? undefined : eq(table.from, from),
    to === null ? undefined : eq(table.to, to),
    kind === null ? undefined : eq(table.kind, kind),
  ]
}
