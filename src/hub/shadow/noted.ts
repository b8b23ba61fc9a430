import { VERSION_211 } from '../../ocpi/dialect-211.ts'
import { membersCalled } from '../../ocpi/json-field.ts'
import type { NewPush } from '../push/push.ts'
import { versionOf } from '../translate/like.ts'

/** A push of a batch that changes what is known of an object. */
export type Noted = {
  /** Its place in the batch. */
  readonly index: number
  /** A later one of the batch says all that it says. */
  readonly isCovered: boolean
  /** Of a Location: it is published, or was by another of the batch. */
  readonly isShown: boolean
}

/** Tokens are asked for only by conversions from 2.1.1, and are by far the most. */
function isNoted({ module, version }: NewPush): boolean {
  return (
    module === 'locations' ||
    module === 'tariffs' ||
    module === 'sessions' ||
    (module === 'tokens' && version === VERSION_211)
  )
}

/** The pushes of a batch that change what is known of objects, in their order. */
export function notedOf(pushes: readonly NewPush[]): readonly Noted[] {
  const shown = new Set<string>()
  const seen = pushes.map((push) => {
    const isShown = push.module === 'locations' && (isPublished(push) || shown.has(push.chainKey))
    if (isShown) shown.add(push.chainKey)
    return isShown
  })
  const covering = new Map<string, string[]>()
  const noted: Noted[] = []
  for (let index = pushes.length - 1; index >= 0; index--) {
    const push = pushes[index] as NewPush
    if (!isNoted(push)) continue
    const paths = covering.get(push.chainKey) ?? []
    const isCovered = paths.some((path) => push.pathKey === path || push.pathKey.startsWith(`${path}/`))
    noted.push({ index, isCovered, isShown: seen[index] as boolean })
    if (push.method !== 'PATCH') covering.set(push.chainKey, [...paths, push.pathKey])
  }
  return noted.reverse()
}

/** Whether a Location says that it may be shown. In 2.1.1 each may. */
export function isPublished({ body, version }: Pick<NewPush, 'body' | 'version'>): boolean {
  if (versionOf({ version }) === VERSION_211) return true
  const member = body && membersCalled(body, 'publish')?.at(-1)
  return member ? body[member.start] === SMALL_T : false
}

/** `true` begins with it, and no other value does. */
const SMALL_T = 0x74
