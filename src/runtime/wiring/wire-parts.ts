import type { ProblemNote } from '../../admin/ports.ts'
import type { By } from '../../hub/administration/audit.ts'
import { createNoteHandshake } from '../../hub/administration/handshake-attempts.ts'
import { createNoteRefused, type NoteRefused } from '../../hub/administration/refused-calls.ts'
import type { CheckWorker } from '../../hub/check/runs/worker.ts'
import { createRoom } from '../../hub/limits.ts'
import type { Observe } from '../../hub/message/exchange.ts'
import { loopMarkOf } from '../../hub/message/loop-mark.ts'
import { createNewerToken } from '../../hub/network/newer-token.ts'
import type { CurrentTable, RoutingTable } from '../../hub/network/routing-table.ts'
import { createTableSource } from '../../hub/network/table-source.ts'
import { createAliases } from '../../hub/open-routing/aliases.ts'
import { createContracts } from '../../hub/open-routing/contracts.ts'
import { createDrivers } from '../../hub/open-routing/drivers.ts'
import { createOwnerLearner } from '../../hub/open-routing/learn-owners.ts'
import { createObjectOwners } from '../../hub/open-routing/object-owners.ts'
import { createPresence, type Presence } from '../../hub/presence/presence.ts'
import type { PartnerClient } from '../../hub/registration/partner-client.ts'
import type { PartiesTeller } from '../../hub/registration/tell-parties.ts'
import { createShadowStore } from '../../hub/shadow/shadow.ts'
import type { Translate } from '../../hub/translate/translate.ts'
import { createAccountViews } from '../../storage/administration/accounts.ts'
import { createAuditTrail } from '../../storage/administration/audit.ts'
import { createAuditedAccounts } from '../../storage/administration/audited-accounts.ts'
import { createAuditedAgreements } from '../../storage/administration/audited-agreements.ts'
import { createAuditedChecks } from '../../storage/administration/audited-checks.ts'
import { type AskedHandshake, auditHandshake } from '../../storage/administration/audited-handshakes.ts'
import { createAuditedPartnerLinks } from '../../storage/administration/audited-partner-links.ts'
import { createAuditedRegistry } from '../../storage/administration/audited-registry.ts'
import { createAuditedSandbox } from '../../storage/administration/audited-sandbox.ts'
import { createAuditedWebhooks } from '../../storage/administration/audited-webhooks.ts'
import { createConcernStore } from '../../storage/administration/concerns.ts'
import { createEventStore } from '../../storage/administration/events.ts'
import { createAttemptStore } from '../../storage/administration/handshake-attempts.ts'
import { createAuditedLockOuts } from '../../storage/administration/lock-outs.ts'
import { createFindTraces, createRefusedCallStore } from '../../storage/administration/refused-calls.ts'
import { createCheckCommands } from '../../storage/check/commands.ts'
import { createCheckViews } from '../../storage/check/views.ts'
import { createConversionReader } from '../../storage/conversions/read.ts'
import { createGetAllPlans } from '../../storage/get-all-plans.ts'
import { createHubState } from '../../storage/hub-state.ts'
import { createMessageSearch } from '../../storage/message-log/search.ts'
import { createAgreementStore } from '../../storage/network/agreements.ts'
import { createNewcomerList } from '../../storage/network/newcomers.ts'
import { createPlatformFigures } from '../../storage/network/platform-figures.ts'
import { settlePolicy } from '../../storage/network/policy.ts'
import { createPresenceStore } from '../../storage/network/presence.ts'
import { createRegistry } from '../../storage/network/registry.ts'
import { createSandboxMemory } from '../../storage/network/sandbox-memory.ts'
import { createToldCredentials } from '../../storage/network/told-credentials.ts'
import { createPartnerLinkViews } from '../../storage/partner/links.ts'
import { createPartnerSessions } from '../../storage/partner/sessions.ts'
import { createSendAgainStore } from '../../storage/push/send-again.ts'
import { createDeliveryTraces } from '../../storage/push/traces.ts'
import { settleWithin } from '../../storage/settle-within.ts'
import { createStoredUrls } from '../../storage/stored-urls.ts'
import { createTrafficReader } from '../../storage/traffic/read.ts'
import { createWebhookViews } from '../../storage/webhooks/webhooks.ts'
import type { Settings } from '../settings/settings.ts'
import { createAlarm } from '../shared/alarm.ts'
import { describeError } from '../shared/cannot-start.ts'
import { createInflater } from '../shared/inflate.ts'
import { createStreamInflater } from '../shared/inflate-stream.ts'
import { admitKeys } from '../shared/key-check.ts'
import { createSecrets, random, type SecretKeys } from '../shared/secrets.ts'
import type { Ground, Runtime } from './runtime.ts'
import { type CheckMeans, wireCheckWorker } from './wire-checks.ts'
import { createCheckClient, createClient } from './wire-client.ts'
import { type HandshakeMeans, wireConnect, wireCredentials, wirePartiesTeller } from './wire-handshakes.ts'
import { wireTranslate } from './wire-translate.ts'

