const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Where the value of a member stands in the text. */
type Span = { readonly start: number; readonly end: number }

/** What the top level of a JSON object holds under one name. */
export type TopLevelString =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'absent' }
  /** The text is no object, or the member is no string. */
  | { readonly kind: 'no-string' }

/** Reads one member of a JSON object without building the object. Of duplicates the last counts, as for `JSON.parse`. */
export function findTopLevelString(text: string, field: string): TopLevelString {
  const spans = memberValues(text, field)
  if (spans === null) return { kind: 'no-string' }
  const last = spans.at(-1)
  if (last === undefined) return { kind: 'absent' }
  if (text.charCodeAt(last.start) !== QUOTE) return { kind: 'no-string' }
  return { kind: 'string', value: JSON.parse(text.slice(last.start, last.end)) as string }
}

/**
 * Replaces one string member of a JSON object and leaves every other character as it was sent: spelling of numbers, white
 * space, unknown members, order. Duplicates are all replaced, so that no reader finds an old value; `previous` is the last
 * one, as for `JSON.parse`. Null when the text is no object or has no such string.
 *
 * The text must be valid JSON.
 */
export function replaceTopLevelString(
  text: string,
  field: string,
  value: string,
): { readonly text: string; readonly previous: string } | null {
  const spans = memberValues(text, field)
  const last = spans?.at(-1)
  if (!spans || !last || text.charCodeAt(last.start) !== QUOTE) return null
  const literal = JSON.stringify(value)
  let replaced = ''
  let copied = 0
  for (const span of spans) {
    replaced += text.slice(copied, span.start) + literal
    copied = span.end
  }
  return {
    text: replaced + text.slice(copied),
    previous: JSON.parse(text.slice(last.start, last.end)) as string,
  }
}

/** The values of every member of that name at the top level of an object; null when the text is no object. */
function memberValues(text: string, field: string): Span[] | null {
  let at = skipSpace(text, 0)
  if (text.charCodeAt(at) !== OPEN_BRACE) return null
  const plainName = JSON.stringify(field)
  const spans: Span[] = []
  at = skipSpace(text, at + 1)
  while (text.charCodeAt(at) === QUOTE) {
    const nameStart = at
    at = skipString(text, at)
    const isField = isName(text, nameStart, at, field, plainName)
    const start = skipSpace(text, skipSpace(text, at) + 1)
    at = skipValue(text, start)
    if (isField) spans.push({ start, end: at })
    at = skipSpace(text, at)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
  return spans
}

function isName(text: string, start: number, end: number, field: string, plainName: string): boolean {
  if (end - start === plainName.length && text.startsWith(plainName, start)) return true
  const name = text.slice(start, end)
  return name.includes('\\') && JSON.parse(name) === field
}

function skipSpace(text: string, from: number): number {
  let at = from
  for (let code = text.charCodeAt(at); code === 0x20 || (code >= 0x09 && code <= 0x0d); code = text.charCodeAt(at)) at++
  return at
}

/** From an opening quote to behind the closing one. */
function skipString(text: string, from: number): number {
  for (let at = from + 1; ; at++) {
    at = text.indexOf('"', at)
    if (at === -1) return text.length
    let first = at
    while (text.charCodeAt(first - 1) === BACKSLASH) first--
    if ((at - first) % 2 === 0) return at + 1
  }
}

function skipValue(text: string, from: number): number {
  let at = from
  let depth = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = skipString(text, at)
      if (depth === 0) return at
      continue
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at
      depth--
      if (depth === 0) return at + 1
    } else if (depth === 0 && (code === COMMA || code <= 0x20)) return at
    at++
  }
  return at
}
