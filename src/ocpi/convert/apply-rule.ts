import { readString } from '../json-members.ts'
import { CLOSE_BRACKET, COMMA, NONE, OPEN_BRACE, OPEN_BRACKET, QUOTE, skipSpace, skipValue } from '../json-skip.ts'
import { textIn } from '../utf8.ts'
import type { CompiledRule, CompiledShape, CompiledTable, Outcome } from './compiled-table.ts'
import { Frame } from './frame.ts'
import { createHand, type Desk } from './hand.ts'
import type { Output } from './output.ts'
import { pointerPart, type Remarks } from './remarks.ts'
import { isSpared } from './rules.ts'

/** What goes through an object by the rules of a table, as far as a single rule needs it. */
export type Rewriting = Desk & {
  readonly table: CompiledTable
  readonly output: Output
  readonly remarks: Remarks
  /** Set when what was just read is not carried. */
  isLeftOut: boolean
  /** Through the object of a frame, to behind it. */
  readonly object: (frame: Frame, depth: number) => number
}

/** Where a member stands: in `{"a": 10}` its name from 1 to 4, its value from 6 on. */
export type Place = { readonly nameStart: number; readonly nameEnd: number; readonly value: number }

/** A member's value, by its rule, to behind it. */
export function applyRule(rewriter: Rewriting, frame: Frame, rule: CompiledRule, place: Place, depth: number): number {
  const { bytes } = rewriter
  const { nameStart, nameEnd, value } = place
  switch (rule.is) {
    case 'rename':
      rewriter.output.replace(nameStart, nameEnd, rule.toBytes)
      frame.targetName = rule.to
      return rule.inner === null ? skipValue(bytes, value, depth) : applyRule(rewriter, frame, rule.inner, place, depth)
    case 'values':
      return bytes[value] === OPEN_BRACKET
        ? list(rewriter, value, (element) => enumerated(rewriter, frame, rule, element, depth + 1, '/*'))
        : enumerated(rewriter, frame, rule, value, depth, '')
    case 'each':
      return bytes[value] === OPEN_BRACKET ? each(rewriter, frame, rule, value, depth) : skipValue(bytes, value, depth)
    case 'one':
      return inner(rewriter, frame, rule.shape, value, depth, false)
    default: {
      const end = skipValue(bytes, value, depth)
      if (end !== NONE) scalarRule(rewriter, frame, rule, value, end)
      return end
    }
  }
}

/** By a rule that has to do with a member's whole text. */
function scalarRule(
  rewriter: Rewriting,
  frame: Frame,
  rule: Extract<CompiledRule, { is: 'drop' | 'withhold' | 'change' | 'make' }>,
  value: number,
  end: number,
): void {
  const { bytes } = rewriter
  switch (rule.is) {
    case 'drop':
      if (isSpared(rule.spares, rewriter.context.settings)) return
      if (says(rewriter, value, end, rule.silent))
        rewriter.note(frame, 'lost', pointerPart(frame.sourceName), rule.reason)
      rewriter.isLeftOut = true
      return
    case 'withhold':
      if (isSpared(rule.spares, rewriter.context.settings)) return
      if (says(rewriter, value, end, [])) rewriter.withhold(frame, rule.reason, rule.what)
      rewriter.isLeftOut = true
      return
    case 'make':
      rule.make(textIn(bytes, value, end), createHand(rewriter, frame, true))
      return
    case 'change': {
      const text = textIn(bytes, value, end)
      const changed = rule.change(text, createHand(rewriter, frame, false))
      if (changed === null) rewriter.isLeftOut = true
      else if (changed !== text) rewriter.output.replaceByText(value, end, changed)
    }
  }
}

