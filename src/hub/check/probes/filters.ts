import { formatDateTime, parseDateTime } from '../../../ocpi/timestamp.ts'
import { shown } from '../../registration/partner-client.ts'
import { type Dated, objectKey, withQuery } from '../lists.ts'
import { judgedAs } from '../probe.ts'
import { type Answered, statusCodeOf } from '../reading.ts'
import { counted, fail, judged, pass, quoted, saidOf, skipped, textOf, type Verdict, warn, worst } from '../verdict.ts'
import { judgedList, objectsOf, totalOf } from './first-page.ts'
import { nextOf } from './pages.ts'
import { NEEDS_AN_OBJECT, NEEDS_TWO, type Step } from './step.ts'

const DAY_MS = 24 * 3_600_000

export const LINK_KEEPS_FILTERS: Step = {
  probes: ['link-keeps-filters'],
  calls: 1,
  whyNot: NEEDS_TWO,
  run: async ({ url, module, party, page }, { caller }) => {
    const from = (page.oldest?.at ?? Date.UTC(2015)) - DAY_MS
    const query = { date_from: formatDateTime(from), limit: 1 }
    const reading = await caller.call({ url: withQuery(url, query), module, to: party })
    const verdict = judgedList(reading, (_, answer) => judgeLink(nextOf(answer), url, from))
    return [judgedAs('link-keeps-filters', verdict, reading)]
  },
}

export const DATE_FROM: Step = {
  probes: ['date-from'],
  calls: 1,
  whyNot: NEEDS_AN_OBJECT,
  run: async ({ url, module, party }, { caller, now }) => {
    const from = now() + DAY_MS
    const reading = await caller.call({ url: withQuery(url, { date_from: formatDateTime(from) }), module, to: party })
    const verdict = judgedList(reading, (objects) => {
      // One that is dated ahead of its time does match.
      const outside = objects.filter((object) => (timeOf(object) ?? 0) < from)
      return outside.length === 0
        ? pass('Nothing changed as of tomorrow')
        : fail(`date_from=tomorrow brought ${counted(outside.length, 'object')}`)
    })
    return [judgedAs('date-from', verdict, reading)]
  },
}

/** Two windows around when one object changed: in the first it is, before the end of the second it is not. */
export const DATE_WINDOW: Step = {
  probes: ['date-window'],
  calls: 2,
  whyNot: (list) =>
    NEEDS_AN_OBJECT(list) ?? (list.page.oldest ? null : 'No object has a last_updated that can be read'),
  run: async (list, { caller }) => {
    const { url, module, party, page } = list
    const oldest = page.oldest as Dated
    const second = Math.floor(oldest.at / 1000) * 1000
    const window = (from: number, to: number) =>
      caller.call({
        url: withQuery(url, { date_from: formatDateTime(from), date_to: formatDateTime(to) }),
        module,
        to: party,
      })
    const around = await window(second, second + 1000)
    const before = await window(second - DAY_MS, oldest.at)
    const verdict = worst([
      judgedList(around, (objects, answer) => judgeAround(objects, answer, oldest, second)),
      judgedList(before, (objects) => judgeWithin(objects, second - DAY_MS, oldest.at)),
    ])
    return [judgedAs('date-window', verdict, around, before)]
  },
}

export const BAD_DATE: Step = {
  probes: ['bad-date'],
  calls: 1,
  whyNot: () => null,
  run: async ({ url, module, party }, { caller }) => {
    const reading = await caller.call({ url: withQuery(url, { date_from: 'yesterday' }), module, to: party })
    return [judgedAs('bad-date', judged(reading, judgeBadDate), reading)]
  },
}

function judgeLink(next: string | undefined, own: string, from: number): Verdict {
  if (next === undefined) return skipped('There is no next link')
  if (!URL.canParse(next, own)) return skipped('The next link cannot be read')
  const { searchParams } = new URL(next, own)
  const kept = searchParams.get('date_from')
  if (kept !== null && parseDateTime(kept) === from) return pass('date_from is kept')
  if (kept !== null) return fail(`date_from became ${quoted(kept, 40)}`)
  const hasMore = [...searchParams.keys()].some((name) => name !== 'offset' && name !== 'limit')
  return hasMore
    ? skipped(`The next link goes on by parameters of its own: ${quoted(shown(next))}`)
    : fail('The next link leaves date_from out')
}

function judgeAround(
  objects: readonly Record<string, unknown>[],
  answer: Answered,
  { key, id }: Dated,
  from: number,
): Verdict {
  const within = judgeWithin(objects, from, from + 1000)
  if (within.outcome === 'fail' || objects.some((object) => objectKey(object) === key)) return within
  const isOnOtherPage = nextOf(answer) !== undefined || (totalOf(answer) ?? 0) > objects.length
  return isOnOtherPage ? within : fail(`${quoted(id)} is not found in the second in which it changed`)
}

function judgeWithin(objects: readonly Record<string, unknown>[], from: number, to: number): Verdict {
  const outside = objects.find((object) => {
    const at = timeOf(object)
    return at !== null && (at < from || at >= to)
  })
  return outside
    ? fail(
        `From ${formatDateTime(from)} to ${formatDateTime(to)}, which is not included, brought an object of ${quoted(textOf(outside['last_updated']), 40)}`,
      )
    : pass('Filtered')
}

function judgeBadDate(answer: Answered): Verdict {
  const said = saidOf(answer)
  if (answer.status >= 500) return fail(`date_from=yesterday is answered with ${said}`)
  const objects = objectsOf(answer)
  if (objects) return fail(`date_from=yesterday is answered with ${counted(objects.length, 'object')}`)
  const code = statusCodeOf(answer)
  return code !== null && code >= 2000 && code < 3000
    ? pass(said)
    : warn(`date_from=yesterday is answered with ${said}`)
}

function timeOf({ last_updated: written }: Record<string, unknown>): number | null {
  return typeof written === 'string' ? parseDateTime(written) : null
}
