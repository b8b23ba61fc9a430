import type { Fate } from '../../ocpi/convert/conversion.ts'
import type { ConversionNote } from './carriage.ts'

// Counts of conversions, by which administrators see what is lost between platforms of unlike versions.

/** What is counted of conversions of one kind toward one platform. Texts may hold what partners made up. */
type Counted = {
  readonly platform: string
  readonly from: string
  readonly to: string
  readonly kind: string
  readonly n: number
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  readonly lastAt: number
  /** The id of an object that it happened to; null where none has one. */
  readonly sample: string | null
}

/** One thing that was not carried as it was. */
export type RemarkCount = Counted & { readonly fate: Fate; readonly pointer: string; readonly reason: string }

export type OutcomeCount = Counted & { readonly outcome: ConversionNote['outcome'] }

export type ConversionsCounted = {
  readonly remarks: readonly RemarkCount[]
  readonly outcomes: readonly OutcomeCount[]
}

export const NOTHING_CONVERTED: ConversionsCounted = { remarks: [], outcomes: [] }

/** Null leaves a filter out. */
export type ConversionFilter = {
  readonly platform: string | null
  readonly from: string | null
  readonly to: string | null
  readonly kind: string | null
}

/** How often conversions of one kind toward one platform came to what. */
export type OutcomeSums = Omit<OutcomeCount, 'outcome' | 'n'> & {
  readonly converted: number
  readonly withheld: number
  readonly failed: number
}

/** Where counts are read, most frequent first. */
export type ConversionCounts = {
  readonly remarks: (
    filter: ConversionFilter & { readonly fate: Fate | null },
    offset: number,
    limit: number,
  ) => Promise<RemarkCount[]>
  readonly outcomes: (filter: ConversionFilter, offset: number, limit: number) => Promise<OutcomeSums[]>
}
