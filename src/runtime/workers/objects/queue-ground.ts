import type { NoteEvent } from '../../../hub/administration/events.ts'
import { createRoom } from '../../../hub/limits.ts'
import type { Exchange, Observe } from '../../../hub/message/exchange.ts'
import { createLoggedDeliveries, type IsLogged } from '../../../hub/message/logged-deliveries.ts'
import { loopMarkOf } from '../../../hub/message/loop-mark.ts'
import { keptOf } from '../../../hub/message/message-log.ts'
import { createTableSource } from '../../../hub/network/table-source.ts'
import { createAliases } from '../../../hub/open-routing/aliases.ts'
import { createContracts } from '../../../hub/open-routing/contracts.ts'
import { createDrivers } from '../../../hub/open-routing/drivers.ts'
import { createObjectOwners } from '../../../hub/open-routing/object-owners.ts'
import type { Alarm, Inflate, Now, Send } from '../../../hub/ports.ts'
import type { PartnerClient } from '../../../hub/registration/partner-client.ts'
import { createShadowStore } from '../../../hub/shadow/shadow.ts'
import type { ConversionNote } from '../../../hub/translate/carriage.ts'
import type { Translate } from '../../../hub/translate/translate.ts'
import { createRowBatches } from '../../../storage/message-log/row-batch.ts'
import { createEventCounts, type EventCounts } from '../../metrics/events.ts'
import { createTrafficCounts, type TrafficCounts } from '../../metrics/traffic.ts'
import type { Settings } from '../../settings/settings.ts'
import { isAllowedHost } from '../../shared/address-guard.ts'
import { after } from '../../shared/after.ts'
import { createAlarm } from '../../shared/alarm.ts'
import { CannotStart, describeError } from '../../shared/cannot-start.ts'
import { createInflater } from '../../shared/inflate.ts'
import { createSecrets, random } from '../../shared/secrets.ts'
import { createCheckClient } from '../../wiring/wire-client.ts'
import { wireTranslate } from '../../wiring/wire-translate.ts'
import { readBindings } from '../bindings.ts'
import { createConsoleLog } from '../console-log.ts'
import { createFetchSend } from '../fetch-send.ts'
import { NOTHING_OBSERVED, type Observed, packed } from '../observed.ts'
import { createSharedTable, type SharedTable } from '../shared-table.ts'
import { ownersBy } from './owners-by-log.ts'
import { type Bindings, LOG_NAME } from './ports.ts'
import { valueOf } from './rpc.ts'
import { shadowBy } from './shadow-by-log.ts'

/** What all Queue objects of an isolate share: it opens no database. */
export type QueueGround = {
  readonly settings: Settings
  readonly shared: SharedTable
  readonly send: Send
  readonly alarm: Alarm
  readonly noteEvent: NoteEvent
  /** Counts exchanges, to be told with whatever is told next. */
  readonly traffic: TrafficCounts
  /** Counts an event, and tells the Log object what is counted. */
  readonly count: (note: (events: EventCounts) => void) => void
  readonly loopMark: string
  readonly checkClient: Pick<PartnerClient, 'getVersions'>
  /** Tells the Log object of an exchange: of those that are few. */
  readonly observe: Observe
  readonly inflate: Inflate
  /** What it converts is counted as what this object did. */
  readonly translate: Translate
  readonly now: Now
  /** Of an isolate, as of a process on Node: engines begin anew with each start of a queue. */
  readonly isLogged: IsLogged
}

/** Conversions are told after this, all that came meanwhile together. */
const CONVERSIONS_AFTER_MS = 1_000

/** A thousand objects in one isolate have one routing table together: each with its own would be beyond what an isolate may hold. */
let ground: QueueGround | null = null

/** Throws a CannotStart when the settings do not do. */
export function queueGround(bindings: Bindings): QueueGround {
  ground ??= makeGround(bindings)
  return ground
}

