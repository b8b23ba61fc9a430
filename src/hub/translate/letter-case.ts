import { keyOf, type Party } from '../../ocpi/party.ts'

/** Some 3 MB. */
const MOST_KNOWN = 20_000
const LONGEST_ID = 64

/** Whether the id of a location, tariff, session, CDR or token went by last in other letters than these, small for capital. */
export type DiffersInCase = (platformId: string, owner: Party | null, of: string, id: string) => boolean

/**
 * Watches ids of 2.1.1, where letter case tells objects apart. It does in no newer version, nor for the hub: two objects that differ in it alone
 * become one, which their platform has to know. Only of what went by lately is it known.
 */
export function createLetterCase(): DiffersInCase {
  const spelled = new Map<string, string>()

  return (platformId, owner, of, id) => {
    if (id.length > LONGEST_ID) return false
    const key = `${platformId} ${owner ? keyOf(owner) : ''} ${of} ${id.toLowerCase()}`
    const before = spelled.get(key)
    if (before === id) return false
    spelled.set(key, id)
    if (before === undefined && spelled.size > MOST_KNOWN) spelled.delete(spelled.keys().next().value as string)
    return before !== undefined
  }
}
