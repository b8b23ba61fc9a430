import { header } from '../../../ocpi/headers.ts'
import { isObject, kindOf } from '../../../ocpi/parsed.ts'
import { keyOf, partyKey } from '../../../ocpi/party.ts'
import { parseDateTime } from '../../../ocpi/timestamp.ts'
import type { Caller } from '../caller.ts'
import type { CheckedPlatform, ProbeName } from '../check.ts'
import { type Dated, type FirstPage, type List, objectKey } from '../lists.ts'
import { type Judged, judgedAs, skipAll } from '../probe.ts'
import { type Answered, isGood, type Reading } from '../reading.ts'
import { judgeSchema } from '../schema/judge-schema.ts'
import { shapeOf } from '../schema/shapes.ts'
import { counted, fail, judged, pass, quoted, saidOf, skipped, textOf, type Verdict, warn } from '../verdict.ts'
import { judgeEvseIds } from './evse-ids.ts'

/** Probes that look at the objects of the first page. */
const OF_OBJECTS: readonly ProbeName[] = ['schema', 'ownership', 'last-updated-order']

const FUTURE_MS = 60_000

/** Reads a list as anybody would, without parameters. Returns what is in it; null where that cannot be known. */
export async function* probeFirstPage(
  caller: Caller,
  list: List,
  platform: CheckedPlatform,
): AsyncGenerator<Judged, FirstPage | null, undefined> {
  const reading = await caller.call({ url: list.url, module: list.module, to: list.party })
  yield judgedAs('list-answers', judged(reading, judgeAnswer), reading)
  const ofObjects = list.module === 'locations' ? [...OF_OBJECTS, 'evse-ids' as const] : OF_OBJECTS
  if (reading.kind !== 'answered' || !isGood(reading)) return null
  const data = reading.envelope?.data
  const objects = Array.isArray(data) ? data.filter(isObject) : []
  yield judgedAs('data-shape', judgeShape(data), reading)
  yield judgedAs('total-count', judgeTotal(reading, objects.length), reading)
  yield judgedAs('x-limit', judgeLimit(reading), reading)
  if (objects.length === 0) {
    yield* skipAll(ofObjects, 'There is no object in it', reading)
    return Array.isArray(data)
      ? { total: totalOf(reading) ?? 0, isTotalSaid: isTotalSaid(reading, 0), count: 0, keys: [], oldest: null }
      : null
  }
  yield judgedAs('schema', judgeObjects(data as readonly unknown[], list, platform), reading)
  yield judgedAs('ownership', judgeOwners(objects, list, platform), reading)
  yield judgedAs('last-updated-order', judgeTimes(objects, reading), reading)
  if (list.module === 'locations') yield judgedAs('evse-ids', judgeEvseIds(objects), reading)
  return {
    total: Math.max(totalOf(reading) ?? 0, objects.length),
    isTotalSaid: isTotalSaid(reading, objects.length),
    count: objects.length,
    keys: objects.map(objectKey),
    oldest: oldestOf(objects),
  }
}

function judgeObjects(objects: readonly unknown[], { module }: List, { version }: CheckedPlatform): Verdict {
  const shape = shapeOf(module, version)
  return shape
    ? judgeSchema(objects, shape, version)
    : skipped(`The hub does not judge objects of OCPI ${version} by themselves`)
}

function judgeAnswer(answer: Answered): Verdict {
  const size = answer.body.kind === 'too-large'
  if (size) return warn('One page is larger than 5 MB: nothing of it was judged', 'Give fewer objects a page.')
  if (!isGood(answer)) return fail(`It answered ${saidOf(answer)}`)
  const { data } = answer.envelope ?? {}
  return pass(Array.isArray(data) ? counted(data.length, 'object') : 'Answered')
}

function judgeShape(data: unknown): Verdict {
  if (!Array.isArray(data)) return fail(`The data is ${kindOf(data)}`)
  const other = data.find((entry) => !isObject(entry))
  return other === undefined ? pass('A list') : fail(`In the list is ${kindOf(other)} where an object should be`)
}

/** X-Total-Count; null when it is no number. */
export function totalOf({ headers }: Answered): number | null {
  const text = header(headers, 'x-total-count')?.trim()
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null
}

function isTotalSaid(answer: Answered, count: number): boolean {
  const total = totalOf(answer)
  return total !== null && total >= count
}

function judgeTotal(answer: Answered, count: number): Verdict {
  const text = header(answer.headers, 'x-total-count')
  const total = totalOf(answer)
  if (text === undefined) return fail('X-Total-Count is missing')
  if (total === null) return fail(`X-Total-Count is ${quoted(text, 20)}`)
  return total < count
    ? fail(`X-Total-Count is ${total} with ${counted(count, 'object')} in the page`)
    : pass(String(total))
}

function judgeLimit({ headers }: Answered): Verdict {
  const text = header(headers, 'x-limit')
  if (text === undefined) return warn('X-Limit is missing')
  return /^\d{1,12}$/.test(text.trim()) ? pass(quoted(text, 20)) : warn(`X-Limit is ${quoted(text, 20)}`)
}

function judgeOwners(objects: readonly Record<string, unknown>[], { party }: List, platform: CheckedPlatform): Verdict {
  const own = keyOf(party)
  const hosted = new Set(platform.parties.map(keyOf))
  const owners = objects.map(({ country_code: country, party_id: id }) => partyKey(textOf(country), textOf(id)))
  const strangers = owners.filter((owner) => !hosted.has(owner))
  if (strangers[0] !== undefined) {
    return fail(
      `${counted(strangers.length, 'object')} of ${quoted(strangers[0], 20)}, which this platform does not have`,
    )
  }
  const others = owners.filter((owner) => owner !== own)
  return others[0] === undefined
    ? pass(`All of ${own}`)
    : warn(`${counted(others.length, 'object')} of ${others[0]}, a party of this platform that was not asked`)
}

function judgeTimes(objects: readonly Record<string, unknown>[], { sentAt, ms }: Answered): Verdict {
  const latest = sentAt + ms + FUTURE_MS
  const ahead = objects.filter(({ last_updated: at }) => typeof at === 'string' && (parseDateTime(at) ?? 0) > latest)
  const [first] = ahead
  return first
    ? warn(
        `${counted(ahead.length, 'object')} changed in the future: last_updated of ${quoted(idOf(first))} is ${quoted(textOf(first['last_updated']), 40)}`,
      )
    : pass('None in the future')
}

function oldestOf(objects: readonly Record<string, unknown>[]): Dated | null {
  let oldest: Dated | null = null
  for (const object of objects) {
    const { last_updated: written } = object
    const at = typeof written === 'string' ? parseDateTime(written) : null
    if (at !== null && (oldest === null || at < oldest.at))
      oldest = { key: objectKey(object), id: idOf(object), at, object }
  }
  return oldest
}

function idOf({ id, uid }: Record<string, unknown>): string {
  return textOf(id ?? uid)
}

/** The objects of an answer that has a list; null for any other. */
export function objectsOf(answer: Answered): readonly Record<string, unknown>[] | null {
  const data = answer.envelope?.data
  return isGood(answer) && Array.isArray(data) ? data.filter(isObject) : null
}

export function judgedList(
  reading: Reading,
  judge: (objects: readonly Record<string, unknown>[], answer: Answered) => Verdict,
): Verdict {
  return judged(reading, (answer) => {
    const objects = objectsOf(answer)
    return objects ? judge(objects, answer) : fail(`It answered ${isGood(answer) ? 'no list' : saidOf(answer)}`)
  })
}
