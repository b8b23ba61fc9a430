import type { Now } from '../../hub/ports.ts'
import type { ConversionNote, NoteConversion } from '../../hub/translate/carriage.ts'
import type { ConversionsCounted, OutcomeCount, RemarkCount } from '../../hub/translate/conversion-counts.ts'
import { NO_KNOWN_FIELD, type Remark } from '../../ocpi/convert/conversion.ts'

/** Remarks on conversions of one kind from one platform toward another that are told apart: tables of rules make some 40, partners make up more. */
const MOST_OF_ONE = 200
/** Of them names that partners make up, so that who makes up many leaves room for what rules say of others' objects. */
const MOST_MADE_UP_OF_ONE = 50
/** What may wait for a database that is away: about 10 MB. */
const MOST_REMARKS = 20_000
const MOST_MADE_UP = 5_000
const MOST_LEDGERS = 20_000
const LONGEST_TEXT = 200
const LONGEST_SAMPLE = 64

/** In whose place those are counted that there is no room for. */
const OTHER_REMARK: Remark = { fate: 'unknown', pointer: '', reason: 'more than are counted one by one' }
const OTHER_PLATFORMS = ''

type Open<Count> = { -readonly [Field in keyof Count]: Count[Field] }

/** Between which platforms and versions, and of what. */
type Between = Pick<RemarkCount, 'platform' | 'source' | 'from' | 'to' | 'kind'>

/** Conversions of one kind from one platform toward another. */
type Ledger = {
  readonly of: Between
  readonly outcomes: Map<ConversionNote['outcome'], Open<OutcomeCount>>
  /** By pointer: of one there are few. */
  readonly remarks: Map<string, Open<RemarkCount>[]>
  distinct: number
  madeUp: number
}

type Times = Pick<RemarkCount, 'n' | 'firstAt' | 'lastAt' | 'sample'>

export type ConversionCounters = {
  readonly note: NoteConversion
  /** Adds what was counted elsewhere, or could not be stored. */
  readonly add: (counted: ConversionsCounted) => void
  readonly isEmpty: () => boolean
  /** All that was counted; counting begins anew. */
  readonly take: () => ConversionsCounted
}

/** Counts what conversions did, bounded in whatever partners make up. */
export function createConversionCounters(now: Now): ConversionCounters {
  let ledgers = new Map<string, Ledger>()
  let remarks = 0
  let madeUp = 0

  function ledgerOf({ platform, source, from, to, kind }: Between): Ledger {
    const key = `${from} ${to} ${kind} ${source} ${platform}`
    const known = ledgers.get(key)
    if (known) return known
    if (ledgers.size >= MOST_LEDGERS && (platform !== OTHER_PLATFORMS || source !== OTHER_PLATFORMS))
      return ledgerOf({ platform: OTHER_PLATFORMS, source: OTHER_PLATFORMS, from, to, kind })
    const of = { platform, source, from, to, kind }
    const ledger = { of, outcomes: new Map(), remarks: new Map(), distinct: 0, madeUp: 0 }
    ledgers.set(key, ledger)
    return ledger
  }

  function countOutcome(ledger: Ledger, outcome: ConversionNote['outcome'], times: Times): void {
    const sum = ledger.outcomes.get(outcome)
    if (sum) add(sum, times)
    else ledger.outcomes.set(outcome, { ...ledger.of, outcome, ...times })
  }

  function countRemark(ledger: Ledger, remark: Remark, times: Times): void {
    const pointer = plain(remark.pointer, LONGEST_TEXT)
    const reason = plain(remark.reason, LONGEST_TEXT)
    const ofPointer = ledger.remarks.get(pointer)
    const sum = ofPointer?.find((one) => one.fate === remark.fate && one.reason === reason)
    if (sum) return add(sum, times)
    const isMadeUp = reason === NO_KNOWN_FIELD
    const isFull =
      ledger.distinct >= MOST_OF_ONE ||
      remarks >= MOST_REMARKS ||
      (isMadeUp && (ledger.madeUp >= MOST_MADE_UP_OF_ONE || madeUp >= MOST_MADE_UP))
    if (isFull && remark !== OTHER_REMARK) return countRemark(ledger, OTHER_REMARK, times)
    const first = { ...ledger.of, fate: remark.fate, pointer, reason, ...times }
    if (ofPointer) ofPointer.push(first)
    else ledger.remarks.set(pointer, [first])
    ledger.distinct += 1
    remarks += 1
    if (isMadeUp) {
      ledger.madeUp += 1
      madeUp += 1
    }
  }

  return {
    note({ from, to, kind, outcome, remarks: all, sourceId: source, platformId: platform, sample }) {
      const at = now()
      const times = { n: 1, firstAt: at, lastAt: at, sample: sample === null ? null : plain(sample, LONGEST_SAMPLE) }
      const ledger = ledgerOf({ platform, source, from, to, kind })
      countOutcome(ledger, outcome, times)
      for (const remark of all) countRemark(ledger, remark, times)
    },
    add({ outcomes, remarks: all }) {
      for (const { n, firstAt, lastAt, sample, ...of } of outcomes)
        countOutcome(ledgerOf(of), of.outcome, { n, firstAt, lastAt, sample })
      for (const { n, firstAt, lastAt, sample, fate, pointer, reason, ...of } of all)
        countRemark(ledgerOf(of), { fate, pointer, reason }, { n, firstAt, lastAt, sample })
    },
    isEmpty: () => ledgers.size === 0,
    take() {
      const taken = [...ledgers.values()]
      ledgers = new Map()
      remarks = madeUp = 0
      return {
        outcomes: taken.flatMap((ledger) => [...ledger.outcomes.values()]),
        remarks: taken.flatMap((ledger) => [...ledger.remarks.values()].flat()),
      }
    },
  }
}

function add(sum: Open<Times>, { n, firstAt, lastAt, sample }: Times): void {
  sum.n += n
  sum.firstAt = Math.min(sum.firstAt, firstAt)
  sum.lastAt = Math.max(sum.lastAt, lastAt)
  sum.sample ??= sample
}

/** Cut, and without what a database cannot hold or a page cannot show: partners may have made it up. */
function plain(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text
  return cut.isWellFormed() && !/\p{Cc}/u.test(cut) ? cut : cut.toWellFormed().replace(/\p{Cc}/gu, '\uFFFD')
}
