import type { Remark } from '../../../../src/ocpi/convert/conversion.ts'

// How often each leaf is there, by its pointer with indices as `*` and its value: `/evses/*/uid "3256"` twice.
function leavesOf(value: unknown, at = '', leaves = new Map<string, number>()): Map<string, number> {
  if (Array.isArray(value)) for (const entry of value) leavesOf(entry, `${at}/*`, leaves)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, held] of Object.entries(value)) leavesOf(held, `${at}/${name}`, leaves)
  } else {
    const leaf = `${at} ${JSON.stringify(value)}`
    leaves.set(leaf, (leaves.get(leaf) ?? 0) + 1)
  }
  return leaves
}

/** Pointers of leaves that an object has less often, or not, after it went to another version and came back. */
export function missing(original: unknown, back: unknown): string[] {
  const left = leavesOf(back)
  const pointers = [...leavesOf(original)].flatMap(([leaf, count]) =>
    count > (left.get(leaf) ?? 0) ? [leaf.slice(0, leaf.indexOf(' '))] : [],
  )
  return [...new Set(pointers)].toSorted()
}

/** Names in another version of what stands at a pointer of this one, where a remark is told by them: `/parking_type` is `/type`. */
export type Aliases = Readonly<Record<string, readonly string[]>>

/** Pointers of what is missing although no remark tells of it. */
export function unreported(original: unknown, back: unknown, remarks: readonly Remark[], aliases: Aliases): string[] {
  const told = remarks.filter(({ fate }) => fate !== 'invented').map(({ pointer }) => pointer)
  return missing(original, back).filter((pointer) => {
    const names = [pointer, ...Object.entries(aliases).flatMap(([own, others]) => (covers(own, pointer) ? others : []))]
    return !told.some((pointer) => names.some((name) => covers(pointer, name)))
  })
}

/** Pointers that remarks tell of as lost although all that the object had there came back. What it did not have is nobody's loss. */
export function overtold(original: unknown, back: unknown, remarks: readonly Remark[]): string[] {
  const [had, gone] = [leavesOf(original), missing(original, back)]
  const names = [...had.keys()].map((leaf) => leaf.slice(0, leaf.indexOf(' ')))
  const told = remarks.filter(({ fate }) => fate === 'lost' || fate === 'changed').map(({ pointer }) => pointer)
  return [...new Set(told)].filter(
    (pointer) => names.some((name) => covers(pointer, name)) && !gone.some((name) => covers(pointer, name)),
  )
}

/** Whether something at a pointer is all, or a part, of what is at another. */
export function covers(pointer: string, below: string): boolean {
  return below === pointer || below.startsWith(`${pointer}/`)
}
