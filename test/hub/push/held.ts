import type { Platform, RoutingTable } from '../../../src/hub/network/routing-table.ts'
import type { Delivery } from '../../../src/hub/push/attempt/deliver.ts'
import type { QueueCursor, SavedQueue } from '../../../src/hub/push/cursor.ts'
import { createHeldQueues, type HeldQueues } from '../../../src/hub/push/drain/held-queues.ts'
import { RecentPushes } from '../../../src/hub/push/log/recent.ts'
import { bytesOf, type Push } from '../../../src/hub/push/push.ts'
import { HUB, newPush, platformOf, type RigPlatform, type RigPush } from './rig.ts'

const CPO = cpo('cpo')

/** A sender, whose party's id is its own: `cpo` is NL*CPO. */
function cpo(id: string): Platform {
  return platformOf({ id, party: `NL*${id.toUpperCase()}`, roles: ['CPO'], origin: `http://${id}` })
}

/** @default from cpo */
export type HeldPush = RigPush & { readonly from?: string }

export type Sent = { readonly to: string; readonly push: Push; readonly end: (delivery: Delivery) => void }

/** Queues on a log of this test's, with a clock of its own; no database, no network. */
export type Held = {
  readonly log: readonly Push[]
  /** Begun and not ended. */
  readonly underWay: Sent[]
  /** Everything that was begun, in order. */
  readonly begun: Sent[]
  /** Reads of the log beyond what is in memory. */
  readonly reads: () => number
  /** Bodies of pushes that were read by their numbers. */
  readonly bodies: () => number
  /** How often it was asked whether a row is for a partner. */
  readonly looks: () => number
  readonly missed: readonly { readonly to: string; readonly path: string }[]
  readonly queues: () => HeldQueues
  /** What is answered at once; null leaves it to `end`. */
  answer: (push: Push, to: string) => Delivery | null
  /** When a read of pushes by their numbers ends. */
  untilRead: () => Promise<void>
  /** What a still-alive check finds, and when. */
  isAlive: () => Promise<boolean>
  readonly push: (...pushes: readonly HeldPush[]) => Promise<void>
  /** Lets time pass, with a tick as the engine makes it. */
  readonly pass: (ms: number) => Promise<void>
  readonly change: (platform: RigPlatform) => Promise<void>
  /** The process dies and another one goes on from the cursors of this moment, or from what `seen` makes of them. */
  readonly crash: (seen?: (cursor: QueueCursor) => QueueCursor) => Promise<void>
  readonly settle: () => Promise<void>
}

export const MEMORY_BYTES = 16_000_000
export const DELIVERED: Delivery = { kind: 'delivered' }

