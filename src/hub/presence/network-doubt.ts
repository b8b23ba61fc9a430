import type { CurrentTable, Platform } from '../network/routing-table.ts'
import type { Alarm, Now } from '../ports.ts'
import type { HandshakeOutcome } from '../registration/handshake-outcome.ts'

/** A platform whose check failed for good, and when the last attempt began. */
export type Failed = { readonly platformId: string; readonly lastTriedAt: number }

/** Fewer failures say nothing about the hub. */
const FEWEST_FAILURES = 3
/** Others asked when a check failed and too few answered lately, so that a small network can clear the hub as well. */
const FEWEST_WITNESSES = 5
/** Within that time one alarm says it. */
const ALARM_EVERY_MS = 60_000

/**
 * Tells partners that failed from a hub that cannot reach anyone. The failures that come in while one round is judged form
 * the next round; beside them stand checks that succeeded since, and as many other platforms, asked now, as a verdict needs.
 * When more than a third of a round fails, and at least three, it is the hub's own network that is doubted.
 */
export function createNetworkDoubt(ports: {
  readonly table: CurrentTable
  readonly probe: (platform: Platform) => Promise<HandshakeOutcome>
  readonly alarm: Alarm
  readonly now: Now
  /** A platform asked as a witness failed while the hub's own network is fine. */
  readonly onFound: (platformId: string) => void
}) {
  const { table, probe, alarm, now, onFound } = ports
  const succeededAt = new Map<string, number>()
  let gathered: Failed[] = []
  let next: Promise<boolean> | null = null
  let running: Promise<boolean> = Promise.resolve(false)
  let turn = 0
  let alarmedAt = Number.NEGATIVE_INFINITY

  /** Whether this failure is more likely the hub's own than the platform's. */
  function isHubsOwn(failed: Failed): Promise<boolean> {
    gathered.push(failed)
    next ??= running.then(() => {
      const round = gathered
      gathered = []
      next = null
      running = judge(round)
      return running
    })
    return next
  }

  async function judge(round: readonly Failed[]): Promise<boolean> {
    const since = Math.min(...round.map((failed) => failed.lastTriedAt))
    for (const [id, at] of succeededAt) if (at < since) succeededAt.delete(id)
    for (const { platformId } of round) succeededAt.delete(platformId)
    const wanted = Math.max(FEWEST_WITNESSES, 2 * round.length) - succeededAt.size
    const witnesses = pickWitnesses(
      new Set([...round.map((failed) => failed.platformId), ...succeededAt.keys()]),
      wanted,
    )
    const outcomes = await Promise.all(witnesses.map(probe))
    const silent = witnesses.filter((_, i) => outcomes[i]?.kind !== 'done')
    const failures = round.length + silent.length
    const total = round.length + witnesses.length + succeededAt.size
    if (failures < FEWEST_FAILURES || failures * 3 <= total) {
      for (const platform of silent) onFound(platform.id)
      return false
    }
    if (now() - alarmedAt >= ALARM_EVERY_MS) {
      alarmedAt = now()
      alarm({ kind: 'own-network-suspect', detail: `${failures} of ${total} still-alive checks failed together` })
    }
    return true
  }

  /** Connected platforms in turn, so that no few are asked again and again. */
  function pickWitnesses(except: ReadonlySet<string>, count: number): Platform[] {
    if (count <= 0) return []
    const others = [...table().platforms.values()].filter(({ id, status }) => status === 'CONNECTED' && !except.has(id))
    const from = others.length === 0 ? 0 : turn % others.length
    turn += count
    return [...others.slice(from), ...others.slice(0, from)].slice(0, count)
  }

  return {
    isHubsOwn,
    noteSuccess(platformId: string): void {
      succeededAt.set(platformId, now())
    },
  }
}
