import { bridges } from '../../ocpi/convert/convert.ts'
import { isAtEdge } from '../network/edge.ts'
import type { Platform } from '../network/routing-table.ts'

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

/** Whether what passes between two platforms goes as it is: they speak one version, and neither stands for all others to the other. */
export function isUntouched(a: Spoken, b: Spoken): boolean {
  return isLike(a, b) && !isAtEdge(a, b)
}

type Spoken = Pick<Platform, 'version' | 'conversion'>
