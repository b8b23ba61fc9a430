/**
 * Headers as a flat list of names and values in the order they came, the way HTTP carries them: repeated names stay
 * repeated, values stay single strings. `['Accept', 'application/json', 'X-Request-ID', '1']`.
 */
export type Headers = readonly string[]

/** The first value of a header, by its lower-case name. */
export function header(headers: Headers, lowerName: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return headers[i + 1]
  }
  return undefined
}

/** Every value of a header, by its lower-case name. */
export function headerAll(headers: Headers, lowerName: string): string[] {
  const values: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) values.push(headers[i + 1] as string)
  }
  return values
}

/** Headers that a request can have once only: who is calling and who is meant, and how its body is to be read. */
const SINGLE: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-type',
  'ocpi-to-country-code',
  'ocpi-to-party-id',
  'ocpi-from-country-code',
  'ocpi-from-party-id',
])

/** Whether a request can have a header, by its lower-case name, once only. */
export function isSingle(lowerName: string): boolean {
  return SINGLE.has(lowerName)
}

/** The value of a header that can be there once only, by its lower-case name; undefined also where it comes with different ones. */
export function singleHeader(headers: Headers, lowerName: string): string | undefined {
  let only: string | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue
    if (only !== undefined && only !== headers[i + 1]) return undefined
    only = headers[i + 1]
  }
  return only
}

/**
 * The name of a header that a request can have once only and that it has with different values; null when there is none. Receivers differ
 * in which one they take. Letter case and white space around tell nothing apart.
 */
export function contradicted(headers: Headers): string | null {
  for (let i = 2; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.length < SHORTEST || name.length > LONGEST || !FIRST_LETTERS.includes(name[0] as string)) continue
    const lower = name.toLowerCase()
    if (SINGLE.has(lower) && !isSameText(header(headers, lower) as string, headers[i + 1] as string)) return name
  }
  return null
}

/** Of the names in `SINGLE`. Every message is looked through. */
const SHORTEST = 12
const LONGEST = 22
const FIRST_LETTERS = 'acoACO'

function isSameText(a: string, b: string): boolean {
  return a === b || a.trim().toLowerCase() === b.trim().toLowerCase()
}
