import { readMembers, readString } from '../json-members.ts'
import { CLOSE_BRACE, COMMA, NONE, SMALL_N, skipColon, skipSpace, skipString, skipValue } from '../json-skip.ts'
import { applyRule, type Place, type Rewriting } from './apply-rule.ts'
import type { CompiledTable, Entry } from './compiled-table.ts'
import { type Context, type Fate, NO_KNOWN_FIELD } from './conversion.ts'
import type { Frame } from './frame.ts'
import { createHand, type Desk } from './hand.ts'
import type { Mark, Output } from './output.ts'
import { pointerPart, type Remarks } from './remarks.ts'
import { isSpared } from './rules.ts'

/** In place of an end: an object names something twice that has a rule. It is begun anew, carefully. */
export const AMBIGUOUS = -3

/**
 * Through one object by the rules of a table, each byte of it once: what has no rule is copied as it is. Every method that reads takes
 * where something begins and gives where it ends, `NONE` or `AMBIGUOUS`.
 */
export class Rewriter implements Rewriting {
  readonly bytes: Uint8Array
  readonly table: CompiledTable
  readonly context: Context
  readonly output: Output
  readonly remarks: Remarks
  readonly rewriteInner: Desk['rewriteInner']
  /** Members of a PATCH that can only be converted with the whole object. */
  readonly needed = new Set<string>()
  /** Each object is looked through before, for which of several members of one name counts: the last, as for `JSON.parse`. */
  readonly #isCareful: boolean
  readonly #isUp: boolean
  readonly #keepsExtras: boolean
  isLeftOut = false

  constructor(
    bytes: Uint8Array,
    table: CompiledTable,
    context: Context,
    output: Output,
    remarks: Remarks,
    rewriteInner: Desk['rewriteInner'],
    isCareful: boolean,
  ) {
    this.bytes = bytes
    this.table = table
    this.context = context
    this.output = output
    this.remarks = remarks
    this.rewriteInner = rewriteInner
    this.#isCareful = isCareful
    this.#isUp = table.table.direction === 'up'
    this.#keepsExtras = context.settings.extras === 'keep'
  }

  /** @param frame of an object that begins with a brace */
  object(frame: Frame, depth: number): number {
    const { bytes } = this
    const lasts = this.#isCareful ? this.#lastsOf(frame, depth) : null
    let at = skipSpace(bytes, frame.from + 1)
    if (bytes[at] !== CLOSE_BRACE) {
      for (;;) {
        const nameEnd = skipString(bytes, at)
        const value = nameEnd === NONE ? NONE : skipColon(bytes, nameEnd)
        if (value === NONE) return NONE
        const entry = frame.shape.entries.find(bytes, at, nameEnd)
        const end =
          entry === undefined
            ? this.#unknownMember(frame, at, value, depth)
            : this.#member(frame, entry, lasts, { nameStart: at, nameEnd, value }, depth)
        if (end < 0) return end
        at = skipSpace(bytes, end)
        if (bytes[at] === CLOSE_BRACE) break
        if (bytes[at] !== COMMA) return NONE
        at = skipSpace(bytes, at + 1)
      }
    }
    this.#close(frame)
    return at + 1
  }

  /** Adds a member to the target's object. */
  put(frame: Frame, name: string, text: string): void {
    const { output } = this
    output.copyTo(frame.carriedTo)
    output.writeText(frame.isEmpty ? '' : ',')
    output.writeText(JSON.stringify(name))
    output.writeText(':')
    output.writeText(text)
    frame.isEmpty = false
    const invention = frame.shape.inventions.findIndex(([invented]) => invented === name)
    if (invention !== -1) frame.filled |= 1 << invention
  }

  /** An arrow, since hands pass it on. */
  readonly need = (member: string): void => {
    this.needed.add(member)
  }

  /** Notes what an object, or the nearest one of a shape around it, is not said for. The first reason counts. */
  withhold(frame: Frame, reason: string, what: string | null): void {
    let withheld = frame
    while (what !== null && withheld.shape.name !== what && withheld.parent !== null) withheld = withheld.parent
    withheld.withheld ??= reason
  }

  note(frame: Frame, fate: Fate, pointer: string, reason: string): void {
    this.remarks.add(fate, `${frame.pointer(fate === 'lost')}${pointer}`, reason)
  }

