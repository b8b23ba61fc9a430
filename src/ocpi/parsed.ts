import { isWebScheme, splitUrl } from './url.ts'

/** What reading unknown data gave: the value, or a problem that names the field, what was expected and what came. */
export type Parsed<T> = { readonly kind: 'ok'; readonly value: T } | Problem

export type Problem = { readonly kind: 'problem'; readonly detail: string }

/** `roles[1].party_id: expected 1 to 3 characters, got 5`. */
export function problem(field: string, expected: string, came: string | number): Problem {
  return { kind: 'problem', detail: `${field}: expected ${expected}, got ${came}` }
}

/** What kind of value came, without its content: that may be long or secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A value that is neither long nor secret: text as it came, otherwise its kind. */
export function show(value: unknown): string {
  return typeof value === 'string' ? quote(value) : kindOf(value)
}

/** Text as it came, in quotes and cut to a length that fits a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

/** What stands where one object is due: some servers answer with it in a list of its own. */
export function soleOf(data: unknown): unknown {
  return Array.isArray(data) && data.length === 1 ? data[0] : data
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The specification's URL type has 255 characters; twice as much is still an honest URL [types: URL]. */
const MAX_URL_CHARACTERS = 512

/** Reads a URL that the hub may be asked to call. Whether it may is decided elsewhere. */
export function parseHttpUrl(field: string, value: unknown): Parsed<string> {
  if (typeof value !== 'string') return problem(field, 'a string', kindOf(value))
  if (value.length > MAX_URL_CHARACTERS) return problem(field, `at most ${MAX_URL_CHARACTERS} characters`, value.length)
  const text = value.trim()
  const { scheme, host } = splitUrl(text)
  if (!isWebScheme(scheme) || !host || !URL.canParse(text)) return problem(field, 'an http or https URL', quote(value))
  return { kind: 'ok', value: text }
}