/** A failed login, or a token that a partner refused, waits no longer than this for a database that is slow or away. */
export const FRESHEN_WITHIN_MS = 1_000

/** An answer in a handshake waits no longer than this to be noted by a database that is slow or away. */
const NOTED_WITHIN_MS = 1_000

type CheckClient = Pick<PartnerClient, 'getVersions'>

export type HubParts = ReturnType<typeof wireParts>

/** The parts of a hub that are the same on every runtime. Asks nothing of the database yet. */
export function wireParts(settings: Settings, secretKeys: SecretKeys, ground: Ground) {
  const { orm, after, kept, log, counts, noteEvent, waitsTogether } = ground
  const now = Date.now
  const hub = { countryCode: settings.hubCountryCode, partyId: settings.hubPartyId }
  const secrets = createSecrets(secretKeys)
  const loopMark = loopMarkOf(secrets.mac)
  const state = createHubState(orm)
  const stored = { admission: settings.admission, connectionCheck: settings.connectionCheck }
  const registry = kept(createRegistry({ orm, now, ...stored, noteBound: counts.bound }))
  const owners = createObjectOwners({ store: kept(ground.owners), now, after, noteBound: counts.bound })
  let currentTable: CurrentTable | null = null
  const contracts = createContracts({ owners, now, table: () => currentTable?.() ?? null })
  const drivers = createDrivers({ owners })
  const aliases = createAliases({ owners, digest: secrets.digest })
  const alarm = createAlarm(log, counts.alarm, noteEvent)
  const attempts = createAttemptStore(orm)
  const onNotNoted = (error: unknown) =>
    log.warn({ why: describeError(error) }, 'a refused call or a handshake was not noted')
  const { noteHandshake } = kept({
    noteHandshake: createNoteHandshake({
      store: { note: (noted) => settleWithin(NOTED_WITHIN_MS, attempts.note(noted)) },
      noteEvent,
      now,
      onError: onNotNoted,
    }),
  })
  const toldCredentials = kept(createToldCredentials(orm))
  const checkCommands = createCheckCommands({ orm, now })
  const inflatedRoom = createRoom(settings.inflatedBytes)
  const inflate = createInflater({ room: inflatedRoom, now, noteBound: counts.bound })
  const inflateStream = createStreamInflater({ room: inflatedRoom, noteBound: counts.bound })
  const shadow = createShadowStore(kept(ground.shadow))

  /** Carries messages between versions, from where it runs. */
  function translateOn({ send, observe, table }: Pick<Runtime, 'send' | 'observe' | 'table'>): Translate {
    return wireTranslate({
      ...{ settings, now, after, log, hub, contracts, drivers, aliases, shadow },
      noteConversion: counts.noteConversion,
      businessOf: toldCredentials.businessOf,
      asking: { table: table.current, send, inflate, observe, random, loopMark, waitsTogether },
    })
  }

  /** Makes sure that the keys are the database's, and the routing policy the setting's. Throws a CannotStart. */
  async function settle(): Promise<void> {
    await admitKeys(secrets, state)
    await settlePolicy(orm, settings.routingPolicy, now())
  }

  /** A source of the routing table that goes on from `start`, or reads all of it. */
  function tableFrom(start: RoutingTable | null, read = ground.readTable) {
    const { deliveryDefaults } = settings
    return createTableSource({ read, open: secrets.open, hub, deliveryDefaults, ...(start && { start }) })
  }

  /** Learns from exchanges which party owns which object. From then on contracts are judged by the parties of this table. */
  function learnOwners(table: Runtime['table']): Observe {
    currentTable = table.current
    return createOwnerLearner({ owners, table: table.current })
  }

  /** The hub as who makes still-alive checks from where it runs. */
  function checkClient({ send, observe }: Pick<Runtime, 'send' | 'observe'>): CheckClient {
    return createCheckClient({ settings, send, inflate, loopMark, now }, observe)
  }

  function presenceOn({ table, client }: Pick<Runtime, 'table'> & { readonly client: CheckClient }): Presence {
    return createPresence({
      registry,
      store: createPresenceStore(orm),
      client,
      open: secrets.open,
      table: table.current,
      refresh: table.refresh,
      alarm,
      now,
      after,
      keepaliveAfterMs: settings.keepaliveAfterS * 1000,
      onError: (error) => log.warn({ why: describeError(error) }, 'presence'),
    })
  }

  const handshakes = { settings, secrets, hub, now, registry, toldCredentials, alarm, noteHandshake, log }
  const handshakeParts = { ...handshakes, noteBound: counts.bound }

  /** Tells platforms of changes of the parties that they reach, from where it runs. */
  function partiesTeller({ send, observe, table }: Pick<Runtime, 'send' | 'observe' | 'table'>): PartiesTeller {
    const client = createClient({ settings, send, inflate, loopMark, now }, observe)
    return wirePartiesTeller(handshakeParts, { client, table })
  }

  /** Makes the connection checks that wait, from where it runs. */
  function checkWorker(means: CheckMeans): CheckWorker {
    const own = { settings, secrets, hub, inflate, loopMark, now, after, registry, orm, commands: checkCommands, log }
    return wireCheckWorker(own, means)
  }

  /** What an administrator changes, with its rows in the audit trail. */
  function auditedBy(by: By) {
    const ports = { orm, now, ...stored, noteBound: counts.bound }
    return {
      accounts: kept(createAuditedAccounts(orm, by)),
      lockOuts: kept(createAuditedLockOuts(orm, by)),
      webhooks: kept(createAuditedWebhooks(orm, by)),
      partnerLinks: kept(createAuditedPartnerLinks(orm, by)),
      registry: kept(createAuditedRegistry(ports, by)),
      agreements: kept(createAuditedAgreements(ports, by)),
      checks: kept(createAuditedChecks(ports, by)),
      sandbox: kept(createAuditedSandbox(ports, by)),
      sendAgain: kept(createSendAgainStore(ports, by)),
      ...kept({ handshake: (asked: AskedHandshake) => auditHandshake({ ...ports, registry }, by, asked) }),
    }
  }

  /** Brings the table up to date for whoever cannot wait long for a database that is slow or away. */
  function freshenerOf(table: Runtime['table']): () => Promise<void> {
    return () => settleWithin(FRESHEN_WITHIN_MS, table.refresh())
  }

  /** Takes note of calls that are refused, and finds out why behind their answer. */
  function noteRefusedWith(isAdminToken: Runtime['isAdminToken']): NoteRefused {
    return createNoteRefused({
      store: createRefusedCallStore(orm),
      findTraces: createFindTraces(orm),
      secrets,
      isAdminToken,
      noteHandshake,
      noteEvent,
      now,
      behind: kept({ behind: (work: () => Promise<void>) => work() }).behind,
      onTooMany: () => counts.bound('refused-calls'),
      onError: onNotNoted,
    })
  }

  return {
    orm,
    settings,
    secrets,
    loopMark,
    hub,
    now,
    inflate,
    inflateStream,
    translateOn,
    shadow,
    after,
    alarm,
    noteEvent,
    state,
    registry,
    readTable: ground.readTable,
    owners,
    contracts,
    aliases,
    storedUrls: createStoredUrls({ orm, now }),
    accounts: createAccountViews(orm),
    agreements: createAgreementStore({ orm, now }),
    audit: createAuditTrail(orm),
    auditedBy,
    plans: createGetAllPlans({ orm, now }),
    messages: createMessageSearch(orm, hub),
    traffic: createTrafficReader(orm),
    conversions: createConversionReader(orm),
    platformFigures: createPlatformFigures(orm),
    events: createEventStore(orm),
    webhooks: createWebhookViews(orm),
    partnerLinks: createPartnerLinkViews(orm),
    partnerSessions: createPartnerSessions(orm),
    traces: createDeliveryTraces(orm),
    checks: createCheckViews(orm),
    checkCommands,
    checkWorker,
    concerns: createConcernStore(orm),
    sandboxMemory: kept(createSandboxMemory(orm)),
    newcomers: createNewcomerList(orm),
    attempts,
    refusedCalls: createRefusedCallStore(orm),
    noteHandshake,
    noteRefusedWith,
    settle,
    tableFrom,
    learnOwners,
    checkClient,
    presenceOn,
    toldCredentials,
    credentialsOn: (table: Pick<Runtime['table'], 'current'>) => wireCredentials(handshakeParts, table),
    connectWith: (means: HandshakeMeans) => wireConnect(handshakeParts, means),
    partiesTeller,
    freshenerOf,
    newerTokenIn: (table: Runtime['table']) => createNewerToken(table.current, freshenerOf(table)),
    noteProblem: (note: ProblemNote) => log.warn({ ...note, error: note.error?.stack }, 'problem'),
    onTellingFailed: (error: unknown) => log.warn({ why: describeError(error) }, 'webhooks'),
    /** Told what nobody caught. */
    onError: (error: unknown) =>
      log.error({ why: error instanceof Error ? error.stack : String(error) }, 'a request failed'),
  }
}
