import { and, asc, desc, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { PlatformPage, PlatformSearch, PlatformSort } from '../../hub/network/platform-page.ts'
import { partyRoles, platformSeen, platforms, removedPlatforms } from './schema.ts'

/*
 * Which platforms a page of the list shows, and in which order; sandbox partners have a list of their own. None of it has an index of its own: at 10,000 platforms a page is one
 * look at their rows and their roles, some ten milliseconds.
 */

/** What a platform is ordered by; each has a value. Names by their code points without regard to case, the same on every server. */
const SORTED_BY: Record<Exclude<PlatformSort, 'created'>, SQL> = {
  name: sql`lower(${platforms.name}) collate "C"`,
  status_since: sql`${platforms.statusSince}`,
  last_seen: sql`coalesce(${platformSeen.lastSeenAt}, 0)`,
}

export function whichPlatforms(page: PlatformPage): SQL | undefined {
  return and(isNull(platforms.sandbox), ...(page.search ? conditions(page.search) : []), behind(page))
}

export function orderOf({ sort = 'created', isDescending = false }: PlatformPage): SQL[] {
  const direction = isDescending ? desc : asc
  return sort === 'created' ? [direction(platforms.number)] : [direction(SORTED_BY[sort]), direction(platforms.id)]
}

/** Beyond the last platform of the page before: a deleted one keeps its place by creation, and elsewhere by the value that it had. */
function behind({ afterId, afterValue, sort = 'created', isDescending = false }: PlatformPage): SQL | undefined {
  if (afterId === null) return undefined
  const beyond = isDescending ? sql`<` : sql`>`
  if (sort === 'created') {
    const place = sql`coalesce(
      (select number from ${platforms} where id = ${afterId}),
      (select number from ${removedPlatforms} where id = ${afterId})
    )`
    return sql`${platforms.number} ${beyond} ${place}`
  }
  const value =
    sort === 'name'
      ? sql`lower(${String(afterValue ?? '')}::text) collate "C"`
      : sql`${Number(afterValue ?? 0)}::bigint`
  return sql`(${SORTED_BY[sort]}, ${platforms.id}) ${beyond} (${value}, ${afterId})`
}

function conditions({ text, status, party, role, version }: PlatformSearch): (SQL | undefined)[] {
  return [
    status === null ? undefined : eq(platforms.status, status),
    version === null ? undefined : eq(platforms.version, version),
    party === null && role === null
      ? undefined
      : sql`${platforms.id} in (
      select ${partyRoles.platformId} from ${partyRoles} where ${partyRoles.state} <> 'GIVEN_UP'
        and ${party === null ? sql`true` : eq(partyRoles.partyKey, party)}
        and ${role === null ? sql`true` : eq(partyRoles.role, role)})`,
    text === null
      ? undefined
      : sql`(position(lower(${text}::text) in lower(${platforms.name})) > 0
      or ${platforms.id} = lower(${text}::text) or ${platforms.id} in (
        select ${partyRoles.platformId} from ${partyRoles} where position(${asPartyKey(text)}::text in ${partyRoles.partyKey}) > 0))`,
  ]
}

/** `nl-abc` as parties are kept: `NL*ABC`. */
function asPartyKey(text: string): string {
  return text.toUpperCase().replace(/^([A-Z]{2})-/, '$1*')
}
