import type { Fate } from '../../ocpi/convert/conversion.ts'
import type { ConversionNote } from './carriage.ts'

// Counts of conversions, by which administrators see what is lost between platforms of unlike versions.

/** What is counted of conversions of one kind from one platform toward another. Texts may hold what partners made up. */
type Counted = {
  /** The platform that it came from; empty where that was not told apart. */
  readonly source: string
  /** The platform that got it; empty as well. */
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
  readonly source: string | null
  readonly platform: string | null
  readonly from: string | null
  readonly to: string | null
  readonly kind: string | null
}

/** How often something was not carried toward one platform as it was, from whatever platforms the filter lets through. */
export type RemarkSum = Omit<RemarkCount, 'source'>

/** How often conversions of one kind toward one platform came to what. */
export type OutcomeSums = Omit<OutcomeCount, 'outcome' | 'n' | 'source'> & {
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
  ) => Promise<RemarkSum[]>
  /** What was not carried as it was of all that a platform sent, in sum over those that got it. */
  readonly sent: (source: string, limit: number) => Promise<Omit<RemarkSum, 'platform'>[]>
  readonly outcomes: (filter: ConversionFilter, offset: number, limit: number) => Promise<OutcomeSums[]>
}
