import { NO_KNOWN_FIELD } from './conversion.ts'
import { readText } from './json-parts.ts'
import { type Check, change, type Hand, type Rule } from './rules.ts'

/*
 * What of a tariff a sum hangs on. A version that lacks it would come to another one, so the whole tariff is withheld: without an element,
 * or without what restricts it, another price holds. A receiver may ask for tariffs all the same, `tariffLoss: 'send'`: then it gets them
 * without what cannot be said, and never an element without its restriction.
 */

/** Shapes that an element of a tariff has in the tables. */
type ElementShape = 'element' | 'tariff-element'

export const NO_SUCH_VALUE = 'no version has this value, and a price is read by it'

/** A member of the tariff that makes sums higher or lower. */
export function changesSum(name: string, reason: string): Rule {
  return change(
    reason,
    (_, hand) => {
      if (hand.settings.tariffLoss !== 'send') hand.withhold(reason)
      hand.note('lost', `/${name}`, reason)
      return null
    },
    { fate: 'withheld', bySetting: [['tariff_loss: send', 'left out']] },
  )
}

/** A restriction that the version does not have. */
export function restrictsBy(name: string, version: string, element: ElementShape): Rule {
  const reason = `OCPI ${version} has no ${name}: without it another price would hold`
  return change(
    reason,
    (_, hand) => {
      withholdElement(hand, reason, element)
      return null
    },
    { fate: 'withheld', bySetting: [['tariff_loss: send', 'withheld with its element alone']] },
  )
}

/** What becomes of names in an element that the version does not know, as they may restrict it. */
export function restrictsByUnknown(version: string, element: ElementShape): (hand: Hand, pointer: string) => void {
  const reason = `OCPI ${version} has no such field: without it another price may hold`
  return (hand, pointer) => {
    hand.note('lost', pointer, NO_KNOWN_FIELD)
    withholdElement(hand, reason, element)
  }
}

/** What becomes of names in a price that the version does not know. */
export function pricesByUnknown(version: string): (hand: Hand, pointer: string) => void {
  const reason = `OCPI ${version} has no such field: without it the price may be another`
  return (hand, pointer) => {
    hand.note('lost', pointer, NO_KNOWN_FIELD)
    if (hand.settings.tariffLoss !== 'send') hand.withhold(reason, 'tariff')
  }
}

function withholdElement(hand: Hand, reason: string, element: ElementShape): void {
  hand.withhold(reason, hand.settings.tariffLoss === 'send' ? element : 'tariff')
}

/** Whether prices have their taxes in them, for a version in which none has. */
export function taxesExcluded(version: string): { readonly rule: Rule; readonly ifAbsent: Check } {
  const reason = `a tariff with taxes in its prices is withheld: OCPI ${version} reads them as excluding VAT`
  const unsaid = `it does not say whether its prices include taxes, and OCPI ${version} reads them as excluding VAT`
  return {
    rule: change(
      reason,
      (text, hand) => {
        if (text === '"N/A"') hand.note('lost', '/tax_included', `OCPI ${version} cannot say that there is no tax`)
        else if (text !== '"NO"')
          hand.withhold(`its prices include taxes, and OCPI ${version} reads them as excluding VAT`)
        return null
      },
      { fate: 'withheld' },
    ),
    ifAbsent: {
      members: ['tax_included'],
      isOfAbsent: true,
      reason: unsaid,
      bySetting: [['tariff_loss: send', 'carried']],
      isWithheld: ({ settings, note }) => {
        if (settings.tariffLoss !== 'send') return true
        note('changed', '/tax_included', unsaid)
        return false
      },
    },
  }
}

/**
 * Why a tariff is not to be said at a moment in a version that knows no validity, and would take it for one that holds always; null: it is.
 *
 * @param moment an OCPI DateTime: now, or of the tariff in a CDR when its session began. Where it is none, nothing is judged by it
 * @param start JSON text, as `end`; null: it has none
 */
export function whyNotAt(moment: string, start: string | null, end: string | null): string | null {
  const at = momentOf(moment)
  const [from, until] = [start, end].map((text) => (text === null ? null : momentOf(readText(text) ?? '')))
  if (Number.isNaN(from) || Number.isNaN(until)) return 'when it holds cannot be read, and OCPI 2.1.1 cannot say it'
  if (typeof until === 'number' && until <= at) return 'it is over, which OCPI 2.1.1 cannot say'
  if (typeof from === 'number' && from > at) return 'it has not begun, which OCPI 2.1.1 cannot say'
  return null
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/i
const ZONED = /(Z|[+-]\d\d:\d\d)$/i

/** In milliseconds since the epoch; NaN: no DateTime. Without a zone it is UTC. */
export function momentOf(dateTime: string): number {
  if (!DATE_TIME.test(dateTime)) return Number.NaN
  return Date.parse(ZONED.test(dateTime) ? dateTime : `${dateTime}Z`)
}