function makeGround(bindings: Bindings): QueueGround {
  const { settings, problems } = readBindings(bindings)
  const { secretKey, previousSecretKey, deliveryDefaults } = settings
  if (problems.length > 0 || secretKey === null) throw new CannotStart(problems)
  const secrets = createSecrets({ current: secretKey, previous: previousSecretKey })
  const events = createEventCounts()
  const traffic = createTrafficCounts()
  function tell(observed: Partial<Observed>): void {
    const exchanges = traffic.take()
    void bindings.LOG.getByName(LOG_NAME)
      .observed({ ...NOTHING_OBSERVED, ...observed, traffic: exchanges })
      .catch(() => {
        traffic.add(exchanges)
        if (observed.counted) events.add(observed.counted)
      })
  }
  /** Tells the Log object at once: there are few, and an object may come to rest at any time. */
  function count(note: (events: EventCounts) => void): void {
    note(events)
    tell({ counted: events.take() })
  }
  let isConversionDue = false
  /** Told together with others that come within a second: there may be many. */
  function noteConversion(conversion: ConversionNote): void {
    events.noteConversion(conversion)
    if (isConversionDue) return
    isConversionDue = true
    after(CONVERSIONS_AFTER_MS, () => {
      isConversionDue = false
      if (!events.isEmpty()) tell({ counted: events.take() })
    })
  }
  const noteEvent: NoteEvent = (event) =>
    void bindings.LOG.getByName(LOG_NAME)
      .observed({ ...NOTHING_OBSERVED, happened: [event] })
      .catch(() => undefined)
  const log = createConsoleLog(settings.logLevel)
  const alarm = createAlarm(log, (kind) => count((events) => events.alarm(kind)), noteEvent)
  const hub = { countryCode: settings.hubCountryCode, partyId: settings.hubPartyId }
  const loopMark = loopMarkOf(secrets.mac)
  const now = Date.now
  const inflate = createInflater({
    room: createRoom(settings.inflatedBytes),
    now,
    noteBound: (bound) => count((events) => events.bound(bound)),
  })
  const owners = createObjectOwners({
    store: ownersBy(() => bindings.LOG.getByName(LOG_NAME)),
    now,
    after,
    noteBound: (bound) => count((counts) => counts.bound(bound)),
  })
  const shared = createSharedTable({
    now: Date.now,
    sourceFrom: (start, isFresh) =>
      createTableSource({
        read: (afterRevision) => valueOf(() => bindings.LOG.getByName(LOG_NAME).readTable(afterRevision, isFresh)),
        open: secrets.open,
        hub,
        deliveryDefaults,
        ...(start && { start }),
      }),
    onStale: (error) => alarm({ kind: 'database-away', detail: describeError(error) }),
  })
  const contracts = createContracts({ owners, now, table: shared.current })
  const drivers = createDrivers({ owners })
  const aliases = createAliases({ owners, digest: secrets.digest })
  const send = createFetchSend({
    isHostAllowed: settings.allowPrivateNetworks ? () => true : isAllowedHost,
    ofLength: (stream) => stream,
    // A queue has no more deliveries under way than it may, and the sixth request of its object is a check: neither ever waits here, where
    // its time would pass.
    places: null,
    streamIdleMs: settings.streamIdleMs,
    streamTotalMs: settings.streamTotalMs,
  })
  const batches = createRowBatches()
  function observe(exchange: Exchange): void {
    const batch = batches.open()
    batch.add(keptOf(exchange, settings.messageLogBodyBytes))
    traffic.observe(exchange)
    tell({ rows: packed(batch) })
    batches.reuse(batch.pages())
  }
  return {
    settings,
    alarm,
    traffic,
    noteEvent,
    count,
    loopMark,
    now,
    inflate,
    translate: wireTranslate({
      ...{ settings, now, after, log, noteConversion, hub, contracts, drivers, aliases },
      businessOf: (roles) => valueOf(() => bindings.LOG.getByName(LOG_NAME).businessOf(roles)),
      shadow: createShadowStore(shadowBy(() => bindings.LOG.getByName(LOG_NAME))),
      asking: { table: shared.current, send, inflate, observe, random, loopMark, waitsTogether: false },
    }),
    send,
    observe,
    isLogged: createLoggedDeliveries(settings.messageLogDeliveriesPerSecond, now),
    checkClient: createCheckClient({ settings, send, inflate, loopMark, now }, observe),
    shared,
  }
}
