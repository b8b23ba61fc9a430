import type { NewAgreement } from '../../hub/network/agreement-store.ts'

/** A line of a file of rules that could be read. `id` is null where the file gives none. */
export type RuleLine = { readonly line: number; readonly id: string | null; readonly rule: Omit<NewAgreement, 'id'> }

/** Why a line is refused, in words; a line may have several faults. */
export type LineFault = { readonly line: number; readonly detail: string }

/** What a file of rules comes to. It is taken as a whole: with one fault nothing of it is added. */
export type ImportPlan = {
  /** To be added, in this order. */
  readonly rules: readonly NewAgreement[]
  readonly addedLines: readonly number[]
  /** Lines with an id that is known, or that stands in the file before. */
  readonly knownLines: readonly number[]
  readonly faults: readonly LineFault[]
}

/**
 * Sorts the lines of a file into those to be added, those that are there and those that are refused.
 *
 * @param faultsOf what no single field tells, such as a rule of a party with itself
 */
export function planImport(
  lines: readonly RuleLine[],
  unread: readonly LineFault[],
  knownIds: Iterable<string>,
  newId: () => string,
  faultsOf: (rule: NewAgreement) => readonly string[],
): ImportPlan {
  const known = new Set(knownIds)
  const rules: NewAgreement[] = []
  const addedLines: number[] = []
  const knownLines: number[] = []
  const faults = [...unread]
  for (const { line, id, rule } of lines) {
    if (id !== null && known.has(id)) {
      knownLines.push(line)
      continue
    }
    if (id !== null) known.add(id)
    const added = { id: id ?? newId(), ...rule }
    const wrong = faultsOf(added)
    faults.push(...wrong.map((detail) => ({ line, detail })))
    if (wrong.length > 0) continue
    rules.push(added)
    addedLines.push(line)
  }
  return { rules, addedLines, knownLines, faults: faults.sort((x, y) => x.line - y.line) }
}
