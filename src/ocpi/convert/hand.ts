import { isName, readMembers, readString } from '../json-members.ts'
import { NONE, skipValue } from '../json-skip.ts'
import { bytesOf, textIn } from '../utf8.ts'
import type { Context, Converted, Fate } from './conversion.ts'
import type { Frame } from './frame.ts'
import type { Hand } from './rules.ts'

/** What rewrites an object, as far as a hand needs it. */
export type Desk = {
  readonly bytes: Uint8Array
  readonly context: Context
  readonly put: (frame: Frame, name: string, json: string) => void
  readonly need: (member: string) => void
  readonly withhold: (frame: Frame, reason: string, what: string | null) => void
  readonly note: (frame: Frame, fate: Fate, pointer: string, reason: string) => void
  /** An object of its own, by a shape of the same table. */
  readonly rewriteInner: (shape: string, bytes: Uint8Array) => Converted
}

/** What a function of a rule has to do with. @param canPut whether it makes members of its own */
export function createHand(desk: Desk, frame: Frame, canPut: boolean): Hand {
  const { bytes, context } = desk

  /** Looked for anew each time: rules ask seldom, and of objects that are small. */
  function valueOf(name: string): { readonly start: number; readonly end: number } | null {
    let found: { start: number; end: number } | null = null
    const end = readMembers(bytes, frame.from, (nameStart, nameEnd, start) => {
      const valueEnd = skipValue(bytes, start, DEPTH)
      if (isName(bytes, nameStart, nameEnd, name)) found = { start, end: valueEnd }
      return valueEnd
    })
    return end === NONE ? null : found
  }

  function text(name: string): string | null {
    const place = valueOf(name)
    const found = place && textIn(bytes, place.start, place.end)
    return found === 'null' ? null : found
  }

  function string(name: string): string | null {
    const place = valueOf(name)
    return place && readString(bytes, place.start)
  }

  function put(name: string, json: string): void {
    if (!canPut) throw new Error(`${frame.shape.name}: only what makes members may put ${name}`)
    desk.put(frame, name, json)
  }

  function convert(shape: string, json: string, pointer: string | null): string | null {
    const converted = desk.rewriteInner(shape, bytesOf(json))
    if (pointer !== null && 'remarks' in converted) {
      for (const remark of converted.remarks)
        desk.note(frame, remark.fate, `${pointer}${remark.pointer}`, remark.reason)
    }
    return converted.kind === 'converted' ? textIn(converted.bytes, 0, converted.bytes.length) : null
  }

  return {
    context,
    settings: context.settings,
    isPatch: !frame.isWhole,
    text,
    string,
    put,
    need: desk.need,
    note: (fate, pointer, reason) => desk.note(frame, fate, pointer, reason),
    withhold: (reason, what) => desk.withhold(frame, reason, what ?? null),
    convert,
  }
}

/** Objects of rules stand a few levels deep: what they hold may be nested as deep as anything, less that. */
const DEPTH = 16
