import { bridges } from '../../ocpi/convert/convert.ts'

/** What pushes and platforms speak that name no version: there was no other when they came. */
const UNNAMED = '2.2.1'

type Version = string | null | undefined

/** The version of a push or platform, as `2.2.1`. */
export function versionOf({ version }: { readonly version?: Version }): string {
  return version ?? UNNAMED
}

/** Whether two speak the same version, so that nothing is to be converted between them. */
export function isLike(a: { readonly version?: Version }, b: { readonly version?: Version }): boolean {
  return a.version === b.version || versionOf(a) === versionOf(b)
}

/** Whether objects of one reach the other: as they are, or converted. */
export function isBridged(from: { readonly version?: Version }, to: { readonly version?: Version }): boolean {
  return isLike(from, to) || bridges(versionOf(from), versionOf(to))
}
