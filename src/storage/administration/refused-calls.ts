import { and, desc, eq, gte, inArray, lt, lte, sql } from 'drizzle-orm'
import {
  MOST_REFUSED_CALLS,
  type RefusedCallFilter,
  type RefusedCallStore,
} from '../../hub/administration/refused-calls.ts'
import type { FindTraces, Trace } from '../../hub/administration/token-trace.ts'
import type { Orm } from '../database.ts'
import { withDeadline } from '../deadline.ts'
import { credentialsTokens, platforms, retiredTokens } from '../network/schema.ts'
import { refusedCalls } from './schema.ts'

const DEADLINE_MS = 8_000

/** Refused calls in the database, the same for all processes. */
export function createRefusedCallStore(orm: Orm): RefusedCallStore {
  return withDeadline(
    {
      async add({ why, ...call }) {
        const [added] = await orm
          .insert(refusedCalls)
          .values({ ...call, why: why.key, told: why.told })
          .returning({ number: refusedCalls.number })
        if (added) await orm.delete(refusedCalls).where(lte(refusedCalls.number, added.number - MOST_REFUSED_CALLS))
      },
      async find(filter, limit, before) {
        const rows = await orm
          .select()
          .from(refusedCalls)
          .where(and(before === null ? undefined : lt(refusedCalls.number, before), ...matches(filter)))
          .orderBy(desc(refusedCalls.number))
          .limit(limit)
        return rows.map(({ why, told, ...row }) => ({ ...row, why: { key: why, told } }))
      },
    } satisfies RefusedCallStore,
    DEADLINE_MS,
  )
}

function matches({ platformId, address, why, fingerprint, since, until }: RefusedCallFilter) {
  return [
    platformId === null ? undefined : eq(refusedCalls.platformId, platformId),
    address === null ? undefined : eq(refusedCalls.address, address),
    why === null ? undefined : eq(refusedCalls.why, why),
    fingerprint === null ? undefined : eq(refusedCalls.fingerprint, fingerprint),
    since === null ? undefined : gte(refusedCalls.at, since),
    until === null ? undefined : lt(refusedCalls.at, until),
  ]
}

/** Looks for tokens by what is kept of them, all in one transaction's worth of four index look-ups. */
export function createFindTraces(orm: Orm): FindTraces {
  const { find } = withDeadline({ find: (of: Parameters<FindTraces>[0]) => findTraces(orm, of) }, DEADLINE_MS)
  return find
}

async function findTraces(orm: Orm, { digests, prefixes, marks }: Parameters<FindTraces>[0]): Promise<Trace[]> {
  const live = await orm
    .select({
      digest: credentialsTokens.digest,
      prefix: credentialsTokens.prefix,
      platformId: credentialsTokens.platformId,
      kind: credentialsTokens.kind,
      expiresAt: credentialsTokens.expiresAt,
      isStrict: platforms.isStrictAboutTokens,
    })
    .from(credentialsTokens)
    .innerJoin(platforms, eq(platforms.id, credentialsTokens.platformId))
    .where(sql`${isAmong(credentialsTokens.digest, digests)} or ${isAmong(credentialsTokens.prefix, prefixes)}`)
    .limit(50)
  const retired = await orm
    .select()
    .from(retiredTokens)
    .where(isAmong(retiredTokens.digest, digests))
    .orderBy(desc(retiredTokens.number))
    .limit(50)
  const theirs = await orm
    .select({ value: platforms.theirMark, platformId: platforms.id })
    .from(platforms)
    .where(isAmong(platforms.theirMark, marks))
    .limit(2)
  return [
    ...live.map(({ digest, prefix, platformId, kind, expiresAt, isStrict }): Trace => {
      if (!digests.includes(digest)) return { by: 'prefix', value: prefix ?? '', platformId }
      const opens = kind === 'registration' || kind === 'provisional' ? 'registration' : 'access'
      return { by: 'digest', value: digest, platformId, kind: opens, expiresAt, isStrict }
    }),
    ...retired.map(
      ({ digest, platformId, end, endedAt }): Trace => ({ by: 'retired', value: digest, platformId, end, endedAt }),
    ),
    // Several partners that gave the same token cannot be told apart by it.
    ...(theirs.length === 1 ? theirs : []).map(
      ({ value, platformId }): Trace => ({ by: 'theirs', value: value ?? '', platformId }),
    ),
  ]
}

function isAmong(column: Parameters<typeof inArray>[0], values: readonly string[]) {
  return values.length === 0 ? sql`false` : inArray(column, [...values])
}
