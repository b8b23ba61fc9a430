import { headerAll } from '../../../ocpi/headers.ts'
import { findLink } from '../../../ocpi/link.ts'
import { shown } from '../../registration/partner-client.ts'
import { objectKey, withQuery } from '../lists.ts'
import { judgedAs } from '../probe.ts'
import type { Answered } from '../reading.ts'
import { counted, fail, judged, pass, quoted, saidOf, skipped, type Verdict, warn } from '../verdict.ts'
import { judgedList, objectsOf, totalOf } from './first-page.ts'
import { NEEDS_AN_OBJECT, NEEDS_TOTAL, NEEDS_TWO, type ReadList, type Step, type StepPorts } from './step.ts'

/** `limit=1`, and the link that comes with it. */
export const LIMIT_ONE: Step = {
  probes: ['limit-1', 'link-next', 'link-host'],
  calls: 1,
  whyNot: NEEDS_AN_OBJECT,
  run: async (list, ports) => {
    const { url, module, party } = list
    const reading = await ports.caller.call({ url: withQuery(url, { limit: 1 }), module, to: party })
    const target = reading.kind === 'answered' ? nextOf(reading) : undefined
    list.next = target !== undefined && URL.canParse(target, url) ? new URL(target, url).href : null
    return [
      judgedAs('limit-1', judgedList(reading, judgeLimit), reading),
      judgedAs(
        'link-next',
        judgedList(reading, (objects) => judgeNext(objects.length, target, list)),
        reading,
      ),
      judgedAs(
        'link-host',
        list.next === null ? skipped('There is no link') : judgeHost(list.next, url, ports),
        reading,
      ),
    ]
  },
}

export const SECOND_PAGE: Step = {
  probes: ['second-page'],
  calls: 1,
  whyNot: (list) => NEEDS_TWO(list) ?? whyNotFollowed(list),
  run: async ({ next, module, party, page }, { caller }) => {
    const reading = await caller.call({ url: next ?? '', module, to: party })
    const verdict = judgedList(reading, (objects) => {
      const [first] = objects
      if (!first) return fail('The next link leads to an empty page')
      return objectKey(first) === page.keys[0]
        ? fail('The next link leads to the first page again')
        : pass('Other objects')
    })
    return [judgedAs('second-page', verdict, reading)]
  },
}

/** The token goes where the platform announced its list, and nowhere else: not to another host, nor there without TLS. */
function whyNotFollowed({ next, url }: ReadList): string | null {
  if (next === null) return 'There is no link to it'
  const { origin } = new URL(next)
  return origin === new URL(url).origin ? null : `The link leads to ${quoted(origin)}, which is not given the token`
}

export const LAST_PAGE: Step = {
  probes: ['last-page'],
  calls: 1,
  whyNot: (list) => NEEDS_AN_OBJECT(list) ?? NEEDS_TOTAL(list),
  run: async ({ url, module, party, page }, { caller }) => {
    const offset = page.total - 1
    const reading = await caller.call({ url: withQuery(url, { offset }), module, to: party })
    const verdict = judgedList(reading, (objects, answer) => {
      if (nextOf(answer) === undefined) return pass('No link')
      const total = totalOf(answer) ?? page.total
      return offset + objects.length < total
        ? skipped('There are more objects by now')
        : fail(`offset=${offset} of ${total} comes with a next link`)
    })
    return [judgedAs('last-page', verdict, reading)]
  },
}

export const BEYOND_END: Step = {
  probes: ['beyond-end'],
  calls: 1,
  whyNot: NEEDS_TOTAL,
  run: async ({ url, module, party, page }, { caller }) => {
    const offset = page.total + 10
    const reading = await caller.call({ url: withQuery(url, { offset }), module, to: party })
    const verdict = judged(reading, (answer) => {
      const objects = objectsOf(answer)
      if (objects) return objects.length === 0 ? pass('An empty list') : judgeBeyond(objects.length, offset, answer)
      return answer.status >= 500 ? fail(`It answered ${saidOf(answer)}`) : warn(`It answered ${saidOf(answer)}`)
    })
    return [judgedAs('beyond-end', verdict, reading)]
  },
}

export const HUGE_LIMIT: Step = {
  probes: ['huge-limit'],
  calls: 1,
  whyNot: () => null,
  run: async ({ url, module, party }, { caller }) => {
    const reading = await caller.call({ url: withQuery(url, { limit: 100_000 }), module, to: party })
    const verdict = judged(reading, (answer) => {
      if (answer.body.kind === 'too-large') return warn('limit=100000 is answered with more than 5 MB')
      const objects = objectsOf(answer)
      if (objects) return pass(counted(objects.length, 'object'))
      return answer.status >= 500 ? fail(`It answered ${saidOf(answer)}`) : warn(`It answered ${saidOf(answer)}`)
    })
    return [judgedAs('huge-limit', verdict, reading)]
  },
}

/** As written; undefined where there is none. */
export function nextOf({ headers }: Answered): string | undefined {
  return findLink(headerAll(headers, 'link'), 'next')
}

function judgeLimit(objects: readonly unknown[]): Verdict {
  return objects.length <= 1
    ? pass(counted(objects.length, 'object'))
    : fail(`limit=1 brought ${objects.length} objects`)
}

function judgeNext(count: number, target: string | undefined, { page }: ReadList): Verdict {
  if (page.total < 2) return skipped('There are no two objects in the list')
  if (target === undefined) {
    return count >= page.total
      ? skipped('limit=1 brought all objects')
      : fail(`limit=1 of ${page.total} objects comes without a next link`)
  }
  return URL.canParse(target)
    ? pass(quoted(shown(target)))
    : warn(`The next link is ${quoted(shown(target))}, which is not absolute`)
}

function judgeHost(next: string, own: string, { mayCall, takesPlainHttp }: StepPorts): Verdict {
  const [link, list] = [new URL(next), new URL(own)]
  const name = quoted(link.origin)
  if (link.protocol !== 'https:' && (list.protocol === 'https:' || !takesPlainHttp))
    return fail(`The next link leads to ${name}, without https`)
  const verdict = mayCall(next)
  if (!verdict.ok) return fail(`The next link leads to ${name}: ${verdict.why}`)
  return link.host === list.host ? pass(link.host) : warn(`The next link leads to ${name}, the list is at ${list.host}`)
}

/** Some lists grow, or have no total. */
function judgeBeyond(count: number, offset: number, answer: Answered): Verdict {
  const total = totalOf(answer)
  return total !== null && total > offset
    ? skipped('There are more objects by now')
    : fail(`offset=${offset}, which is behind the end, brought ${counted(count, 'object')}`)
}