  /** What is invented and asked when all members have been seen. */
  #close(frame: Frame): void {
    const { inventions, checks } = frame.shape
    for (const [i, [name, { invent, reason, isInPatch }]] of inventions.entries()) {
      if ((frame.filled & (1 << i)) !== 0 || !(frame.isWhole || isInPatch)) continue
      const text = invent(createHand(this, frame, false))
      if (text === null) continue
      this.put(frame, name, text)
      this.note(frame, 'invented', pointerPart(name), reason)
    }
    for (const { bits, members, isOfAbsent, isWithheld, reason } of checks) {
      const isThere = (frame.checks & bits) !== 0
      const isDue = members.length === 0 || (isOfAbsent ? frame.isWhole && !isThere : isThere)
      if (isDue && isWithheld(createHand(this, frame, false))) this.withhold(frame, reason, null)
    }
  }

  /** A name that has no entry: of no rule, and not of the target's version either, where that is known. */
  #unknownMember(frame: Frame, nameStart: number, value: number, depth: number): number {
    const end = skipValue(this.bytes, value, depth)
    if (end === NONE) return NONE
    const isNull = this.bytes[value] === SMALL_N
    if (isNull && this.#isUp && frame.isWhole) return this.#leaveOut(frame, end)
    if (frame.shape.isOpen || this.#keepsExtras) return this.#carry(frame, nameStart, end)
    if (!isNull) {
      const name = pointerPart(readString(this.bytes, nameStart) ?? '')
      const { ofUnknown } = frame.shape.shape
      if (ofUnknown) ofUnknown(createHand(this, frame, false), name)
      else this.note(frame, 'lost', name, NO_KNOWN_FIELD)
    }
    return this.#leaveOut(frame, end)
  }

  #member(frame: Frame, entry: Entry, lasts: Int32Array | null, place: Place, depth: number): number {
    const { rule, standsBehind } = entry
    const { nameStart, value } = place
    if (entry.needsRest && !frame.isWhole) this.needed.add(entry.name)
    if (rule !== null || standsBehind !== null) {
      if (lasts === null && (frame.sees(entry) || standsBehind !== null)) return AMBIGUOUS
      if (lasts !== null && (lasts[entry.index] !== nameStart || this.#isBehind(frame, entry, lasts))) {
        const end = skipValue(this.bytes, value, depth)
        return end === NONE ? NONE : this.#leaveOut(frame, end)
      }
    }
    if (this.bytes[value] === SMALL_N) return this.#nullMember(frame, entry, place, depth)
    frame.checks |= entry.checked
    if (rule === null) {
      const end = skipValue(this.bytes, value, depth)
      if (end === NONE) return NONE
      frame.filled |= entry.filled
      return this.#carry(frame, nameStart, end)
    }
    frame.sourceName = frame.targetName = entry.name
    if (frame.isEmpty && frame.hasGap) this.output.passTo(nameStart)
    const mark = this.output.mark()
    const said = this.remarks.count
    const end = applyRule(this, frame, rule, place, depth)
    if (end < 0) return end
    if (this.isLeftOut) return this.#goBack(frame, mark, said, end)
    if (rule.is === 'make') return this.#leaveOut(frame, end)
    frame.filled |= entry.filled
    return this.#carry(frame, nameStart, end)
  }

  /** Null says of a whole object that there is nothing, and in a PATCH may clear what was there. */
  #nullMember(frame: Frame, entry: Entry, { nameStart, nameEnd, value }: Place, depth: number): number {
    const { rule } = entry
    const end = skipValue(this.bytes, value, depth)
    if (end === NONE) return NONE
    const isNeedless = frame.isWhole && (this.#isUp || entry.filled !== 0 || rule?.is === 'make')
    const hasNoPlace =
      rule?.is === 'withhold' ||
      (rule?.is === 'drop' && !isSpared(rule.spares, this.context.settings)) ||
      (entry.isForeign && !this.#keepsExtras)
    if (isNeedless || hasNoPlace) return this.#leaveOut(frame, end)
    if (rule?.is === 'make') {
      if (frame.isEmpty && frame.hasGap) this.output.passTo(nameStart)
      for (const name of rule.gives) this.put(frame, name, 'null')
      return this.#leaveOut(frame, end)
    }
    if (rule?.is === 'rename') {
      if (frame.isEmpty && frame.hasGap) this.output.passTo(nameStart)
      this.output.replace(nameStart, nameEnd, rule.toBytes)
    }
    return this.#carry(frame, nameStart, end)
  }

  /** Where the last member of each entry's name begins; -1 where there is none. */
  #lastsOf({ from, shape }: Frame, depth: number): Int32Array {
    const { bytes } = this
    const lasts = new Int32Array(shape.size).fill(-1)
    readMembers(bytes, from, (nameStart, nameEnd, value) => {
      const entry = shape.entries.find(bytes, nameStart, nameEnd)
      if (entry !== undefined) lasts[entry.index] = nameStart
      return skipValue(bytes, value, depth)
    })
    return lasts
  }

  /** Whether what is made of another member takes this one's name in the target. */
  #isBehind(frame: Frame, { name, standsBehind }: Entry, lasts: Int32Array): boolean {
    if (standsBehind === null || !standsBehind.some((index) => lasts[index] !== -1)) return false
    this.note(frame, 'lost', pointerPart(name), 'something else is called so')
    return true
  }

  #carry(frame: Frame, nameStart: number, end: number): number {
    if (frame.isEmpty) {
      if (frame.hasGap) this.output.passTo(nameStart)
      frame.isEmpty = false
    }
    frame.carriedTo = end
    return end
  }

  #leaveOut(frame: Frame, end: number): number {
    this.output.copyTo(frame.carriedTo)
    this.output.passTo(end)
    if (frame.isEmpty) frame.hasGap = true
    frame.carriedTo = end
    return end
  }

  #goBack(frame: Frame, mark: Mark, said: number, end: number): number {
    this.isLeftOut = false
    this.output.goBack(mark)
    this.remarks.keepLosses(said)
    return this.#leaveOut(frame, end)
  }
}
