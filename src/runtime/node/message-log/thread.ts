import { parentPort, workerData } from 'node:worker_threads'
import { createMessageLog } from '../../../hub/message/message-log.ts'
import { openConnections } from '../../../storage/connections.ts'
import { createMessageWriter } from '../../../storage/message-log/writer.ts'
import { after } from '../../shared/after.ts'
import { createOpenSocket } from '../database-socket.ts'
import { readExchange } from './exchange-frame.ts'
import { type LogMemory, tellCounts } from './log-memory.ts'
import type { FromLogThread, ToLogThread } from './log-thread.ts'
import { createRingReader } from './ring.ts'

// The message log's thread within the hub's process, see `createLogThread`. It loads little, since each process of a hub has one.

/** What it is started with. */
export type LogThreadData = { readonly memory: LogMemory; readonly databaseUrl: string; readonly bodyBytes: number }

/** Between two looks at the ring: nobody has to wake the thread, which would cost the hub more than all it does for the log. */
const LOOK_MS = 20

/** Takes exchanges out of the ring until the hub says to end, and writes them to the log. */
function run(): void {
  const { memory, databaseUrl, bodyBytes } = workerData as LogThreadData
  const ring = createRingReader(memory.ring)
  const store = createMessageWriter(() =>
    openConnections({ url: databaseUrl, maxConnections: 1, commitsLater: true, openSocket: createOpenSocket() }),
  )
  const log = createMessageLog({ store, after, limits: { bodyBytes }, onDropped: () => tellDropped() })
  let faults = 0
  const looking = setInterval(look, LOOK_MS)

  function look(): void {
    ring.drain((bytes, start) => {
      try {
        log.observe(readExchange(bytes, start))
      } catch (error) {
        faults += 1
        tell({ kind: 'fault', why: error instanceof Error ? (error.stack ?? error.message) : String(error) })
        tellDropped()
      }
    })
    count()
  }

  function count(): void {
    const { written, dropped } = log.stats()
    tellCounts(memory, { written, dropped: dropped + faults })
  }

  function tell(message: FromLogThread): void {
    parentPort?.postMessage(message)
  }

  function tellDropped(): void {
    count()
    tell({ kind: 'dropped' })
  }

  async function obey(message: ToLogThread): Promise<void> {
    switch (message.kind) {
      case 'store':
        clearInterval(looking)
        look()
        await log.close(message.withinMs)
        count()
        tell({ kind: 'stored' })
        return
      case 'end':
        await store.close()
        process.exit()
    }
  }

  parentPort?.on('message', (message: ToLogThread) => void obey(message))
}

run()
