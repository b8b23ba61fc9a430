import { COMMA, OPEN_BRACE } from '../json-skip.ts'

/*
 * What converting costs hangs on how many things there are, not on their bytes: a megabyte of `{},{},{}` is a third of a million objects, and
 * would hold everybody else for seconds. No partner has that much to say in so little; an object of OCPI takes a hundred bytes and more.
 */

/** Shorter texts are converted in no time, whatever is in them. */
const SHORT_BYTES = 32 * 1024
/** The shortest object inside another is `{"type":"TIME","volume":1}`, and never stands without its period. */
const LEAST_NESTED_BYTES = 24
const LEAST_ELEMENT_BYTES = 6

/** Whether an object consists of more pieces than its length could hold if they said anything. */
export function isAllCrumbs(object: Uint8Array): boolean {
  const { length } = object
  if (length <= SHORT_BYTES) return false
  let objects = 0
  let elements = 0
  for (let at = 0; at < length; at++) {
    const byte = object[at]
    if (byte === COMMA) elements++
    else if (byte === OPEN_BRACE) objects++
  }
  return objects * LEAST_NESTED_BYTES > length || elements * LEAST_ELEMENT_BYTES > length
}

/** Lists of up to so many objects are converted, however short they are. */
const FEW = 2_000
const LEAST_LISTED_BYTES = 64

/** Whether so many objects of a list in so many bytes say next to nothing each. */
export function areCrumbs(objects: number, bytes: number): boolean {
  return objects > FEW && objects * LEAST_LISTED_BYTES > bytes
}

export const CRUMBS = 'it holds more objects than its length could tell anything of'