export async function holdQueues(
  platforms: readonly RigPlatform[],
  memoryBytes = MEMORY_BYTES,
  chance = () => 0,
): Promise<Held> {
  const log: Push[] = []
  const missed: { to: string; path: string }[] = []
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  let time = 0
  let reads = 0
  let bodies = 0
  let looks = 0
  let table = tableOf(platforms.map(platformOf))
  let life = 0
  let recent = new RecentPushes(memoryBytes)
  let queues = open()
  const senders = new Map([[CPO.id, CPO]])

  function senderOf(id: string): Platform {
    const sender = senders.get(id) ?? cpo(id)
    senders.set(id, sender)
    return sender
  }

  function tableOf(of: readonly Platform[]): RoutingTable {
    return {
      ...{ revision: 1, hub: HUB, credentials: new Map(), agreements: new Map(), departed: new Map() },
      policy: {
        get kind() {
          looks++
          return 'open' as const
        },
        turns: [],
      },
      platforms: new Map([CPO, ...of].map((each) => [each.id, each])),
      parties: new Map(),
    }
  }

  function open(): HeldQueues {
    const own = ++life
    return createHeldQueues({
      recent,
      log: {
        async readModule(module, senders, { after, upTo }, limits) {
          reads++
          const isBy = ({ fromPlatformId: from }: Push) =>
            'only' in senders ? senders.only === from : !senders.except.includes(from)
          const all = log.filter(
            (push) => push.module === module && isBy(push) && push.number > after && push.number <= upTo,
          )
          let bytes = 0
          const isWithin = (push: Push, index: number) =>
            index < limits.pushes && (bytes += bytesOf(push)) - bytesOf(push) < limits.bytes
          const pushes = all.filter(isWithin)
          return { pushes, upTo: pushes.length < all.length ? (pushes.at(-1) as Push).number : upTo }
        },
        async readNumbers(numbers, withBodies) {
          await held.untilRead()
          const pushes = log.filter((push) => numbers.includes(push.number))
          if (!withBodies) return pushes.map((push) => ({ ...push, body: null }))
          bodies += pushes.length
          return pushes
        },
      },
      modules: ['locations', 'tariffs'],
      deliver: (to, push) =>
        new Promise((resolve) => {
          const sent: Sent = {
            ...{ to, push },
            end(delivery) {
              held.underWay.splice(held.underWay.indexOf(sent), 1)
              resolve(delivery)
            },
          }
          held.underWay.push(sent)
          held.begun.push(sent)
          const answer = held.answer(push, to)
          if (answer) sent.end(answer)
        }),
      clock: () => time,
      after(delayMs, callback) {
        const timer = { at: time + delayMs, callback: () => own === life && callback() }
        timers.add(timer)
        return () => timers.delete(timer)
      },
      soon: queueMicrotask,
      chance,
      checkAlive: () => held.isAlive(),
      holds: () => own === life,
      onMissed: (to, { path }) => missed.push({ to, path }),
      alarm: () => {},
      onDirty: () => {},
      onAway(error) {
        throw error
      },
      table: () => table,
      now: () => time,
    })
  }

  function hold(saved: Omit<SavedQueue, 'platformId'> & { readonly platformId: string }): void {
    const platform = table.platforms.get(saved.platformId)
    if (platform) queues.hold(saved, platform, { shard: 1, epoch: life }, 0)
  }

  const held: Held = {
    ...{
      log,
      missed,
      underWay: [],
      begun: [],
      reads: () => reads,
      bodies: () => bodies,
      looks: () => looks,
      queues: () => queues,
    },
    answer: () => DELIVERED,
    untilRead: async () => {},
    isAlive: async () => true,
    async push(...pushes) {
      const added = pushes.map(
        ({ from = CPO.id, ...push }, i): Push => ({ ...newPush(senderOf(from), push), number: log.length + 1 + i }),
      )
      log.push(...added)
      for (const push of added) recent.add(push)
      queues.offer(added)
      recent.trim()
      await settle()
    },
    async pass(ms) {
      time += ms
      for (const timer of timers) {
        if (timer.at > time) continue
        timers.delete(timer)
        timer.callback()
      }
      queues.pump()
      queues.tidy()
      await settle()
    },
    async change(spec) {
      const platform = platformOf(spec)
      table = tableOf(
        [...table.platforms.values()].filter(({ id }) => id !== spec.id && id !== CPO.id).concat(platform),
      )
      queues.retarget(platform)
      await settle()
    },
    async crash(seen = (cursor) => cursor) {
      const saves = [...queues.ids()].map((platformId) => ({ platformId, save: queues.snapshot(platformId) }))
      held.underWay.length = 0
      recent = new RecentPushes(memoryBytes)
      recent.jumpTo(log.length)
      queues = open()
      for (const { platformId, save } of saves) {
        if (save)
          hold({
            ...save,
            cursor: seen(save.cursor),
            platformId,
            isPaused: save.pauseCause === 'administrator',
            skipTo: null,
          })
      }
      await settle()
    },
    settle,
  }
  const none = { delivered: 0, collapsed: 0, failed: 0, missed: 0, withheld: 0, isPaused: false, skipTo: null }
  for (const { id } of platforms) hold({ platformId: id, cursor: { position: 0, lanes: [] }, ...none })
  await settle()
  return held
}

/** What is under way ends without waiting for anything but promises. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}

export function emsp(n: number, delivery: RigPlatform['delivery'] = {}, status: RigPlatform['status'] = 'CONNECTED') {
  const party = `DE*${String(n).padStart(3, '0')}`
  return { id: `emsp${n}`, party, roles: ['EMSP'], origin: `http://emsp${n}`, delivery, status } satisfies RigPlatform
}
