import type { Context } from 'hono'
import type { AdminPorts, EventFeed } from '../../admin/ports.ts'
import type { Exchanger } from '../../http/app.ts'
import type { LookUp } from '../../hub/administration/accounts.ts'
import type { NoteEvent } from '../../hub/administration/events.ts'
import type { Duties } from '../../hub/corridor/duties.ts'
import type { Observe } from '../../hub/message/exchange.ts'
import type { ReadTableRows } from '../../hub/network/registry.ts'
import type { TableSource } from '../../hub/network/table-source.ts'
import type { OwnerStore } from '../../hub/open-routing/object-owners.ts'
import type { After, AlarmKind, NoteBound, Send } from '../../hub/ports.ts'
import type { Presence } from '../../hub/presence/presence.ts'
import type { QueueAdmin } from '../../hub/push/drain/queue-admin.ts'
import type { ShadowRows } from '../../hub/shadow/shadow.ts'
import type { NoteConversion } from '../../hub/translate/carriage.ts'
import type { Orm } from '../../storage/database.ts'
import type { Log } from '../shared/log-rules.ts'

/**
 * All in which Node and Workers differ, one line each. What is the same on both is built in this folder: first `wireParts`
 * on the ground, then `wireHub` on all of it.
 */
export type Runtime = Ground & {
  /** The routing table. Node: told of changes by the database; Workers: looked after before a request is served. */
  readonly table: TableSource
  /** Node: undici, which reads when partners' certificates end; Workers: fetch, which shows none, so that nobody is told of their end. */
  readonly send: Send
  /** Takes every exchange. Node: log, metrics, owners and spans, some at a time; Workers: log, data points and owners. */
  readonly observe: Observe
  /** Node: the whole of it, by timers; Workers: who was heard is told to the Log object, and nobody makes rounds. */
  readonly presence: Pick<Presence, 'onSeen' | 'onUnreachable' | 'check'>
  /** Takes a push for all. Node: the push engine; Workers: refused. */
  readonly broadcast: Duties
  /** Node: the engine's, which acts at once; Workers: what the database knows. */
  readonly queues: QueueAdmin
  /** Tells those who deliver of a push that an administrator has sent again. Node: by a notification; Workers: the Log object. */
  readonly pushed: () => Promise<void>
  /** Has runs of the connection check that wait taken at once. Node: by this process; Workers: by the Keeper object. Never rejects. */
  readonly wakeChecks: () => void
  /** Tells of new events. Node: once the database tells of them, to all who wait; Workers: two seconds later. */
  readonly watch: Pick<EventFeed, 'more' | 'isEnding' | 'behind'>
  /** How a request is read and answered. Node: raw messages; Workers: the web's. */
  readonly exchanger: Exchanger
  /** Node: the socket's, or what trusted proxies say; Workers: what Cloudflare says. */
  readonly clientAddress: (c: Context) => string
  /** Node: the setting's token or the one made at the first start; Workers: the setting's. */
  readonly isAdminToken: (token: string) => boolean
  /** Of the token that counts now. */
  readonly adminTokenDigest: () => string
  /** Takes over a token that was made since. Rejects while the database is away. Node: reads it; Workers: does nothing. */
  readonly refreshAdminToken: () => Promise<void>
  /** Of keys and sessions. Node: what is asked meanwhile together; Workers: each by itself, on connections of its request. */
  readonly lookUp: LookUp
  /** Reads a file that the console's pages load. Node: from its folder; Workers: from the static assets. */
  readonly readAsset: AdminPorts['readAsset']
  /** Node: by itself; Workers: the platform does. */
  readonly compressed: AdminPorts['compressed']
  /** Rejects while the hub is not ready. Node: the database answers; Workers: the table could be read. */
  readonly ready: () => Promise<void>
  /** Prometheus text. Node: of all processes; Workers: of the Log object. Rejects when that cannot be asked. */
  readonly metrics: () => Promise<string>
  /** Whether an ingress keeps what is not for partners from the public. Node: yes; Workers: they are reached directly. */
  readonly isBehindIngress: boolean
}

/** The differences on which the shared parts are built. */
export type Ground = {
  /** Node: the pool of the process; Workers: the connections of the request that is served. */
  readonly orm: Orm
  /** What routes. Node: from the database; Workers: from the Log object. */
  readonly readTable: ReadTableRows
  /** What is known of objects' owners. Node: in the database; Workers: by the Log object. */
  readonly owners: OwnerStore
  /** What owners said of their objects. Node: in the database; Workers: by the Log object. */
  readonly shadow: ShadowRows
  /** Node: timers; Workers: timers for which the request waits to its end. */
  readonly after: After
  /** Node: the port as it is; Workers: the request lasts until what it asked of the port has settled. */
  readonly kept: <P extends Functions>(port: P) => P
  /** Whether a request may wait for what another asked. Node: yes; Workers: no. */
  readonly waitsTogether: boolean
  /** Node: lines on stderr; Workers: the console. */
  readonly log: Pick<Log, 'warn' | 'error'>
  /** Takes note of what administrators want to know. Node: stores it soon; Workers: told to the Log object, which stores it. */
  readonly noteEvent: NoteEvent
  /** Node: counters; Workers: told to the Log object, as isolates come and go. */
  readonly counts: {
    readonly alarm: (kind: AlarmKind) => void
    readonly refusedLogin: () => void
    readonly bound: NoteBound
    readonly noteConversion: NoteConversion
  }
}

type Functions = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>
