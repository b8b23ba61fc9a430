import type { AskSource } from './ask-source.ts'
import type { Identify } from './identify.ts'
import type { PlanSource } from './plan.ts'
import type { SourceFailure, SourcePage, SourceQuery } from './source.ts'

/**
 * How far the planned objects have moved towards the end of a source's list since they were counted; `unknown` where that cannot
 * be told, `no-offset` for a source that begins at its beginning whatever offset it is asked for.
 */
export type Shift = number | 'unknown' | 'no-offset'

/**
 * Finds the shift of a list, the newest objects of which come first: of 120 objects, 3 of which are new since it was counted, the
 * first of those counted stands at offset 3, and so all are read 3 further on. Sources that add at the end are asked for one
 * object more where they have grown, and nothing more where they have not.
 *
 * @param page what the source gave at offset `at`, the first of a range
 */
export function createShift(ports: { readonly askSource: AskSource; readonly identify: Identify }) {
  const { askSource, identify } = ports

  return async function shiftOf(
    query: SourceQuery,
    { said, beginning }: Pick<PlanSource, 'said' | 'beginning'>,
    page: SourcePage,
    at: number,
  ): Promise<Shift | SourceFailure> {
    const grownBy = page.total !== null && said !== null ? Math.max(0, page.total - said) : 0
    const isAgain = at > 0 && beginning !== '' && identify(page, 0) === beginning
    if (grownBy === 0 && !isAgain) return 0
    const first = at === 0 ? identify(page, 0) : await nameAt(0)
    if (typeof first === 'object') return first
    if (first === beginning) return isAgain ? 'no-offset' : 0
    if (grownBy === 0) return 0
    const inPage = grownBy - at
    const moved = inPage >= 0 && inPage < page.objects.length ? identify(page, inPage) : await nameAt(grownBy)
    if (typeof moved === 'object') return moved
    return moved === beginning ? grownBy : 'unknown'

    /** Names the object at an offset. */
    async function nameAt(offset: number): Promise<string | SourceFailure> {
      const found = await askSource(query, offset, 1)
      if (found.kind === 'no-page') return ''
      return found.kind === 'failed' ? found : identify(found, 0)
    }
  }
}
