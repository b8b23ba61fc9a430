import type { TrafficCounted } from '../../../hub/message/traffic.ts'
import type { Fact } from '../../../hub/open-routing/object-owners.ts'
import { addConversions } from '../../../storage/conversions/counts.ts'
import { openDatabase } from '../../../storage/database.ts'
import { createMessageWriter } from '../../../storage/message-log/writer.ts'
import { createOwnerStore } from '../../../storage/object-owners.ts'
import { addTraffic } from '../../../storage/traffic/counts.ts'
import type { Counted } from '../../metrics/events.ts'
import { createTrafficCounts } from '../../metrics/traffic.ts'
import { after } from '../../shared/after.ts'
import { createCountWriter } from '../../wiring/count-writer.ts'
import type { ObjectGround } from './open-object.ts'
import { createRowGatherer } from './row-gatherer.ts'
import { createTablePort } from './table-port.ts'

/** Saves of facts between two looks whether there are too many. */
const TRIM_EVERY_SAVES = 100
const MOST_FACTS = 1_000_000
/** Between two times that counts of traffic and conversions are stored. */
const COUNTS_EVERY_MS = 10_000

/** What the Log object reads and writes for all isolates, pushes aside. */
export function createLogRows({ database, databaseUrl, parts, table, events }: ObjectGround) {
  const owners = createOwnerStore(database.orm)
  const { take, stats } = createRowGatherer({
    writer: createMessageWriter(() =>
      openDatabase({ url: databaseUrl, maxConnections: 1, statementTimeoutMs: null, prepare: false }),
    ),
    after,
    onDropped(rows) {
      events.droppedExchanges(rows)
      parts.alarm({ kind: 'message-log-dropped', detail: `${rows} exchanges found no room` })
    },
  })
  let saves = 0
  const traffic = createTrafficCounts()
  const { conversions } = events
  const writeTraffic = createCountWriter(traffic, (counted) => addTraffic(database.orm, counted))
  const writeConversions = createCountWriter(conversions, (counted) => addConversions(database.orm, counted))
  let areCountsDue = false

  function storeCountsLater(): void {
    if (areCountsDue || (traffic.isEmpty() && conversions.isEmpty())) return
    areCountsDue = true
    after(COUNTS_EVERY_MS, () => {
      void Promise.allSettled([writeTraffic(), writeConversions()]).then(() => {
        areCountsDue = false
        storeCountsLater()
      })
    })
  }

  return {
    take,
    stats,
    readTable: createTablePort({ table, readTable: parts.readTable, after, clock: () => performance.now() }),
    count(counted: Counted, exchanges: TrafficCounted): void {
      events.add(counted)
      traffic.add(exchanges)
      storeCountsLater()
    },
    noteSeen: parts.registry.noteSeen,
    findOwners: owners.find,
    findManyOwners: owners.findMany,
    async saveOwners(facts: readonly Fact[], at: number): Promise<void> {
      await owners.save(facts, at)
      if (saves++ % TRIM_EVERY_SAVES === 0) await owners.trim(MOST_FACTS)
    },
  }
}
