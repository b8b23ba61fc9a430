import PQueue from 'p-queue'
import type { Registry } from '../network/registry.ts'
import type { ConnectionStatus, CurrentTable, Platform } from '../network/routing-table.ts'
import type { After, Alarm, Now, Secrets } from '../ports.ts'
import type { HandshakeOutcome } from '../registration/handshake-outcome.ts'
import type { PartnerAnswer, PartnerClient } from '../registration/partner-client.ts'
import { createNetworkDoubt, type Failed } from './network-doubt.ts'

/** What processes that share a database know together of who was heard and who was asked. */
export type PresenceStore = {
  /**
   * Picks platforms that are CONNECTED or OFFLINE and that nobody heard of or asked since the moments given, longest silence
   * first, and notes that they are asked now, so that no other process picks them too. At most `limit`, less those that any
   * process picked after `sharedSince`: all of them together ask no faster than one alone.
   */
  readonly claimSilent: (claim: {
    readonly now: number
    readonly connectedSilentSince: number
    readonly offlineSilentSince: number
    readonly limit: number
    readonly sharedSince: number
  }) => Promise<readonly string[]>
  readonly lastHeard: (platformId: string) => Promise<LastHeard>
}

/** What all processes know of a platform together. Moments in milliseconds since the epoch. */
type LastHeard = {
  /** When it sent its last message, as far as its hearer has told. */
  readonly seenAt: number | null
  /** When a message made it CONNECTED; null unless that is why it is. */
  readonly revivedAt: number | null
}

const NOT_HEARD: LastHeard = { seenAt: null, revivedAt: null }

/** Why a platform is CONNECTED that was OFFLINE and sent a message. */
export const REVIVED_BY_MESSAGE = 'sent a message'

export type PresencePorts = {
  readonly registry: Pick<Registry, 'findConnection' | 'setStatus' | 'noteSeen'>
  readonly store: PresenceStore
  /** One whose timeout is that of a check; ten seconds is plenty. */
  readonly client: Pick<PartnerClient, 'getVersions'>
  readonly open: Secrets['open']
  readonly table: CurrentTable
  /** Brings this process's table in step with a status just stored. */
  readonly refresh: () => Promise<void>
  readonly alarm: Alarm
  readonly now: Now
  readonly after: After
  readonly keepaliveAfterMs: number
  /** Told of what failed and will be tried again, such as the database being away. */
  readonly onError: (error: unknown) => void
}

export type Presence = ReturnType<typeof createPresence>

const FLUSH_MS = 3_000
/** A failed check is repeated once before it counts. */
const REPEAT_MS = 1_000
/** Who is OFFLINE is asked at least so often, so that its return is noticed soon. */
const OFFLINE_EVERY_MS = 60_000
/** Who was brought back by a message, and has not answered since, is not put down again for so long: it may be deaf, but lives. */
const SPARED_MS = 60_000
/** Clocks of processes that share a database may be apart by so much. */
const CLOCKS_APART_MS = 10_000
/** Between two checks of one platform that failures ask for. */
const ASKED_EVERY_MS = 2_000
/** Of those that are CONNECTED, and again of those that are OFFLINE: many of these hang, which must hold up no other check. */
const CONCURRENCY = 64
/** Picks per period; each takes its share of the platforms, so that checks spread over the period. */
const PICKS_PER_PERIOD = 60
/** A share is shared by all processes for so much of the time between two picks: not for all of it, as a timer may be early. */
const SHARED_PART = 0.9
const SHORTEST_PICK_MS = 100
const LONGEST_PICK_MS = 5_000
/** Nobody has been silent for so long. */
const NEVER = -1

/**
 * Knows who is there [mod_hub_client_info: Still alive check]. A message is proof of life. Whoever is silent for a while is
 * asked for its versions; that check fails when no envelope of success comes back, be it that nobody answers, that the answer
 * is an error or that the partner does not know the hub's token, because messages would fare no better. Only "too many
 * requests" is as good as success. A check that fails twice makes a platform OFFLINE, unless a message came meanwhile or the
 * hub has reason to doubt its own network; the next success or message makes it CONNECTED. One that sends but does not answer
 * would be told as the one and the other with every message: so a message holds for a minute.
 */
