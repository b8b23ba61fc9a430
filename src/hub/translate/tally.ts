import type { Fate, Kind, Remark } from '../../ocpi/convert/conversion.ts'
import type { Leg } from './leg.ts'

/** What conversions of one message came to, for the message log and, where it wants that, for the caller. */
export type Tally = {
  readonly add: (remarks: readonly Remark[]) => void
  /** An object that is not in the list any more. */
  readonly leftOut: () => void
  /** For the log: `2.3.0 to 2.2.1, 20 tariffs: 29 lost, 1 left out`. */
  readonly inWords: () => string
  /** For the caller: `Not carried to OCPI 2.2.1: /help_phone, /evses/*` and more of the kind; null where all was. */
  readonly losses: () => string | null
  /** For the log, too: what was not carried as it was, each thing once. */
  readonly remarks: () => readonly Remark[]
}

const FATES: readonly Fate[] = ['lost', 'invented', 'changed', 'withheld', 'unknown']

/** OCPI has a `status_message` of this length at most. */
export const LONGEST_MESSAGE = 255

/** Of one message: who reads it in the log wants to know what is missing, not each of a partner's own names. */
const MOST_TOLD = 40

function isSame(one: Remark, other: Remark): boolean {
  return one.pointer === other.pointer && one.fate === other.fate && one.reason === other.reason
}

/** @param kind null where nothing has to be converted */
export function createTally({ from, to }: Pick<Leg, 'from' | 'to'>, kind: Kind | null, isList: boolean): Tally {
  const counts = new Map<Fate, number>()
  const pointers = new Set<string>()
  const said: Remark[] = []
  let objects = 0
  let left = 0

  function add(remarks: readonly Remark[]): void {
    objects++
    for (const remark of remarks) {
      const { fate, pointer } = remark
      counts.set(fate, (counts.get(fate) ?? 0) + 1)
      if (fate === 'lost' || fate === 'withheld') pointers.add(pointer)
      if (said.length < MOST_TOLD && !said.some((each) => isSame(each, remark))) said.push(remark)
    }
  }

  function inWords(): string {
    if (kind === null) return `${from} to ${to}`
    const what = isList ? `${objects + left} of ${kind}` : kind
    const words = FATES.filter((fate) => counts.has(fate)).map((fate) => `${counts.get(fate)} ${fate}`)
    if (left > 0) words.push(`${left} left out`)
    return `${from} to ${to}, ${what}${words.length > 0 ? `: ${words.join(', ')}` : ''}`
  }

  function losses(): string | null {
    const named = [...pointers, ...(left > 0 ? [`${left} objects`] : [])]
    return named.length > 0 ? `Not carried to OCPI ${to}: ${named.join(', ')}` : null
  }

  return { add, leftOut: () => void left++, inWords, losses, remarks: () => said }
}
