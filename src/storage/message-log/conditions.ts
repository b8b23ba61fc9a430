import { and, eq, gte, inArray, isNotNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { MessageFilter } from '../../hub/message/message-query.ts'
import type { Outcome } from '../../hub/message/outcome.ts'
import { ASKED_KINDS, HUB_ASKS_KINDS } from '../../hub/message/own-side.ts'
import { messageLog, NOT_OK } from './schema.ts'

/** What rows have to meet, the platform aside. */
export function conditions(filter: MessageFilter): (SQL | undefined)[] {
  const { correlationId, requestId, party, module, kind, outcome, objectKey, client, httpStatus, ocpiStatus } = filter
  const { since, until } = filter
  return [
    correlationId === null ? undefined : eq(messageLog.correlationId, correlationId),
    requestId === null
      ? undefined
      : or(eq(messageLog.requestId, requestId), eq(messageLog.forwardedRequestId, requestId)),
    party === null ? undefined : sql`upper(${party}) in (upper(${messageLog.fromParty}), upper(${messageLog.toParty}))`,
    module === null ? undefined : eq(messageLog.module, module),
    kind === null ? undefined : eq(messageLog.kind, kind),
    outcome === null ? undefined : OUTCOME[outcome],
    objectKey === null ? undefined : isAbout(objectKey),
    client === null ? undefined : eq(messageLog.client, client),
    httpStatus === null ? undefined : eq(messageLog.httpStatus, httpStatus),
    ocpiStatus === null ? undefined : eq(messageLog.ocpiStatus, ocpiStatus),
    // Said once more for the indexes that hold these rows alone.
    isNotOk(filter) ? IS_NOT_OK : undefined,
    since === null ? undefined : gte(messageLog.at, since),
    until === null ? undefined : lt(messageLog.at, until),
    filter.ownSideOf === undefined ? undefined : isSideOf(filter.ownSideOf),
  ]
}

/** As `sidesOf` has it. */
function isSideOf(platformId: string): SQL | undefined {
  const asked = and(eq(messageLog.fromPlatformId, platformId), inArray(messageLog.kind, [...ASKED_KINDS]))
  const isSent = or(inArray(messageLog.kind, [...HUB_ASKS_KINDS]), isNotNull(messageLog.forwardedUrl))
  return or(asked, and(eq(messageLog.toPlatformId, platformId), isSent))
}

/** Whether nothing is looked for but what was refused or failed. */
export function isNotOk({ outcome, httpStatus, ocpiStatus }: MessageFilter): boolean {
  return (
    outcome === 'refused' ||
    outcome === 'failed' ||
    (httpStatus !== null && httpStatus >= 400) ||
    (ocpiStatus !== null && ocpiStatus >= 2000)
  )
}

/** In any letter case, as the index of objects has it. */
export function isAbout(objectId: string): SQL {
  return sql`lower(${messageLog.objectKey}) = lower(${objectId})`
}

/** An `or` of equalities, which is what Bloom filters answer; no list. */
export function withPlatforms(ids: readonly string[]): SQL | undefined {
  return or(...ids.flatMap((id) => [eq(messageLog.fromPlatformId, id), eq(messageLog.toPlatformId, id)]))
}

/** The two sides by themselves: each has an index of what was not ok, and the database would use neither for both. */
export function onEachSide(ids: readonly string[]): SQL[] {
  return [inArray(messageLog.fromPlatformId, [...ids]), inArray(messageLog.toPlatformId, [...ids])]
}

export const IS_NOT_OK: SQL = sql`(${NOT_OK})`
const IS_WITHHELD = sql`coalesce(failure = 'withheld', false)`
const COULD_NOT = sql`(not ${IS_WITHHELD} and (http_status not between 100 and 499 or coalesce(ocpi_status, 0) >= 4000))`
const WOULD_NOT = sql`(${IS_WITHHELD} or http_status >= 400 or coalesce(ocpi_status, 0) >= 2000)`

/** As `outcomeOf` has it. */
const OUTCOME: Readonly<Record<Outcome, SQL>> = {
  ok: sql`not coalesce(${IS_NOT_OK}, false)`,
  refused: sql`(${IS_NOT_OK} and ${WOULD_NOT} and not ${COULD_NOT})`,
  failed: sql`(${IS_NOT_OK} and (${COULD_NOT} or not ${WOULD_NOT}))`,
}