export function createPresence(ports: PresencePorts) {
  const { registry, store, client, table, alarm, now, after, keepaliveAfterMs } = ports
  const seen = new Map<string, number>()
  const calls = {
    CONNECTED: new PQueue({ concurrency: CONCURRENCY }),
    OFFLINE: new PQueue({ concurrency: CONCURRENCY }),
  }
  const underWay = new Map<string, Promise<HandshakeOutcome>>()
  const checkedAt = new Map<string, number>()
  const waiting = new Map<string, () => void>()
  const reviving = new Set<string>()
  const answeredAt = new Map<string, number>()
  const doubt = createNetworkDoubt({
    table,
    probe: (platform) => attemptOn(platform, 'next'),
    alarm,
    now,
    onFound: onUnreachable,
  })
  const timers = new Set<() => void>()
  const pickMs = Math.min(LONGEST_PICK_MS, Math.max(SHORTEST_PICK_MS, keepaliveAfterMs / PICKS_PER_PERIOD))
  const offlineEveryMs = Math.min(keepaliveAfterMs, OFFLINE_EVERY_MS)
  let flushedAt = Number.NEGATIVE_INFINITY
  let isStopped = false

  /** On every message's path: as little as possible. */
  function onSeen(platformId: string): void {
    seen.set(platformId, now())
    if (table().platforms.get(platformId)?.status === 'OFFLINE') revive(platformId)
  }

  function revive(platformId: string): void {
    if (reviving.has(platformId)) return
    reviving.add(platformId)
    void become(platformId, 'CONNECTED', REVIVED_BY_MESSAGE, ['OFFLINE']).finally(() => reviving.delete(platformId))
  }

  /** Stores a status and waits until this process routes by it. Never rejects: the next check finds the same again. */
  async function become(
    platformId: string,
    status: ConnectionStatus,
    cause: string,
    from: readonly ConnectionStatus[],
  ): Promise<void> {
    try {
      await registry.setStatus(platformId, status, cause, from)
      await ports.refresh()
    } catch (error) {
      ports.onError(error)
    }
  }

  /** A request to the platform failed: asks it now, or as soon as the last check is a moment ago. */
  function onUnreachable(platformId: string): void {
    if (isStopped || underWay.has(platformId) || waiting.has(platformId)) return
    if (table().platforms.get(platformId)?.status !== 'CONNECTED') return
    const waitMs = (checkedAt.get(platformId) ?? Number.NEGATIVE_INFINITY) + ASKED_EVERY_MS - now()
    if (waitMs <= 0) return void check(platformId)
    // No longer though the clock was put back since.
    const cancel = after(Math.min(waitMs, ASKED_EVERY_MS), () => {
      waiting.delete(platformId)
      void check(platformId)
    })
    waiting.set(platformId, cancel)
  }

  /** Asks the platform now, or joins the check under way; its status follows before this resolves. Never rejects. */
  function check(platformId: string, turn: Turn = 'next'): Promise<HandshakeOutcome> {
    const running = underWay.get(platformId)
    if (running) return running
    const examined = examine(platformId, turn).finally(() => {
      underWay.delete(platformId)
      checkedAt.set(platformId, now())
    })
    underWay.set(platformId, examined)
    return examined
  }

  async function examine(platformId: string, turn: Turn): Promise<HandshakeOutcome> {
    const platform = table().platforms.get(platformId)
    if (!platform) return { kind: 'unknown-platform' }
    const { status } = platform
    if (status !== 'CONNECTED' && status !== 'OFFLINE') return { kind: 'wrong-status', status }
    const since = now()
    let outcome = await attemptOn(platform, turn)
    let lastTriedAt = since
    if (isFailure(outcome) && status === 'CONNECTED') {
      await pause(REPEAT_MS)
      lastTriedAt = now()
      outcome = await attemptOn(platform, turn)
    }
    if (outcome.kind === 'done') {
      doubt.noteSuccess(platformId)
      answeredAt.set(platformId, now())
      if (status === 'OFFLINE') await become(platformId, 'CONNECTED', 'answered a still-alive check', ['OFFLINE'])
    } else if (isFailure(outcome) && status === 'CONNECTED') {
      return judge({ platformId, lastTriedAt }, since, outcome)
    }
    return outcome
  }

  async function judge(failed: Failed, since: number, outcome: Failure): Promise<HandshakeOutcome> {
    const { platformId } = failed
    if (await doubt.isHubsOwn(failed))
      return { ...outcome, detail: `${outcome.detail} (the hub doubts its own network)` }
    const { seenAt, revivedAt } = await store.lastHeard(platformId).catch(() => NOT_HEARD)
    const isHeard = isSince(seen.get(platformId) ?? 0, since) || isSince(seenAt ?? 0, since)
    const isSpared =
      revivedAt !== null &&
      revivedAt > (answeredAt.get(platformId) ?? 0) &&
      isSince(revivedAt, now() - Math.min(keepaliveAfterMs, SPARED_MS))
    if (isHeard || isSpared || isStopped) return outcome
    await become(platformId, 'OFFLINE', `failed a still-alive check: ${outcome.detail}`.slice(0, 500), ['CONNECTED'])
    // A message that came while this was stored still found it CONNECTED.
    if (isSince(seen.get(platformId) ?? 0, since)) revive(platformId)
    return outcome
  }

  /** What lies ahead is of a clock that was put back since, beyond what clocks of processes are apart: it says nothing. */
  function isSince(at: number, since: number): boolean {
    return at >= since && at <= now() + CLOCKS_APART_MS
  }

  /** One GET of the platform's versions, in its turn. */
  async function attemptOn(platform: Platform, turn: Turn): Promise<HandshakeOutcome> {
    try {
      const connection = await registry.findConnection(platform.id)
      if (!connection) return { kind: 'wrong-status', status: platform.status }
      const { id: platformId, tokenEncoding: encoding } = platform
      const errand = { platformId, token: ports.open(connection.sealedToken), encoding }
      const answer = await calls[platform.status === 'OFFLINE' ? 'OFFLINE' : 'CONNECTED'].add(
        async () => (isStopped ? null : client.getVersions(connection.versionsUrl, errand)),
        { priority: turn === 'next' ? 1 : 0 },
      )
      return answer ? outcomeOf(platform.id, answer) : { kind: 'wrong-status', status: platform.status }
    } catch (error) {
      // Not the partner's failure: the database is away, or the token cannot be opened.
      ports.onError(error)
      return { kind: 'wrong-status', status: platform.status }
    }
  }

  function outcomeOf(platformId: string, answer: PartnerAnswer<unknown>): HandshakeOutcome {
    switch (answer.kind) {
      case 'ok':
        return { kind: 'done' }
      case 'unreachable':
        return { kind: 'partner-unreachable', detail: answer.detail }
      case 'forbidden-url':
        return answer
      case 'refused': {
        const { httpStatus, detail, ocpiStatus } = answer
        if (httpStatus === 429) return { kind: 'done' }
        if (httpStatus === 401 || httpStatus === 403) alarm({ kind: 'receiver-rejects-our-token', platformId, detail })
        return { kind: 'partner-refused', detail, ...(ocpiStatus !== undefined && { ocpiStatus }) }
      }
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => void after(ms, resolve))
  }

  /** Whether the platform answers now; false as well for one that has no connection. */
  async function isAlive(platformId: string): Promise<boolean> {
    return (await check(platformId)).kind === 'done'
  }

  /** How many checks fall into a time when all are silent, and a quarter more, to catch up after a start or a pause. */
  function shareOf(ms: number): number {
    let share = 0
    for (const { status } of table().platforms.values()) {
      if (status === 'CONNECTED') share += ms / keepaliveAfterMs
      else if (status === 'OFFLINE') share += ms / offlineEveryMs
    }
    return Math.ceil(share * 1.25)
  }

  /** Picks who is silent, unless others did just now, and asks them; never more than can be asked in the time of a few picks. */
  async function pick(): Promise<void> {
    const at = now()
    const claimed = await store.claimSilent({
      now: at,
      connectedSilentSince: calls.CONNECTED.size > CONCURRENCY ? NEVER : at - keepaliveAfterMs,
      offlineSilentSince: calls.OFFLINE.size > CONCURRENCY ? NEVER : at - offlineEveryMs,
      limit: shareOf(pickMs),
      sharedSince: at - pickMs * SHARED_PART,
    })
    // The store may not know yet whom this process heard.
    for (const platformId of claimed) {
      const isOffline = table().platforms.get(platformId)?.status === 'OFFLINE'
      const silentSince = at - (isOffline ? offlineEveryMs : keepaliveAfterMs)
      if ((seen.get(platformId) ?? 0) <= silentSince) void check(platformId, 'last')
    }
  }

  /** Tells the other processes whom this one heard. What cannot be told now is told next time. */
  async function flush(): Promise<void> {
    const at = now()
    const { platforms } = table()
    for (const known of [seen, checkedAt, answeredAt])
      for (const id of known.keys()) if (!platforms.has(id)) known.delete(id)
    const fresh = new Map([...seen].filter(([, seenAt]) => seenAt >= flushedAt))
    if (fresh.size > 0) await registry.noteSeen(fresh)
    flushedAt = at
  }

  function every(ms: number, work: () => Promise<void>): void {
    const cancel = after(ms, () => {
      timers.delete(cancel)
      void work()
        .catch(ports.onError)
        .finally(() => {
          if (!isStopped) every(ms, work)
        })
    })
    timers.add(cancel)
  }

  function start(): void {
    every(pickMs, pick)
    every(Math.min(FLUSH_MS, keepaliveAfterMs / 4), flush)
  }

  /** Ends the timers and tells who was heard last; checks under way change nothing any more. */
  async function stop(): Promise<void> {
    isStopped = true
    for (const cancel of [...timers, ...waiting.values()]) cancel()
    timers.clear()
    waiting.clear()
    await flush().catch(ports.onError)
  }

  return { onSeen, onUnreachable, check, isAlive, start, stop }
}

/** Before those that wait because they are silent, or behind them. */
type Turn = 'next' | 'last'

type Failure = Extract<HandshakeOutcome, { kind: 'partner-unreachable' | 'partner-refused' | 'forbidden-url' }>

function isFailure(outcome: HandshakeOutcome): outcome is Failure {
  return (
    outcome.kind === 'partner-unreachable' || outcome.kind === 'partner-refused' || outcome.kind === 'forbidden-url'
  )
}
