import { and, asc, between, eq, inArray, isNotNull, isNull, or, type SQL } from 'drizzle-orm'
import type { FindStory, MessageSummary } from '../../hub/message/message-query.ts'
import type { Orm } from '../database.ts'
import { inTime, type Run } from '../in-time.ts'
import { isAbout } from './conditions.ts'
import { readId, SUMMARY, type SummaryRow, showSummary } from './rows.ts'
import { messageLog } from './schema.ts'
import { byFilters, type Source } from './sources.ts'

/** How far from a message the rest of its story is looked for, on either side. */
const WITHIN_MS = 24 * 3_600_000
const MOST_ROWS = 200
/** Messages that lead to each other one after the other: command, result, session, CDR. */
const MOST_ROUNDS = 4
/** Names of one kind by which messages are looked for in one round. */
const MOST_NAMES = 50

const ROW = { ...SUMMARY, sessionRef: messageLog.sessionRef }

type StoryRow = SummaryRow & { readonly sessionRef: string | null }

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
  return async function findStory(id) {
    const place = readId(id)
    return place && inTime(orm, (run) => readStory(run, place))
  }

  function rowsOf(run: Run, source: Source, where?: SQL): Promise<StoryRow[]> {
    return run((tx) =>
      tx.select(ROW).from(source).where(where).orderBy(asc(messageLog.at), asc(messageLog.id)).limit(MOST_ROWS),
    )
  }

  async function readStory(run: Run, place: { at: number; number: number }): Promise<MessageSummary[] | null> {
    const isFirst = and(eq(messageLog.at, place.at), eq(messageLog.id, place.number))
    const [first] = await rowsOf(run, messageLog, isFirst)
    if (!first) return null
    const near = between(messageLog.at, place.at - WITHIN_MS, place.at + WITHIN_MS)
    const pair = betweenPlatforms(first.fromPlatformId, first.toPlatformId)
    const rows = new Map([[first.id, first]])
    const known = noNames()
    for (let added = [first], round = 0; round < MOST_ROUNDS && rows.size < MOST_ROWS; round++) {
      const fresh = newNames(added, known)
      added = []
      for (const { source, where } of questionsFor(fresh, near, pair))
        added.push(...(await rowsOf(run, source, where)).filter((row) => !rows.has(row.id)))
      for (const row of added) rows.set(row.id, row)
    }
    const inOrder = [...rows.values()].sort((a, b) => a.at - b.at || a.id - b.id)
    const start = Math.max(0, inOrder.indexOf(first) + 1 - MOST_ROWS)
    return inOrder.slice(start, start + MOST_ROWS).map(showSummary)
  }
}

/** One question for each kind of name, so that each is answered by its own index; Bloom filters answer an `or` of equalities, and no list. */
function questionsFor(
  { correlations, led, sessions, refs }: Names,
  near: SQL,
  pair: SQL | undefined,
): { readonly source: Source; readonly where?: SQL | undefined }[] {
  const { correlationId, ledId, sessionRef, module } = messageLog
  const questions: { readonly source: Source; readonly where?: SQL | undefined }[] = []
  if (correlations.size > 0)
    questions.push({ source: messageLog, where: and(near, inArray(correlationId, [...correlations])) })
  if (led.size > 0) questions.push({ source: messageLog, where: and(near, isNotNull(ledId), inArray(ledId, [...led])) })
  // Ids of sessions and references are unique within a party only.
  const isOfSession = and(or(...[...sessions].map(isAbout)), inArray(module, ABOUT_SESSIONS), pair)
  if (sessions.size > 0) questions.push({ source: byFilters(and(near, isOfSession)) })
  if (refs.size > 0)
    questions.push({ source: byFilters(and(near, or(...[...refs].map((ref) => eq(sessionRef, ref))), pair)) })
  return questions
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
