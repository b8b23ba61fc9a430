import { isObject } from '../../../ocpi/parsed.ts'
import { counted, pass, quoted, skipped, type Verdict, warn } from '../verdict.ts'

/** `NL*ABC*E123`, the separators being optional [mod_locations: EVSE Object]. */
const EMI3 = /^[a-z]{2}\*?[a-z0-9]{3}\*?e[a-z0-9][a-z0-9*]{0,30}$/i
/** Those that are optional. */
const SEPARATORS = /^(..)\*?(...)\*?/

export function judgeEvseIds(locations: readonly Record<string, unknown>[]): Verdict {
  const ids = locations.flatMap(({ evses }) => (Array.isArray(evses) ? evses.filter(isObject).flatMap(idOf) : []))
  if (ids.length === 0) return skipped('No EVSE has an evse_id')
  const odd = ids.filter((id) => !EMI3.test(id))
  if (odd[0] !== undefined)
    return warn(`${counted(odd.length, 'ID')} of ${ids.length} not as eMI3 writes them: ${quoted(odd[0])}`)
  const folded = ids.map((id) => id.toUpperCase().replace(SEPARATORS, '$1$2'))
  const seen = new Set<string>()
  const twice = folded.find((id) => seen.size === seen.add(id).size)
  return twice === undefined ? pass(counted(ids.length, 'ID')) : warn(`${quoted(twice)} is the ID of two EVSEs`)
}

/** One that was removed may have left its ID to another. */
function idOf({ evse_id: id, status }: Record<string, unknown>): string[] {
  return typeof id === 'string' && status !== 'REMOVED' ? [id] : []
}
