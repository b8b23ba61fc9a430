import { showParty } from '../../ocpi/party.ts'
import type { Caller } from './caller.ts'
import type { CheckedPlatform } from './check.ts'
import type { List } from './lists.ts'
import type { CheckPorts } from './ports.ts'
import { type Judged, judgedAs, type Place, skipAll, WHOLE_PLATFORM } from './probe.ts'
import { BAD_DATE, DATE_FROM, DATE_WINDOW, LINK_KEEPS_FILTERS } from './probes/filters.ts'
import { probeFirstPage } from './probes/first-page.ts'
import { OBJECT_GET, OBJECT_UNKNOWN } from './probes/objects.ts'
import { BEYOND_END, HUGE_LIMIT, LAST_PAGE, LIMIT_ONE, SECOND_PAGE } from './probes/pages.ts'
import type { ReadList, Step } from './probes/step.ts'
import { skipped } from './verdict.ts'

/** What is asked of each list, what tells most first: where calls run short, the last are left out. */
const STEPS: readonly Step[] = [
  LIMIT_ONE,
  SECOND_PAGE,
  DATE_FROM,
  LINK_KEEPS_FILTERS,
  DATE_WINDOW,
  OBJECT_GET,
  OBJECT_UNKNOWN,
  BAD_DATE,
  LAST_PAGE,
  BEYOND_END,
  HUGE_LIMIT,
]

/** Only locations have a GET of one object at their owner [mod_locations: Sender Interface]. */
const OF_LOCATIONS: ReadonlySet<Step> = new Set([OBJECT_GET, OBJECT_UNKNOWN])

/**
 * Reads the lists. The calls there are go to first pages of all lists, half of them at most; then to all that is asked of one list of each
 * module, step by step, so that none is left out for another; then in the same way to those of further parties.
 */
export async function* probeLists(
  caller: Caller,
  ports: CheckPorts,
  lists: readonly List[],
  platform: CheckedPlatform,
): AsyncGenerator<readonly [Place, Judged], void, undefined> {
  const read: ReadList[] = []
  const mostPages = Math.floor(caller.left() / 2)
  for (const list of lists.slice(0, mostPages)) {
    const place = placeOf(list)
    const probes = probeFirstPage(caller, list, platform)
    let next = await probes.next()
    for (; !next.done; next = await probes.next()) yield [place, next.value]
    if (next.value) read.push({ ...list, page: next.value, next: null })
  }
  const [left] = lists.slice(mostPages)
  if (left) {
    const which = `${lists.length - mostPages} of ${lists.length} lists, that of ${left.module} of ${showParty(left.party)} the first`
    yield [WHOLE_PLATFORM, judgedAs('list-answers', skipped(`The calls of a check do not suffice for ${which}`))]
  }
  const firsts = read.filter((list, i) => read.findIndex(({ module }) => module === list.module) === i)
  yield* stepByStep(caller, ports, firsts)
  yield* stepByStep(
    caller,
    ports,
    read.filter((list) => !firsts.includes(list)),
  )
}

async function* stepByStep(
  caller: Caller,
  { now, mayCall, takesPlainHttp }: CheckPorts,
  lists: readonly ReadList[],
): AsyncGenerator<readonly [Place, Judged], void, undefined> {
  for (const [i, step] of STEPS.entries()) {
    // So that each later step can be made at least once.
    const later = STEPS.slice(i + 1).reduce((sum, { calls }) => sum + calls, 0)
    let isFirst = true
    for (const list of lists) {
      if (!isFor(step, list)) continue
      const needed = step.calls + (isFirst ? 0 : later)
      isFirst = false
      const why =
        step.whyNot(list) ?? (caller.left() < needed ? 'The calls of a check do not suffice for this one' : null)
      const found =
        why === null ? await step.run(list, { caller, now, mayCall, takesPlainHttp }) : skipAll(step.probes, why)
      yield* placed(placeOf(list), found)
    }
  }
}

function isFor(step: Step, { module }: List): boolean {
  return module === 'locations' || !OF_LOCATIONS.has(step)
}

function placeOf({ party, module }: List): Place {
  return { party, module }
}

function* placed(place: Place, found: readonly Judged[]): Iterable<readonly [Place, Judged]> {
  for (const judged of found) yield [place, judged]
}
