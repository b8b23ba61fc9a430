/*
 * How programs of partners read what comes to them, where they take more for a name than the specification does. Each gives every value
 * that such a program could use, not only the one it would: what none of them finds, nobody finds.
 */

/** Go's `encoding/json`: letter case of names is ignored as Unicode folds it. */
export function bodyLikeGo(body: string, name: string): string[] {
  return textsOf(membersIn(body).filter(([given]) => equalFold(given) === name))
}

/** A .NET naming policy that drops what parts words, beside letter case: `responseUrl`, `response-url`. */
export function bodyLikeDotNet(body: string, name: string): string[] {
  return textsOf(membersIn(body).filter(([given]) => withoutParts(given) === withoutParts(name)))
}

/** A parser in C, to which a name ends at a NUL; and one that leaves out what it cannot decode. */
export function bodyLikeC(body: string, name: string): string[] {
  return textsOf(membersIn(body).filter(([given]) => given.split('\0')[0]?.replace(/[^ -~]/g, '') === name))
}

export function queryLikeGo(query: string, name: string): string[] {
  return textsOf([...new URLSearchParams(query)].filter(([given]) => equalFold(given) === name))
}

/** PHP: blanks, dots and a lone bracket are underscores, brackets at the end make a list. */
export function queryLikePhp(query: string, name: string): string[] {
  const named = [...new URLSearchParams(query)].map(([given, value]) => {
    const list = /^(.+?)\[.*\]/s.exec(given)?.[1] ?? given
    return [list.trimStart().replace(/[ .[]/g, '_'), value] as const
  })
  return textsOf(named.filter(([given]) => given === name))
}

/** ASP.NET of old: parts at semicolons too, knows `%uXXXX`, and drops underscores by a naming policy. */
export function queryLikeDotNet(query: string, name: string): string[] {
  const decoded = query.replace(/%u([0-9a-f]{4})/gi, (_, unit: string) =>
    String.fromCharCode(Number.parseInt(unit, 16)),
  )
  const named = decoded
    .replace(/^\?/, '')
    .split(/[&;]/)
    .flatMap((each) => [...new URLSearchParams(`?${each}`)])
  return textsOf(named.filter(([given]) => withoutParts(given) === withoutParts(name)))
}

/** `parse_header_links` of Python's requests: parts at `, <` and `;`, whatever stands in quotes, and knows single quotes. */
export function linksLikeRequests(header: string): string[] {
  return header.split(/, *</).flatMap((piece) => {
    const [url = '', ...parameters] = piece.split(';')
    const isNext = parameters.some((each) => /^[\s'"]*rel[\s'"]*=[\s'"]*next[\s'"]*$/i.test(each))
    return isNext ? [url.replace(/^[<> '"]+|[<> '"]+$/g, '')] : []
  })
}

/** Programs that part at every comma, and those that look for a URL before the word. */
export function linksByHand(header: string): string[] {
  const parted = header.split(',').filter((piece) => /next/i.test(piece))
  const searched = [...header.matchAll(/<([^>]*)>[^<]*next/gi)].map(([, url = '']) => url)
  return [...parted.map((piece) => piece.split(';')[0] as string), ...searched].map((url) =>
    url.replace(/^[<> '"]+|[<> '"]+$/g, ''),
  )
}

/** The members of an object in their order, with duplicates, of which `JSON.parse` keeps one. */
function membersIn(body: string): [string, unknown][] {
  const members: [string, unknown][] = []
  const text = body.replace(/^\ufeff/, '')
  // Names, which are the strings before a colon, become numbers, so that each value is kept.
  let depth = 0
  const numbered = text.replace(/"(?:[^"\\]|\\.)*"(\s*:)?|[[{]|[\]}]/gs, (token, colon: string | undefined) => {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (colon !== undefined && depth === 1) {
      members.push([JSON.parse(token.slice(0, -colon.length)) as string, undefined])
      return `"${members.length - 1}"${colon}`
    }
    return token
  })
  const values = JSON.parse(numbered) as Record<string, unknown>
  return members.map(([name], i) => [name, values[String(i)]])
}

function equalFold(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k')
}

function withoutParts(name: string): string {
  return equalFold(name).replace(/[_-]/g, '')
}

function textsOf(named: readonly (readonly [string, unknown])[]): string[] {
  return named.map(([, value]) => String(value))
}
