/** A link of a Link header: what stands between `<` and `>`, and its relation types in lower case. */
type LinkValue = { readonly target: string; readonly rels: readonly string[] }

const SPACE = /[ \t]*/y
const PARAMETER_NAME = /[^ \t=;,<>"]*/y
const UNQUOTED_VALUE = /[^;,]*/y

/**
 * The target of the first link with this relation type, as written but for white space around; undefined when there is none
 * [RFC 8288, section 3; transport_and_format: Paginated Response].
 *
 * Every legal spelling is understood. What is no link by the RFC counts where no legal one has the relation: many readers follow it
 * (`https://cpo.example/2; rel=next`, `<…>; rel=“next”`, a quote that nothing closes). Takes linear time.
 *
 * @param values the header's values, one per header line
 */
export function findLink(values: readonly string[], rel: string): string | undefined {
  const unread: string[] = []
  for (const value of values) {
    const found = readLinks(value, unread).find(({ rels }) => rels.includes(rel))
    if (found) return found.target
  }
  for (const text of unread) {
    const found = findLoosely(text, rel)
    if (found !== undefined) return found
  }
  return undefined
}

/** The links of a value. What cannot be read as one is added to `unread`. */
function readLinks(value: string, unread: string[]): LinkValue[] {
  const links: LinkValue[] = []
  let at = 0
  while (at < value.length) {
    const start = skip(SPACE, value, at)
    // Lists may have empty elements [RFC 9110, section 5.6.1].
    if (start === value.length) break
    if (value[start] === ',') {
      at = start + 1
      continue
    }
    const targetEnd = value[start] === '<' ? value.indexOf('>', start) : -1
    const parameters = targetEnd === -1 ? null : readParameters(value, targetEnd + 1)
    at = parameters === null ? start : skip(SPACE, value, parameters.end)
    if (parameters !== null && (at === value.length || value[at] === ',')) {
      links.push({ target: value.slice(start + 1, targetEnd).trim(), rels: parameters.rels })
      at++
    } else {
      at = skipElement(value, at)
      unread.push(value.slice(start, at))
    }
  }
  return links
}

/**
 * Reads `*( OWS ";" OWS [ link-param ] )`. Only the first `rel` counts [RFC 8288, section 3.3]. Null when a quote is not
 * closed.
 */
function readParameters(value: string, from: number): { end: number; rels: readonly string[] } | null {
  let end = from
  let rel: string | null = null
  let bare = ''
  for (;;) {
    const semicolon = skip(SPACE, value, end)
    if (value[semicolon] !== ';') return { end, rels: relationTypes(rel ?? '', bare) }
    const nameStart = skip(SPACE, value, semicolon + 1)
    const nameEnd = skip(PARAMETER_NAME, value, nameStart)
    const equals = skip(SPACE, value, nameEnd)
    end = nameEnd === nameStart ? semicolon + 1 : nameEnd
    if (value[equals] !== '=') {
      bare += ` ${value.slice(nameStart, nameEnd)}`
      continue
    }
    const valueStart = skip(SPACE, value, equals + 1)
    const isQuoted = value[valueStart] === '"'
    end = isQuoted ? skipQuoted(value, valueStart) : skip(UNQUOTED_VALUE, value, valueStart)
    if (end === -1) return null
    if (rel === null && nameEnd - nameStart === 3 && value.slice(nameStart, nameEnd).toLowerCase() === 'rel') {
      rel = isQuoted ? unquoted(value.slice(valueStart, end)) : value.slice(valueStart, end)
    }
  }
}

/** A registered relation type, or a URI [RFC 8288, section 3.3]. */
const RELATION_TYPE = /^[a-z][a-z0-9.-]*$|:/

/**
 * Relation types are compared without regard to case [RFC 8288, section 2.1]. Of those that are none by the RFC the words count, and those
 * that stand where a parameter should: `rel='next'` and `rel=&quot;next&quot;` mean what they say to readers in wide use.
 */
function relationTypes(rel: string, bare: string): string[] {
  const types = rel.toLowerCase().match(/[^ \t]+/g) ?? []
  if (types.length > 0 && types.every((type) => RELATION_TYPE.test(type))) return types
  return `${rel}${bare}`.toLowerCase().match(/[a-z]+/g) ?? []
}

/** Reads what is no link as lenient readers do: each target up to its `>` or `;`, and the word behind `rel` or, without one, anywhere. */
function findLoosely(text: string, rel: string): string | undefined {
  for (const piece of text.split(/,[ \t]*(?=<)/)) {
    const bare = piece.replace(/^[ \t<'"]+/, '')
    const closed = bare.indexOf('>')
    const end = closed === -1 ? bare.indexOf(';') : closed
    if (end === -1) continue
    const said = bare.slice(end + 1).toLowerCase()
    const from = said.indexOf('rel')
    const until = from === -1 ? -1 : said.slice(from).search(/;[ \t]*[a-z*]+[ \t]*=/)
    const words = said.slice(Math.max(from, 0), until === -1 ? undefined : from + until).match(/[a-z]+/g)
    if (words?.includes(rel)) return bare.slice(0, end).replace(/[ \t'"]+$/, '')
  }
  return undefined
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, '$1')
}

function skip(what: RegExp, value: string, from: number): number {
  what.lastIndex = from
  what.test(value)
  return what.lastIndex
}

/** From an opening quote to behind the closing one; -1 when nothing closes it. */
function skipQuoted(value: string, from: number): number {
  for (let at = from + 1; at < value.length; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === '"') return at + 1
  }
  return -1
}

/** To the comma that ends what is no link; commas within quotes or angle brackets end nothing. */
function skipElement(value: string, from: number): number {
  let at = from
  while (at < value.length && value[at] !== ',') {
    const closed = value[at] === '"' ? skipQuoted(value, at) : value[at] === '<' ? value.indexOf('>', at) + 1 : at + 1
    if (closed <= 0) return value.length
    at = closed
  }
  return at
}
