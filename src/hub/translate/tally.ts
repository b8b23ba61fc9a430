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
}

const FATES: readonly Fate[] = ['lost', 'invented', 'changed', 'withheld', 'unknown']

/** OCPI has a `status_message` of this length at most. */
export const LONGEST_MESSAGE = 255

/** @param kind null where nothing has to be converted */
export function createTally({ from, to }: Pick<Leg, 'from' | 'to'>, kind: Kind | null, isList: boolean): Tally {
  const counts = new Map<Fate, number>()
  const pointers = new Set<string>()
  let objects = 0
  let left = 0

  function add(remarks: readonly Remark[]): void {
    objects++
    for (const { fate, pointer } of remarks) {
      counts.set(fate, (counts.get(fate) ?? 0) + 1)
      if (fate === 'lost' || fate === 'withheld') pointers.add(pointer)
    }
  }

  function inWords(): string {
    if (kind === null) return `${from} to ${to}`
    const what = isList ? `${objects + left} of ${kind}` : kind
    const said = FATES.filter((fate) => counts.has(fate)).map((fate) => `${counts.get(fate)} ${fate}`)
    if (left > 0) said.push(`${left} left out`)
    return `${from} to ${to}, ${what}${said.length > 0 ? `: ${said.join(', ')}` : ''}`
  }

  function losses(): string | null {
    const said = [...pointers, ...(left > 0 ? [`${left} objects`] : [])]
    return said.length > 0 ? `Not carried to OCPI ${to}: ${said.join(', ')}` : null
  }

  return { add, leftOut: () => void left++, inWords, losses }
}
