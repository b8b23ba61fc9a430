import { type Headers, header } from './headers.ts'

/** In these the bytes of ASCII are what they are in UTF-8, and with them all that JSON itself and the names of members are made of. */
const LIKE_UTF_8 = /^(?:utf-?8|us-ascii|ascii|iso-?8859-\d+|latin-?\d|windows-125\d|cp125\d)$/i

const CHARSET = /charset\s*=\s*["']?([^"';,\s]*)/gi

/**
 * The character set that a Content-Type names where a reader who believes it reads something else than UTF-8 says, `utf-7` and `utf-16`
 * among them; null where there is none. Of several that are named any counts.
 */
export function foreignCharset(headers: Headers): string | null {
  const type = header(headers, 'content-type')
  if (type === undefined || type === SHORT || !type.toLowerCase().includes('charset')) return null
  for (const [, name = ''] of type.matchAll(CHARSET)) if (name !== '' && !LIKE_UTF_8.test(name)) return name
  return null
}

/** What nearly every message says. */
const SHORT = 'application/json'
