/** One link of a Link header: where it stands in the header's value and what it says. */
type LinkValue = {
  /** From the `<` to the end of the last parameter, without white space around. */
  readonly start: number
  readonly end: number
  /** Between `<` and `>`. */
  readonly targetStart: number
  readonly targetEnd: number
  readonly rels: readonly string[]
}

const SPACE = /[ \t]*/y
const PARAMETER_NAME = /[^ \t=;,<>"]*/y
const UNQUOTED_VALUE = /[^;,]*/y
const NO_RELS: readonly string[] = []

/**
 * Rewrites the targets of Link headers [RFC 8288, section 3; transport_and_format: Paginated Response].
 *
 * `values` are the header's values, one per header line. `rewrite` gets a target as written between `<` and `>` (without
 * white space around) and its relation types in lower case, and says the new target, or null to drop that link. Links
 * whose target stays keep their bytes, as does a whole value none of whose links changes; others keep their parameters.
 * What cannot be read as a link is left out, so that no lenient reader follows it round the hub; `onLeftOut` is told the
 * value. Takes linear time.
 */
export function rewriteLinks(
  values: readonly string[],
  rewrite: (target: string, rels: readonly string[]) => string | null,
  onLeftOut: (value: string) => void = () => {},
): string[] {
  const rewritten: string[] = []
  for (const value of values) {
    const { links, hasOther } = parseLinks(value)
    if (hasOther) onLeftOut(value)
    let changed = hasOther
    const kept: string[] = []
    for (const link of links) {
      const target = value.slice(link.targetStart, link.targetEnd).trim()
      const next = rewrite(target, link.rels)
      if (next === target) {
        kept.push(value.slice(link.start, link.end))
        continue
      }
      changed = true
      if (next !== null) kept.push(`<${next}${value.slice(link.targetEnd, link.end)}`)
    }
    if (!changed) rewritten.push(value)
    else if (kept.length > 0) rewritten.push(kept.join(', '))
  }
  return rewritten
}

/** The target of the first link with this relation type, as written; undefined when there is none. */
export function findLink(values: readonly string[], rel: string): string | undefined {
  for (const value of values) {
    const link = parseLinks(value).links.find((candidate) => candidate.rels.includes(rel))
    if (link) return value.slice(link.targetStart, link.targetEnd).trim()
  }
  return undefined
}

/** `hasOther`: the value holds something that is no link. */
function parseLinks(value: string): { links: LinkValue[]; hasOther: boolean } {
  const links: LinkValue[] = []
  let hasOther = false
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
    if (targetEnd === -1) {
      hasOther = true
      // A `<` that nothing closes swallows the rest.
      at = value[start] === '<' ? value.length : skipElement(value, start)
      continue
    }
    const parameters = parseParameters(value, targetEnd + 1)
    at = parameters === null ? value.length : skip(SPACE, value, parameters.end)
    if (parameters === null || (at < value.length && value[at] !== ',')) {
      hasOther = true
      at = skipElement(value, at)
      continue
    }
    links.push({ start, end: parameters.end, targetStart: start + 1, targetEnd, rels: parameters.rels })
    at++
  }
  return { links, hasOther }
}

/**
 * Reads `*( OWS ";" OWS [ link-param ] )`. Only the first `rel` counts [RFC 8288, section 3.3]. Null when a quote is not
 * closed.
 */
function parseParameters(value: string, from: number): { end: number; rels: readonly string[] } | null {
  let end = from
  let rels: readonly string[] | null = null
  for (;;) {
    const semicolon = skip(SPACE, value, end)
    if (value[semicolon] !== ';') return { end, rels: rels ?? NO_RELS }
    const nameStart = skip(SPACE, value, semicolon + 1)
    const nameEnd = skip(PARAMETER_NAME, value, nameStart)
    const equals = skip(SPACE, value, nameEnd)
    end = nameEnd === nameStart ? semicolon + 1 : nameEnd
    if (value[equals] !== '=') continue
    const valueStart = skip(SPACE, value, equals + 1)
    const isQuoted = value[valueStart] === '"'
    end = isQuoted ? skipQuoted(value, valueStart) : skip(UNQUOTED_VALUE, value, valueStart)
    if (end === -1) return null
    if (rels === null && nameEnd - nameStart === 3 && value.slice(nameStart, nameEnd).toLowerCase() === 'rel') {
      rels = relationTypes(isQuoted ? unquoted(value.slice(valueStart, end)) : value.slice(valueStart, end))
    }
    // White space behind an unquoted value is no part of the link.
    while (!isQuoted && end > equals + 1 && (value[end - 1] === ' ' || value[end - 1] === '\t')) end--
  }
}

/**
 * Relation types are compared without regard to case [RFC 8288, section 2.1]. Single quotes are no quotes there, but to readers
 * in wide use (Python's requests) they are: `rel='next'` would lead them round the hub, their token in hand.
 */
function relationTypes(text: string): string[] {
  return text.toLowerCase().match(/[^ \t']+/g) ?? []
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
