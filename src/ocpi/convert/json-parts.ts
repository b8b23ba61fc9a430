/** Puts small JSON texts together. */

/** What a string says; null for any other value, or none. */
export function readText(text: string | null | undefined): string | null {
  if (text === null || text === undefined || !text.startsWith('"')) return null
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
}

/** Members that are null or not there are left out. */
export function writeObject(members: Iterable<readonly [name: string, text: string | null | undefined]>): string {
  const written: string[] = []
  for (const [name, text] of members) {
    if (text !== null && text !== undefined && text !== 'null') written.push(`${JSON.stringify(name)}:${text}`)
  }
  return `{${written.join(',')}}`
}

export function writeList(elements: readonly string[]): string {
  return `[${elements.join(',')}]`
}
