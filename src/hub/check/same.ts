import { isObject } from '../../ocpi/parsed.ts'
import { parseDateTime } from '../../ocpi/timestamp.ts'

/** Deeper than any object of OCPI; and differences enough to tell some. */
const DEEPEST = 30
const FOUND_MOST = 100

/** Names that are there more than once, in the order of their second time. A partner may list as many as fit into an answer. */
export function repeated(names: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.size === seen.add(name).size)
}

/** How an object that came back differs from what it should be. */
export type Differences = {
  /** Paths of values that are others: `evses[0].status`. */
  readonly other: readonly string[]
  /** Paths of what is not there. */
  readonly lost: readonly string[]
}

/**
 * Compares all that `expected` has with `got`, which may have more. Members without a value are not there; the order of members, the letter
 * case of texts, and how a moment is written (`.000`, `Z`, without fractions of a second) tell nothing apart.
 */
export function differences(expected: unknown, got: unknown): Differences {
  const other: string[] = []
  const lost: string[] = []
  compare(expected, got, '', 0)
  return { other, lost }

  function compare(a: unknown, b: unknown, path: string, depth: number): void {
    if (isNothing(a) || depth > DEEPEST || other.length + lost.length >= FOUND_MOST) return
    if (isNothing(b)) lost.push(path)
    else if (Array.isArray(a)) {
      if (!Array.isArray(b) || b.length !== a.length) other.push(path)
      else for (const [i, each] of a.entries()) compare(each, b[i], `${path}[${i}]`, depth + 1)
    } else if (isObject(a)) {
      if (!isObject(b)) other.push(path)
      else
        for (const [name, value] of Object.entries(a))
          compare(value, b[name], path === '' ? name : `${path}.${name}`, depth + 1)
    } else if (!isSame(a, b)) other.push(path)
  }
}

/** An empty list is as good as none. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'string' || typeof b !== 'string') return false
  const [at, other] = [parseDateTime(a), parseDateTime(b)]
  if (at === null || other === null) return a.toUpperCase() === b.toUpperCase()
  return Math.abs(at - other) < 1_000
}
