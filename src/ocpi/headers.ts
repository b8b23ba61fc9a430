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
