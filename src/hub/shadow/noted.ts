import { DEFAULT_CONVERSION } from '../../ocpi/convert/conversion.ts'
import { convertObject } from '../../ocpi/convert/convert.ts'
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
  /** Platforms of 2.1.1 may have it: it can be told them, or could by another of the batch. */
  readonly isShown: boolean
  /** Which of the batch said what cannot be told them any more, in a row up to this one; null: none did. */
  readonly hiddenBy: number | null
  /** Whether it is hidden since before where it was before the batch. */
  readonly isHiddenAsBefore: boolean
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
  const states = new Map<string, Pick<Noted, 'isShown' | 'hiddenBy' | 'isHiddenAsBefore'>>()
  const seen = pushes.map((push, index) => {
    if (!isNoted(push)) return UNSAID
    const before = states.get(push.chainKey) ?? UNSAID
    const state = stateAfter(before, isTellable(push), index)
    states.set(push.chainKey, state)
    return state
  })
  const covering = new Map<string, string[]>()
  const noted: Noted[] = []
  for (let index = pushes.length - 1; index >= 0; index--) {
    const push = pushes[index] as NewPush
    if (!isNoted(push)) continue
    const paths = covering.get(push.chainKey) ?? []
    const isCovered = paths.some((path) => push.pathKey === path || push.pathKey.startsWith(`${path}/`))
    noted.push({ index, isCovered, ...(seen[index] as Omit<Noted, 'index' | 'isCovered'>) })
    if (push.method !== 'PATCH') covering.set(push.chainKey, [...paths, push.pathKey])
  }
  return noted.reverse()
}

const UNSAID = { isShown: false, hiddenBy: null, isHiddenAsBefore: true }

function stateAfter(
  { isShown, hiddenBy, isHiddenAsBefore }: Pick<Noted, 'isShown' | 'hiddenBy' | 'isHiddenAsBefore'>,
  isTold: boolean | null,
  index: number,
) {
  if (isTold === null) return { isShown, hiddenBy, isHiddenAsBefore }
  if (isTold) return { isShown: true, hiddenBy: null, isHiddenAsBefore: false }
  return { isShown, hiddenBy: hiddenBy ?? index, isHiddenAsBefore }
}

/** Whether what a push makes of its object can be told platforms of 2.1.1; null: it says nothing of that. */
function isTellable(push: NewPush): boolean | null {
  const { module, method, pathKey, body, version, at, owner } = push
  if (body === null || pathKey.includes('/')) return null
  if (module === 'locations') {
    const says = method !== 'PATCH' || (membersCalled(body, 'publish')?.length ?? 0) > 0
    return says ? isPublished(push) : null
  }
  if (module !== 'tariffs' || method !== 'PUT') return null
  try {
    const context = { ...AS_SET_FOR_ALL, owner, now: () => new Date(at).toISOString() }
    const { kind } = convertObject(body, TARIFF, versionOf({ version }), VERSION_211, context)
    return kind === 'broken' ? null : kind === 'converted'
  } catch {
    // Storing pushes does not hang on it.
    return null
  }
}

const TARIFF = { kind: 'tariff', isPatch: false } as const
const AS_SET_FOR_ALL = { settings: DEFAULT_CONVERSION, sourceSettings: DEFAULT_CONVERSION, counterpart: null }

/** Whether a Location says that it may be shown. In 2.1.1 each may. */
export function isPublished({ body, version }: Pick<NewPush, 'body' | 'version'>): boolean {
  if (versionOf({ version }) === VERSION_211) return true
  const member = body && membersCalled(body, 'publish')?.at(-1)
  return member ? body[member.start] === SMALL_T : false
}

/** `true` begins with it, and no other value does. */
const SMALL_T = 0x74
