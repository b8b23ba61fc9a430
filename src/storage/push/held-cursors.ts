import type postgres from 'postgres'
import type { Mark } from '../../hub/presence/client-info.ts'
import type { SavedQueue } from '../../hub/push/cursor.ts'
import { withDeadline } from '../deadline.ts'
import { type CursorRow, createCursorStore, cursorColumns, savedQueue } from './cursors.ts'

const DEADLINE_MS = 5_000

/** Cursors of queues that are each an object of its own. Every function rejects when the database is away. */
export type HeldCursors = {
  /**
   * Loads cursors, and up to where each platform was told of others, and notes who holds each from now on: nobody else saves it.
   * Platforms that are gone are left out.
   */
  readonly load: (holders: readonly Holder[]) => Promise<readonly HeldQueue[]>
  /**
   * Moves the cursors of queues that are at rest up to a number, as nothing that lies between is for them. Only those that have
   * nothing unfinished, and have reached their `least` already.
   */
  readonly advance: (
    rested: readonly { readonly platformId: string; readonly least: number }[],
    to: number,
  ) => Promise<void>
  /**
   * All platforms that may still ask the log for a number up to this one, longest behind first: those that are away for days
   * hide nobody who is not.
   */
  readonly behind: (number: number) => Promise<readonly string[]>
}

/** `told` is null for a platform that was told nothing of others yet. */
export type HeldQueue = { readonly saved: SavedQueue; readonly told: Mark | null }

type HeldRow = CursorRow & { readonly told_revision: number | null; readonly told_at: number | null }

export type Holder = { readonly platformId: string; readonly holder: string }

export function createHeldCursors(sql: postgres.Sql): HeldCursors {
  const { load: startMissing } = createCursorStore(sql)

  function hold(holders: readonly Holder[]): Promise<HeldRow[]> {
    return sql<HeldRow[]>`
      update push_cursor set holder = held.holder
      from json_to_recordset(${JSON.stringify(holders)}::text::json) as held("platformId" text, holder text)
      where push_cursor.platform_id = held."platformId"
      returning ${cursorColumns(sql)},
        (select revision::float8 from client_info_cursors told where told.platform_id = push_cursor.platform_id) as told_revision,
        (select at::float8 from client_info_cursors told where told.platform_id = push_cursor.platform_id) as told_at`
  }

  return withDeadline<HeldCursors>(
    {
      async load(holders) {
        const known = new Set<string>()
        const rows = await hold(holders)
        for (const row of rows) known.add(row.platform_id)
        const missing = holders.filter(({ platformId }) => !known.has(platformId))
        if (missing.length === 0) return rows.map(heldQueue)
        await startMissing(missing.map(({ platformId }) => platformId))
        return [...rows, ...(await hold(missing))].map(heldQueue)
      },
      async advance(rested, to) {
        await sql`
          update push_cursor set position = ${to}, needed = ${to}::bigint + 1
          from json_to_recordset(${JSON.stringify(rested)}::text::json) as rested("platformId" text, least bigint)
          where platform_id = rested."platformId" and lanes = '[]' and position >= rested.least and position < ${to}`
      },
      async behind(number) {
        const rows = await sql<{ platform_id: string }[]>`
          select platform_id from push_cursor where needed <= ${number} order by needed`
        return rows.map((row) => row.platform_id)
      },
    },
    DEADLINE_MS,
  )
}

function heldQueue(row: HeldRow): HeldQueue {
  const { told_revision: revision, told_at: at } = row
  return { saved: savedQueue(row), told: revision === null || at === null ? null : { revision, at } }
}
