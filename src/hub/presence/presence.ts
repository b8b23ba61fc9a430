import type { ChangedBy } from '../administration/events.ts'
import type { Registry } from '../network/registry.ts'
import type { ConnectionStatus, CurrentTable } from '../network/routing-table.ts'
import type { After, Alarm, Now } from '../ports.ts'
import { type AskPorts, type CheckOutcome, createAsk } from './ask.ts'
import { createChecks } from './checks.ts'
import { createHeard } from './heard.ts'
import { createNetworkDoubt } from './network-doubt.ts'
import { type PresenceStore, REFUSES_TOKEN, REVIVED_BY_MESSAGE } from './presence-store.ts'
import { createSilence } from './silence.ts'

/*
 * Who is there [mod_hub_client_info: Still alive check].
 *
 *     CONNECTED ── a check fails twice, and nothing speaks for the platform ──▶ OFFLINE
 *     OFFLINE   ── a check succeeds, or a message comes ─────────────────────▶ CONNECTED
 *
 * A platform that refuses the hub's token is OFFLINE though it sends: only a check, or new credentials, brings it back.
 *
 * heard          every message is proof of life; processes tell each other whom they heard.
 * silence        picks the platforms that nobody heard for a while: 5 minutes when CONNECTED; when OFFLINE one at first, then twice as
 *                long each time, up to the 5.
 * checks         asks a platform, once more a second later when that fails, and decides. A request that got no answer also
 *                leads to a check.
 * ask            one GET of the platform's versions. Nothing but success and "too many requests" counts as an answer.
 * network-doubt  when many checks fail together, the hub's own network is to blame: nobody becomes OFFLINE.
 *
 * Two things speak for a platform whose check failed: a message of it came during the check, or brought it back within the
 * last minute. Then it stays CONNECTED.
 *
 * Example: P sends its last message at 12:00. At 12:05 a process picks P and asks in vain, at 12:05:01 again. Five others are
 * asked and answer, so the network is fine: P is OFFLINE, and all who see it are told. P is asked at 12:06, 12:07 and 12:09,
 * answers then and is CONNECTED.
 */

export type PresencePorts = Omit<AskPorts, 'registry'> & {
  readonly registry: Pick<Registry, 'findConnection' | 'setStatus' | 'noteSeen'>
  readonly store: PresenceStore
  readonly table: CurrentTable
  /** Brings this process's table in step with a status just stored. */
  readonly refresh: () => Promise<void>
  readonly alarm: Alarm
  readonly now: Now
  readonly after: After
  /** How long a CONNECTED platform may be silent before it is asked. */
  readonly keepaliveAfterMs: number
  /** Told of what failed and is tried again, such as the database being away. */
  readonly onError: (error: unknown) => void
}

export type Presence = {
  /** A message of the platform came. */
  readonly onSeen: (platformId: string) => void
  /** A request to the platform got no answer: asks whether it is alive, now or in a moment. */
  readonly onUnreachable: (platformId: string) => void
  /** Asks the platform before all that are merely due, or joins the check under way; its status follows. Never rejects. */
  readonly check: (platformId: string) => Promise<CheckOutcome>
  /** Whether a check finds the platform alive; false as well when it cannot be asked. */
  readonly isAlive: (platformId: string) => Promise<boolean>
  /** Begins to ask who is silent, and to tell the other processes who was heard. */
  readonly start: () => void
  /** Ends that, and tells who was heard last; checks under way change nothing any more. Never rejects. */
  readonly stop: () => Promise<void>
}

const FLUSH_MS = 3_000

export function createPresence(ports: PresencePorts): Presence {
  const { registry, table, now, after, keepaliveAfterMs, onError } = ports
  const reviving = new Set<string>()
  const timers = new Set<() => void>()
  let isStopped = false

  const heard = createHeard(ports)
  const { ask, isBusy, stop: stopAsking } = createAsk(ports)
  const doubt = createNetworkDoubt({
    table,
    alarm: ports.alarm,
    now,
    probe: (platform) => ask(platform, 'next'),
    onFound: (platformId) => checks.checkSoon(platformId),
  })
  const checks = createChecks({
    ask,
    heard,
    doubt,
    table,
    now,
    after,
    becomes: {
      connected: (platformId, cause) => become(platformId, 'CONNECTED', cause, 'OFFLINE', 'still-alive'),
      offline: (platformId, cause) => become(platformId, 'OFFLINE', cause, 'CONNECTED', 'still-alive'),
    },
    onHeardMeanwhile: hearOffline,
  })
  const silence = createSilence({
    store: ports.store,
    table,
    heard,
    isBusy,
    now,
    keepaliveAfterMs,
    onSilent: (platformId) => void checks.check(platformId, 'last'),
  })

  /** A message came of a platform that is OFFLINE. */
  function hearOffline(platformId: string): void {
    const refusesToken = table().platforms.get(platformId)?.statusCause.startsWith(REFUSES_TOKEN)
    if (refusesToken) checks.checkSoon(platformId)
    else revive(platformId)
  }

  function revive(platformId: string): void {
    if (reviving.has(platformId)) return
    reviving.add(platformId)
    const revived = become(platformId, 'CONNECTED', REVIVED_BY_MESSAGE, 'OFFLINE', 'traffic')
    void revived.finally(() => reviving.delete(platformId))
  }

  /** Stores a status and waits until this process routes by it. What cannot be stored the next check finds again. */
  async function become(
    platformId: string,
    status: ConnectionStatus,
    cause: string,
    from: ConnectionStatus,
    by: ChangedBy,
  ): Promise<void> {
    try {
      await registry.setStatus(platformId, status, cause, [from], { by, correlationId: null })
      await ports.refresh()
    } catch (error) {
      onError(error)
    }
  }

  async function flush(): Promise<void> {
    checks.tidy()
    await heard.flush()
  }

  /** Does some work again and again, `ms` after it ended. */
  function every(ms: number, work: () => Promise<void>): void {
    const cancel = after(ms, () => {
      timers.delete(cancel)
      void work()
        .catch(onError)
        .finally(() => {
          if (!isStopped) every(ms, work)
        })
    })
    timers.add(cancel)
  }

  return {
    onSeen(platformId) {
      heard.noteMessage(platformId)
      if (table().platforms.get(platformId)?.status === 'OFFLINE') hearOffline(platformId)
    },
    onUnreachable: checks.checkSoon,
    check: (platformId) => checks.check(platformId, 'next'),
    isAlive: async (platformId) => (await checks.check(platformId, 'next')).kind === 'alive',
    start() {
      every(silence.pickEveryMs, silence.pick)
      every(Math.min(FLUSH_MS, keepaliveAfterMs / 4), flush)
    },
    async stop() {
      isStopped = true
      stopAsking()
      checks.stop()
      for (const cancel of timers) cancel()
      timers.clear()
      await heard.flush().catch(onError)
    },
  }
}
