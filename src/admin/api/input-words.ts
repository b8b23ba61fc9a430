import type { z } from '@hono/zod-openapi'

type Issue = z.core.$ZodRawIssue

/** What is expected where a value is of another type, by the names that the schema library has for types. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'an ID such as 0b0c6a5e-8f1d-4c39-9d0e-2f6b7a8c9d10',
  datetime: 'a moment such as 2026-11-22T20:29:00Z',
  url: 'a URL such as https://ocpi.example.com/path',
  email: 'an e-mail address such as ada@hub.example',
}

/** What is counted of values that have a size. */
const UNITS: Readonly<Record<string, readonly [one: string, several: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
}

const AS_DESCRIBED = 'what the description of the API says'

/**
 * What is wrong with a piece of input, in the words of whoever reads it, where its schema says nothing of its own. The schema library
 * takes these for its own words, so that the API, the lines of a file, the console and the command line all say the same.
 *
 * @example a name of 300 characters is answered `Expected at most 100 characters`
 */
export function inPlainWords(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return 'Unknown field'
  return `Expected ${expected(issue)}${issue.input === undefined ? ', got nothing' : ''}`
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? AS_DESCRIBED
    case 'too_big':
      return sized(issue.inclusive === false ? 'less than' : 'at most', issue.maximum, issue.origin)
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'some text'
      return sized(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue.origin)
    case 'invalid_value':
      return oneOf(issue.values.map(String))
    case 'invalid_format':
      return FORMATS[issue.format] ?? AS_DESCRIBED
    default:
      return AS_DESCRIBED
  }
}

/** `at most 100 characters`; of numbers there is nothing to count. */
function sized(bound: string, n: number | bigint, origin: string): string {
  const [one, several] = UNITS[origin] ?? []
  return one === undefined ? `${bound} ${n}` : `${bound} ${n} ${Number(n) === 1 ? one : several}`
}

/** `allow or deny`; `CPO, EMSP or NSP` */
function oneOf(values: readonly string[]): string {
  const [last = '', ...before] = values.toReversed()
  return before.length === 0 ? last : `${before.toReversed().join(', ')} or ${last}`
}
