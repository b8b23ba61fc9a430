import { type Command, InvalidArgumentError } from 'commander'
import type { HubApi, Query, Reply } from './hub-api.ts'

const MOST_OF_A_PAGE = 1_000

export type PageOptions = { readonly limit: number; readonly all?: boolean }

/** `--limit` and `--all` of a list. */
export function withPages(command: Command, fallback = 100): Command {
  return command
    .option('--limit <n>', 'rows at most', wholeNumber, fallback)
    .option('--all', 'every row, page after page')
}

/** Reads an option that is a number of things. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 on.')
  return Number(text)
}

/** A list as it was read: the rows of all its pages, and whether there are more. */
export type List<T> = Reply<readonly T[]> & { readonly hasMore: boolean }

/** Reads a list page after page, by the Link header of each, until there is enough. */
export async function readList<T>(api: HubApi, path: string, query: Query, wanted: PageOptions): Promise<List<T>> {
  const most = wanted.all ? Number.POSITIVE_INFINITY : wanted.limit
  const rows: T[] = []
  let cursor: string | undefined
  for (;;) {
    const limit = Math.min(most - rows.length, MOST_OF_A_PAGE)
    const page = await api.call<readonly T[]>('GET', path, { query: { ...query, limit, cursor } })
    const next = nextCursor(page.headers)
    const isWhole = rows.length === 0 && (next === undefined || page.value.length >= most)
    if (isWhole) return { ...page, hasMore: next !== undefined }
    rows.push(...page.value)
    if (next === undefined || rows.length >= most) {
      return { text: JSON.stringify(rows), value: rows, headers: page.headers, hasMore: next !== undefined }
    }
    cursor = next
  }
}

/** Where the next page begins. Only the cursor is taken from the link: the hub may be reached by another name than it knows. */
export function nextCursor(headers: Headers): string | undefined {
  const [, target] = /<([^>]*)>; rel="next"/.exec(headers.get('Link') ?? '') ?? []
  return target === undefined ? undefined : (new URL(target, 'http://hub').searchParams.get('cursor') ?? undefined)
}
