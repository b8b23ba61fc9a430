import { createEventGatherer } from '../../../hub/administration/event-gatherer.ts'
import type { TableSource } from '../../../hub/network/table-source.ts'
import type { ShadowRows } from '../../../hub/shadow/shadow.ts'
import { createEventStore } from '../../../storage/administration/events.ts'
import { type Database, openDatabase } from '../../../storage/database.ts'
import { createTableReader } from '../../../storage/network/registry.ts'
import { createOwnerStore } from '../../../storage/object-owners.ts'
import { createShadowRows } from '../../../storage/shadow/store.ts'
import { createEventCounts, type EventCounts } from '../../metrics/events.ts'
import { after } from '../../shared/after.ts'
import { CannotStart } from '../../shared/cannot-start.ts'
import { type HubParts, wireParts } from '../../wiring/wire-parts.ts'
import { readBindings, type SettingBindings } from '../bindings.ts'
import { createConsoleLog } from '../console-log.ts'

/** Connections of one object: few, as all of them share what Hyperdrive has. */
const MAX_CONNECTIONS = 2

/** What an object has that asks the database. It lives as long as the object does. */
export type ObjectGround = {
  readonly database: Database
  readonly databaseUrl: string
  readonly parts: HubParts
  /** What this object counts. */
  readonly events: EventCounts
  readonly shadow: ShadowRows
  readonly table: TableSource & ReturnType<HubParts['tableFrom']>
  /** Settles once the keys are known to be the database's and the table is loaded; tries anew when that failed before. */
  readonly ready: () => Promise<void>
}

/** Opens nothing yet. Throws a CannotStart when the settings do not do. */
export function openObject(bindings: SettingBindings): ObjectGround {
  const { settings, problems } = readBindings(bindings)
  const { databaseUrl, secretKey, previousSecretKey } = settings
  if (problems.length > 0 || databaseUrl === null || secretKey === null) throw new CannotStart(problems)
  const database = openDatabase({
    url: databaseUrl,
    maxConnections: MAX_CONNECTIONS,
    // Hyperdrive hands sessions from one to the next, so they are left as they are.
    statementTimeoutMs: null,
    prepare: false,
  })
  const { orm } = database
  const events = createEventCounts()
  const { note: noteEvent } = createEventGatherer({
    append: createEventStore(orm).append,
    after,
    now: Date.now,
    onDropped: events.droppedEvents,
  })
  const shadow = createShadowRows(database.sql)
  const parts = wireParts(
    settings,
    { current: secretKey, previous: previousSecretKey },
    {
      orm,
      readTable: createTableReader({ orm, now: Date.now }),
      owners: createOwnerStore(orm),
      shadow,
      waitsTogether: false,
      after,
      kept: (port) => port,
      log: createConsoleLog(settings.logLevel),
      counts: events,
      noteEvent,
    },
  )
  const table = parts.tableFrom(null)
  let settled: Promise<void> | null = null
  return {
    database,
    databaseUrl,
    parts,
    events,
    shadow,
    table,
    ready() {
      settled ??= parts
        .settle()
        .then(table.refresh)
        .catch((error: unknown) => {
          settled = null
          throw error
        })
      return settled
    },
  }
}
