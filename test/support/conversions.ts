import type { ConversionNote } from '../../src/hub/translate/carriage.ts'
import { createConversionCounters } from '../../src/runtime/metrics/conversions.ts'
import { addConversions } from '../../src/storage/conversions/counts.ts'
import { openDatabase } from '../../src/storage/database.ts'

/** A tariff that went up without trouble, but for what is given. */
export function conversionNote(parts: Partial<ConversionNote> = {}): ConversionNote {
  return {
    from: '2.2.1',
    to: '2.3.0',
    kind: 'tariff',
    outcome: 'converted',
    remarks: [{ fate: 'invented', pointer: '/tax_included', reason: 'prices are without taxes' }],
    sourceId: 's1',
    platformId: 'p1',
    sample: 'T1',
    ...parts,
  }
}

/** Has a hub's database know of conversions, as if they had been made at `at`. */
export async function storeConversions(databaseUrl: string, notes: readonly ConversionNote[], at = Date.now()) {
  const counters = createConversionCounters(() => at)
  notes.forEach(counters.note)
  const database = openDatabase({ url: databaseUrl, maxConnections: 1 })
  await addConversions(database.orm, counters.take())
  await database.close()
}
