/**
 * A name as the most lenient reader compares it, letters and digits only: `Response-URL`, `responseUrl` and `re\u017fponse_url` are all
 * `responseurl`. Readers in Go and C# ignore letter case, in Unicode too (`\u017f` is an s, `\u212a` a k); naming policies ignore
 * what parts words, PHP writes blanks and dots as underscores, and some decoders leave out what they cannot read.
 */
export function foldName(name: string): string {
  const plain = BEYOND_ASCII.test(name) ? name.normalize('NFKD').toUpperCase() : name
  return plain.toLowerCase().replace(NO_PART_OF_A_NAME, '')
}

const BEYOND_ASCII = /[^\0-\x7f]/
const NO_PART_OF_A_NAME = /[^a-z0-9]+/g

/**
 * Which of these names, given in their folded form, some reader takes a name for; -1 for none. `a[]` and `a[0]` are a list named `a` to
 * readers of queries, and to readers in C a name ends at a NUL.
 */
export function findSpelling(name: string, folded: readonly string[]): number {
  const found = folded.indexOf(foldName(name))
  return found === -1 && CUT.test(name) ? folded.indexOf(foldName(name.replace(CUT, ''))) : found
}

/** Names as they are written, and as `findSpelling` wants them. */
export type Sought = { readonly names: readonly string[]; readonly folded: readonly string[] }

/** Made once for names that are looked for again and again. */
export function soughtNames(names: readonly string[]): Sought {
  return { names, folded: names.map(foldName) }
}

const CUT = /[[\0].*$/s
