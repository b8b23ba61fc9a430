import { DurableObject } from 'cloudflare:workers'
import type { DurableObjectState } from '@cloudflare/workers-types'
import type { TableRows } from '../../../hub/network/registry.ts'
import type { Fact } from '../../../hub/open-routing/object-owners.ts'
import { openDatabase } from '../../../storage/database.ts'
import { createMessageWriter } from '../../../storage/message-log/writer.ts'
import { createOwnerStore } from '../../../storage/object-owners.ts'
import { after } from '../../shared/after.ts'
import type { Bindings } from '../bindings.ts'
import type { Observed } from '../observed.ts'
import { type ObjectGround, openObject } from './open-object.ts'
import type { LogObject } from './ports.ts'
import { createRowGatherer } from './row-gatherer.ts'
import { type Outcome, outcomeOf } from './rpc.ts'
import { createTablePort } from './table-port.ts'

/** Saves of facts between two looks whether there are too many. */
const TRIM_EVERY_SAVES = 100
const MOST_FACTS = 1_000_000

/**
 * The object through which Workers reach the database where many of them would each open a connection for a few bytes: for the
 * routing table, the message log, and what traffic teaches.
 */
export class Log extends DurableObject<Bindings> implements LogObject {
  readonly #parts: ReturnType<typeof openLog>

  constructor(ctx: DurableObjectState, bindings: Bindings) {
    super(ctx, bindings)
    this.#parts = openLog(openObject(bindings))
  }

  readTable(afterRevision: number | null, isFresh: boolean): Promise<Outcome<TableRows>> {
    return outcomeOf(() => this.#parts.readTable(afterRevision, isFresh))
  }

  async observed({ rows, seen }: Observed): Promise<void> {
    if (rows) this.#parts.rows.take(rows)
    if (seen.size > 0) await this.#parts.noteSeen(seen)
  }

  findOwners(...[kind, key]: Parameters<LogObject['findOwners']>): ReturnType<LogObject['findOwners']> {
    return outcomeOf(() => this.#parts.owners.find(kind, key))
  }

  saveOwners(facts: readonly Fact[], at: number): Promise<Outcome<void>> {
    return outcomeOf(() => this.#parts.saveOwners(facts, at))
  }
}

function openLog({ database, databaseUrl, parts, table, ready }: ObjectGround) {
  const { orm } = database
  const owners = createOwnerStore(orm)
  const readTable = createTablePort({ table, readTable: parts.readTable, after, clock: () => performance.now() })
  let saves = 0
  return {
    owners,
    rows: createRowGatherer({
      writer: createMessageWriter(() =>
        openDatabase({ url: databaseUrl, maxConnections: 1, statementTimeoutMs: null, prepare: false }),
      ),
      after,
      onDropped: (rows) => parts.alarm({ kind: 'message-log-dropped', detail: `${rows} exchanges found no room` }),
    }),
    async readTable(...args: Parameters<typeof readTable>) {
      await ready()
      return readTable(...args)
    },
    noteSeen: (seen: ReadonlyMap<string, number>) => parts.registry.noteSeen(seen),
    async saveOwners(facts: readonly Fact[], at: number) {
      await owners.save(facts, at)
      if (saves++ % TRIM_EVERY_SAVES === 0) await owners.trim(MOST_FACTS)
    },
  }
}
