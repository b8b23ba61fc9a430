import { NONE, OPEN_BRACE, skipMark, skipSpace, skipValue } from '../json-skip.ts'
import type { CompiledShape, CompiledTable } from './compiled-table.ts'
import type { Context, Converted } from './conversion.ts'
import { Frame } from './frame.ts'
import { createHand } from './hand.ts'
import { Output } from './output.ts'
import { Remarks } from './remarks.ts'
import { AMBIGUOUS, Rewriter } from './rewrite.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Values of the object's own members stand so deep. */
const MEMBER_DEPTH = 1

/** One object, by a shape of a table: what has no shape is carried as it is. */
export function rewriteObject(
  table: CompiledTable,
  shapeName: string,
  bytes: Uint8Array,
  isPatch: boolean,
  context: Context,
): Converted {
  const start = skipSpace(bytes, skipMark(bytes))
  const shape = table.shapes.get(shapeName)
  if (bytes[start] !== OPEN_BRACE) return fromBare(table, shape, bytes, start, isPatch, context)
  if (shape === undefined) return isOne(bytes, start) ? { kind: 'converted', bytes, remarks: [] } : NO_JSON
  return (
    rewrite(table, shape, bytes, start, isPatch, context, false) ??
    rewrite(table, shape, bytes, start, isPatch, context, true) ??
    NO_JSON
  )
}

/** Null when it has to be done carefully. */
function rewrite(
  table: CompiledTable,
  shape: CompiledShape,
  bytes: Uint8Array,
  start: number,
  isPatch: boolean,
  context: Context,
  isCareful: boolean,
): Converted | null {
  const rewriter = createRewriter(bytes, start, table, context, isCareful)
  const { output, remarks } = rewriter
  const frame = new Frame(null, shape, start, !isPatch, false)
  const end = rewriter.object(frame, MEMBER_DEPTH)
  if (end === AMBIGUOUS) return null
  if (end === NONE || skipSpace(bytes, end) !== bytes.length) return NO_JSON
  if (frame.withheld !== null) {
    remarks.keepLosses(0)
    if (!remarks.tellsWithheld(frame.withheld)) rewriter.note(frame, 'withheld', '', frame.withheld)
    return { kind: 'withheld', why: frame.withheld, remarks: remarks.all() }
  }
  if (rewriter.needed.size > 0) return { kind: 'needs-rest', members: [...rewriter.needed] }
  return { kind: 'converted', bytes: output.finish(end), remarks: remarks.all() }
}

function createRewriter(
  bytes: Uint8Array,
  start: number,
  table: CompiledTable,
  context: Context,
  isCareful: boolean,
): Rewriter {
  const inner = (shape: string, object: Uint8Array) => rewriteObject(table, shape, object, false, context)
  return new Rewriter(bytes, table, context, new Output(bytes, start), new Remarks(), inner, isCareful)
}

/** What is no object, where a shape can make one of it. */
function fromBare(
  table: CompiledTable,
  shape: CompiledShape | undefined,
  bytes: Uint8Array,
  start: number,
  isPatch: boolean,
  context: Context,
): Converted {
  const ofBare = shape?.shape.ofBare
  if (!isOne(bytes, start)) return NO_JSON
  if (shape === undefined || ofBare === undefined) return NO_OBJECT
  const nothing = createRewriter(NOTHING, 0, table, context, false)
  const text = decoder.decode(bytes.subarray(start))
  const made = ofBare(text, createHand(nothing, new Frame(null, shape, 0, !isPatch, false), false))
  if (made === null || !made.startsWith('{')) return NO_OBJECT
  return rewriteObject(table, shape.name, encoder.encode(made), isPatch, context)
}

function isOne(bytes: Uint8Array, start: number): boolean {
  const end = skipValue(bytes, start, 0)
  return end !== NONE && skipSpace(bytes, end) === bytes.length
}

const NOTHING = new Uint8Array(0)
const NO_JSON: Converted = { kind: 'broken', why: 'it is no JSON' }
const NO_OBJECT: Converted = { kind: 'broken', why: 'it is no object' }
