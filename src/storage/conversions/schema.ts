import { bigint, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { ConversionNote } from '../../hub/translate/carriage.ts'
import type { Fate } from '../../ocpi/convert/conversion.ts'
import { moment } from '../columns.ts'

/** From whom, toward whom, between which versions. Platforms are not referenced: they may be gone. */
const counted = () => ({
  /** The platform that it came from; empty of what was counted before that was told apart, and of what is too much to be. */
  source: text('source').notNull().default(''),
  platform: text('platform').notNull(),
  from: text('from_version').notNull(),
  to: text('to_version').notNull(),
  kind: text('kind').notNull(),
  n: bigint('n', { mode: 'number' }).notNull(),
  firstAt: moment('first_at').notNull(),
  lastAt: moment('last_at').notNull(),
  sample: text('sample'),
})

/** How often conversions came to what. */
export const conversionOutcomes = pgTable(
  'conversion_outcomes',
  { ...counted(), outcome: text('outcome').$type<ConversionNote['outcome']>().notNull() },
  (table) => [
    primaryKey({
      name: 'conversion_outcomes_pk',
      columns: [table.platform, table.source, table.from, table.to, table.kind, table.outcome],
    }),
    index('conversion_outcomes_last_at').on(table.lastAt),
    index('conversion_outcomes_source').on(table.source),
  ],
)

/** How often conversions did not carry something as it was. */
export const conversionRemarks = pgTable(
  'conversion_remarks',
  {
    ...counted(),
    fate: text('fate').$type<Fate>().notNull(),
    pointer: text('pointer').notNull(),
    reason: text('reason').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'conversion_remarks_pk',
      columns: [
        table.platform,
        table.source,
        table.from,
        table.to,
        table.kind,
        table.fate,
        table.pointer,
        table.reason,
      ],
    }),
    index('conversion_remarks_last_at').on(table.lastAt),
    index('conversion_remarks_source').on(table.source),
  ],
)