function enumerated(
  rewriter: Rewriting,
  frame: Frame,
  { values, byValue }: Extract<CompiledRule, { is: 'values' }>,
  value: number,
  depth: number,
  below: string,
): number {
  const { bytes } = rewriter
  const end = skipValue(bytes, value, depth)
  if (end === NONE) return end
  if (bytes[value] === OPEN_BRACE || bytes[value] === OPEN_BRACKET) {
    if (values.others !== null) rewriter.withhold(frame, values.others, values.what)
    return end
  }
  const outcome: Outcome | undefined =
    bytes[value] === QUOTE ? byValue.find(bytes, value, end) : byValue.find(bytes, value - 1, end + 1)
  if (outcome?.is === 'known') return end
  const { to } = rewriter.table.table
  if (outcome === undefined) {
    if (values.known.length > 0) {
      rewriter.note(frame, 'unknown', `${pointerPart(frame.targetName)}${below}`, `no value of OCPI ${to}`)
    }
    if (values.others !== null) rewriter.withhold(frame, values.others, values.what)
    return end
  }
  if (isSpared(values.spares, rewriter.context.settings)) return end
  if (outcome.is === 'withheld') rewriter.withhold(frame, outcome.reason, values.what)
  else if (outcome.is === 'mapped') {
    rewriter.output.replace(value, end, outcome.to)
    rewriter.note(frame, 'changed', `${pointerPart(frame.targetName)}${below}`, outcome.reason)
  } else {
    if (outcome.reason !== null) {
      rewriter.note(frame, 'lost', `${pointerPart(frame.sourceName)}${below}`, outcome.reason)
    }
    rewriter.isLeftOut = true
  }
  return end
}

function each(
  rewriter: Rewriting,
  frame: Frame,
  rule: Extract<CompiledRule, { is: 'each' }>,
  from: number,
  depth: number,
): number {
  let count = 0
  let withheld = 0
  const end = list(rewriter, from, (element) => {
    count++
    const elementEnd = inner(rewriter, frame, rule.shape, element, depth + 1, true)
    if (rewriter.isLeftOut) withheld++
    return elementEnd
  })
  if (rule.orWithheld !== null && count > 0 && withheld === count) rewriter.withhold(frame, rule.orWithheld, null)
  return end
}

/** An object in another. */
function inner(
  rewriter: Rewriting,
  parent: Frame,
  shape: CompiledShape,
  from: number,
  depth: number,
  isItem: boolean,
): number {
  if (rewriter.bytes[from] !== OPEN_BRACE) return skipValue(rewriter.bytes, from, depth)
  const frame = new Frame(parent, shape, from, true, isItem)
  const end = rewriter.object(frame, depth + 1)
  if (end >= 0 && frame.withheld !== null) {
    rewriter.note(frame, 'withheld', '', frame.withheld)
    rewriter.isLeftOut = true
  }
  return end
}

/** @param element reads one, and may leave it out */
function list(rewriter: Rewriting, from: number, element: (at: number) => number): number {
  const { bytes, output } = rewriter
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  let isEmpty = true
  let carriedTo = from + 1
  for (;;) {
    if (isEmpty && carriedTo > from + 1) output.passTo(at)
    const mark = output.mark()
    const said = rewriter.remarks.count
    const end = element(at)
    if (end < 0) return end
    if (rewriter.isLeftOut) {
      rewriter.isLeftOut = false
      output.goBack(mark)
      rewriter.remarks.keepLosses(said)
      output.copyTo(carriedTo)
      output.passTo(end)
    } else isEmpty = false
    carriedTo = end
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    if (bytes[at] !== COMMA) return NONE
    at = skipSpace(bytes, at + 1)
  }
}

/** Whether a value says anything: it is not null, no empty list, and none of `silent`. */
function says(rewriter: Rewriting, value: number, end: number, silent: readonly string[]): boolean {
  const { bytes } = rewriter
  if (bytes[value] === OPEN_BRACKET && bytes[skipSpace(bytes, value + 1)] === CLOSE_BRACKET) return false
  if (silent.length === 0) return true
  return !silent.includes(readString(bytes, value) ?? textIn(bytes, value, end))
}
