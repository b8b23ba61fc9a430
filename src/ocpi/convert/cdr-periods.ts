import { writeList, writeObject } from './json-parts.ts'
import { elementsOfText } from './json-text.ts'
import { make, type Rule } from './rules.ts'

const TOTAL_TIME = 'a CDR has at least one period: total_time'

/** Periods one by one. A CDR has at least one: when none is left, one with the time of the whole. */
export const CDR_PERIODS: Rule = make(TOTAL_TIME, ['charging_periods'], (text, hand) => {
  const periods = elementsOfText(text)
  if (periods === null) return hand.put('charging_periods', text)
  const kept = periods.flatMap((period) => hand.convert('charging-period', period, '/charging_periods/*') ?? [])
  if (kept.length === 0 && periods.length > 0) {
    hand.note('invented', '/charging_periods/*', TOTAL_TIME)
    const time = writeObject([
      ['type', '"TIME"'],
      ['volume', hand.text('total_time') ?? '0'],
    ])
    kept.push(
      writeObject([
        ['start_date_time', hand.text('start_date_time')],
        ['dimensions', writeList([time])],
      ]),
    )
  }
  hand.put('charging_periods', writeList(kept))
})
