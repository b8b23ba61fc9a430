import type postgres from 'postgres'
import { DAY_MS } from '../../hub/moments.ts'
import type { NoteBound } from '../../hub/ports.ts'
import { deleteAuditBefore } from '../../storage/administration/audit.ts'
import { noteCertificatesThatEnd } from '../../storage/administration/certificate-events.ts'
import { deleteSessionsEndedBefore } from '../../storage/administration/credentials.ts'
import { deleteEventsBefore, deleteEventsBeyond } from '../../storage/administration/events.ts'
import { deleteLockOutsEndedBy } from '../../storage/administration/lock-outs.ts'
import { noteQueues } from '../../storage/administration/queue-events.ts'
import { noteSeenPlatforms } from '../../storage/administration/seen-events.ts'
import { noteTokensThatEnd } from '../../storage/administration/token-events.ts'
import { scheduleChecks } from '../../storage/check/schedule.ts'
import { trimConversions } from '../../storage/conversions/counts.ts'
import type { Orm } from '../../storage/database.ts'
import { deleteExpiredPlans, deletePlansBeyond, MOST_PLANS } from '../../storage/get-all-plans.ts'
import { maintainMessageLog, summariseNewRows } from '../../storage/message-log/segments.ts'
import { deletePartnerLinksEndedBefore } from '../../storage/partner/links.ts'
import { maintainShadow } from '../../storage/shadow/store.ts'
import { deleteExpiredUrls, deleteUrlsBeyond, MOST_URLS } from '../../storage/stored-urls.ts'
import { trimTraffic } from '../../storage/traffic/counts.ts'
import type { Settings } from '../settings/settings.ts'
import { earlierNow } from '../shared/earlier-now.ts'

const OBJECTS_EVERY_MS = 600_000
const AUDIT_EVERY_MS = 3_600_000
/** Five weeks, so that a day can be held against the same day of last month. */
const TRAFFIC_DAYS = 35
/** Hours of platforms, by module and outcome: about 1.3 GB. 300 busy platforms make some 9 million in 35 days. */
const MOST_TRAFFIC_HOURS = 10_000_000
/** Of what a platform was not given as it was, by who sent it and as far as told apart: some 300 bytes each. */
const MOST_CONVERSION_REMARKS = 5_000
const EVENTS_EVERY_MS = 5_000
const EVENT_DAYS = 90
/** A few hundred bytes each. Whoever brings about many of one kind drives none of another out, and nearly none of others' out. */
const MOST_EVENTS = { ofKind: 200_000, ofPlatform: 5_000 }

/** Something done again and again, `everyMs` after it was begun last. */
export type Chore = { readonly what: string; readonly everyMs: number; readonly run: () => Promise<unknown> }

const SHADOW_EVERY_MS = 300_000
/** Of one owner's objects, of which a Location with its EVSEs has some. */
const SHADOW_BYTES_PER_OBJECT = 10_000

/** Keeps what owners said of their objects within its bounds. */
export function shadowChore(
  sql: postgres.Sql,
  { shadowObjects: objects }: Pick<Settings, 'shadowObjects'>,
  noteBound: NoteBound,
): Chore {
  return {
    what: 'objects that were seen',
    everyMs: SHADOW_EVERY_MS,
    async run() {
      if ((await maintainShadow(sql, { objects, bytes: objects * SHADOW_BYTES_PER_OBJECT })) > 0) noteBound('shadow')
    },
  }
}

/** What keeps the database within its bounds, on every runtime. Several processes may do it; the database sorts them out. */
export function housekeepingOf(
  orm: Orm,
  settings: Settings,
  noteBound: NoteBound,
  messageLogEveryMs: number,
): readonly Chore[] {
  const { messageLogBytes: bytes, messageLogDays: days, auditDays, connectionCheckEveryDays } = settings
  return [
    {
      what: 'message log',
      everyMs: messageLogEveryMs,
      run: () => maintainMessageLog(orm, earlierNow(), { bytes, days }),
    },
    { what: 'sessions', everyMs: OBJECTS_EVERY_MS, run: () => deleteSessionsEndedBefore(orm, earlierNow()) },
    { what: "partners' links", everyMs: OBJECTS_EVERY_MS, run: () => deletePartnerLinksEndedBefore(orm, earlierNow()) },
    { what: 'lock-outs', everyMs: OBJECTS_EVERY_MS, run: () => deleteLockOutsEndedBy(orm, earlierNow()) },
    {
      what: 'audit trail',
      everyMs: AUDIT_EVERY_MS,
      run: () => deleteAuditBefore(orm, earlierNow() - auditDays * DAY_MS),
    },
    { what: 'index of the message log', everyMs: messageLogEveryMs, run: () => summariseNewRows(orm) },
    {
      what: 'traffic',
      everyMs: OBJECTS_EVERY_MS,
      async run() {
        const retention = { days: Math.max(days, TRAFFIC_DAYS), mostHours: MOST_TRAFFIC_HOURS }
        if (await trimTraffic(orm, earlierNow(), retention)) noteBound('traffic')
      },
    },
    {
      what: 'conversions',
      everyMs: OBJECTS_EVERY_MS,
      async run() {
        const since = earlierNow() - Math.max(days, TRAFFIC_DAYS) * DAY_MS
        if (await trimConversions(orm, { since, mostOfPlatform: MOST_CONVERSION_REMARKS })) noteBound('conversions')
      },
    },
    {
      what: 'stored URLs',
      everyMs: OBJECTS_EVERY_MS,
      async run() {
        await deleteExpiredUrls(orm, earlierNow())
        if ((await deleteUrlsBeyond(orm, MOST_URLS)) > 0) noteBound('stored-urls')
      },
    },
    {
      what: 'totals of lists',
      everyMs: OBJECTS_EVERY_MS,
      async run() {
        await deleteExpiredPlans(orm, earlierNow())
        if ((await deletePlansBeyond(orm, MOST_PLANS)) > 0) noteBound('stored-totals')
      },
    },
    { what: 'events of queues', everyMs: EVENTS_EVERY_MS, run: () => noteQueues(orm, Date.now()) },
    { what: 'events of platforms', everyMs: EVENTS_EVERY_MS, run: () => noteSeenPlatforms(orm, Date.now()) },
    ...(connectionCheckEveryDays > 0
      ? [
          {
            what: 'schedule of connection checks',
            everyMs: OBJECTS_EVERY_MS,
            run: () => scheduleChecks(orm, connectionCheckEveryDays * DAY_MS, Date.now()),
          },
        ]
      : []),
    { what: 'events of tokens', everyMs: OBJECTS_EVERY_MS, run: () => noteTokensThatEnd(orm, Date.now()) },
    {
      what: 'events of certificates',
      everyMs: OBJECTS_EVERY_MS,
      run: () => noteCertificatesThatEnd(orm, Date.now()),
    },
    {
      what: 'events',
      everyMs: OBJECTS_EVERY_MS,
      async run() {
        await deleteEventsBefore(orm, earlierNow() - EVENT_DAYS * DAY_MS)
        if (await deleteEventsBeyond(orm, MOST_EVENTS)) noteBound('stored-events')
      },
    },
  ]
}
