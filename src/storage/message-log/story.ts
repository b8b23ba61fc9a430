import { and, asc, between, eq, inArray, isNotNull, isNull, or, type SQL } from 'drizzle-orm'
import type { FindStory, MessageSummary } from '../../hub/message/message-query.ts'
import type { Orm } from '../database.ts'
import { messageLog } from '../schema.ts'
import { readId, SUMMARY, showSummary } from './rows.ts'

/** How far from a message the rest of its story is looked for, on either side. */
const WITHIN_MS = 24 * 3_600_000
const MOST_ROWS = 200
/** Messages that lead to each other one after the other: command, result, session, CDR. */
const MOST_ROUNDS = 4
/** Names of one kind by which messages are looked for in one round. */
const MOST_NAMES = 50

const ROW = { ...SUMMARY, sessionRef: messageLog.sessionRef }

type Linked = Pick<MessageSummary, 'correlationId' | 'ledId' | 'module' | 'objectKey'> & {
  readonly sessionRef: string | null
}

/** What messages of one story have in common. */
type Names = {
  readonly correlations: Set<string>
  readonly led: Set<string>
  /** Ids of sessions. */
  readonly sessions: Set<string>
  /** See `sessionRefOf`. */
  readonly refs: Set<string>
}

/**
 * All that belongs to a message, oldest first: what has its correlation ID, what has to do with the same led URL (a command and its
 * result), and the session that comes of it with all its pushes, profiles and its CDR. Each is found by an index of its own.
 */
export function createFindStory(orm: Orm): FindStory {
  const rowsWhere = (...conditions: (SQL | undefined)[]) =>
    orm
      .select(ROW)
      .from(messageLog)
      .where(and(...conditions))
      .orderBy(asc(messageLog.at), asc(messageLog.id))
      .limit(MOST_ROWS)

  return async function findStory(id) {
    const place = readId(id)
    if (place === null) return null
    const [first] = await rowsWhere(eq(messageLog.at, place.at), eq(messageLog.id, place.number))
    if (!first) return null
    const near = between(messageLog.at, place.at - WITHIN_MS, place.at + WITHIN_MS)
    const rows = new Map([[first.id, first]])
    const known = noNames()
    for (let added = [first], round = 0; round < MOST_ROUNDS && rows.size < MOST_ROWS; round++) {
      const fresh = newNames(added, known)
      const found = await Promise.all(
        conditionsFor(fresh, betweenPlatforms(first.fromPlatformId, first.toPlatformId)).map((joined) =>
          rowsWhere(near, joined),
        ),
      )
      added = found.flat().filter((row) => !rows.has(row.id))
      for (const row of added) rows.set(row.id, row)
    }
    const inOrder = [...rows.values()].sort((a, b) => a.at - b.at || a.id - b.id)
    const start = Math.max(0, inOrder.indexOf(first) + 1 - MOST_ROWS)
    return inOrder.slice(start, start + MOST_ROWS).map(showSummary)
  }
}

/** One condition for each kind of name, so that each is answered by its own index. */
function conditionsFor({ correlations, led, sessions, refs }: Names, pair: SQL | undefined): (SQL | undefined)[] {
  const { correlationId, ledId, objectKey, sessionRef, module } = messageLog
  const conditions: (SQL | undefined)[] = []
  if (correlations.size > 0) conditions.push(inArray(correlationId, [...correlations]))
  if (led.size > 0) conditions.push(and(isNotNull(ledId), inArray(ledId, [...led])))
  // Ids of sessions and references are unique within a party only.
  if (sessions.size > 0) conditions.push(and(inArray(objectKey, [...sessions]), inArray(module, ABOUT_SESSIONS), pair))
  if (refs.size > 0) conditions.push(and(inArray(sessionRef, [...refs]), pair))
  return conditions
}

const ABOUT_SESSIONS = ['sessions', 'chargingprofiles', 'commands']

function betweenPlatforms(from: string | null, to: string | null): SQL | undefined {
  const pair = [from, to].filter((id) => id !== null)
  const isOfPair = (column: typeof messageLog.fromPlatformId | typeof messageLog.toPlatformId) =>
    or(isNull(column), inArray(column, pair))
  return and(isOfPair(messageLog.fromPlatformId), isOfPair(messageLog.toPlatformId))
}

function noNames(): Names {
  return { correlations: new Set(), led: new Set(), sessions: new Set(), refs: new Set() }
}

/** The names in rows that are not yet known, which they are from now on. */
function newNames(rows: readonly Linked[], known: Names): Names {
  const fresh = noNames()
  const note = (kind: keyof Names, name: string | null) => {
    if (name === null || known[kind].has(name) || fresh[kind].size === MOST_NAMES) return
    known[kind].add(name)
    fresh[kind].add(name)
  }
  for (const { correlationId, ledId, module, objectKey, sessionRef } of rows) {
    note('correlations', correlationId)
    note('led', ledId)
    note('refs', sessionRef)
    // A CDR and the command that ends a session name it as what they refer to.
    if (module === 'cdrs' || module === 'commands') note('sessions', sessionRef)
    if (module !== 'sessions' && module !== 'chargingprofiles') continue
    note('sessions', objectKey)
    note('refs', objectKey)
  }
  return fresh
}
