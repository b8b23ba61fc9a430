import { hasPassed } from '../moments.ts'
import type { CurrentTable, Platform } from '../network/routing-table.ts'
import type { Alarm, Now } from '../ports.ts'
import type { CheckOutcome } from './ask.ts'

/** A platform whose check failed twice, and when the second attempt began. */
export type Failed = { readonly platformId: string; readonly lastTriedAt: number }

/** Fewer failures of a round say nothing about the hub. */
const FEWEST_FAILURES = 3
/** Other platforms that a round needs as witnesses, at least: answered lately or asked now. */
const FEWEST_WITNESSES = 5
/** Between two alarms. */
const ALARM_EVERY_MS = 60_000

export type NetworkDoubt = {
  /** Whether this failure is more likely the hub's own than the platform's. Settles when its round is judged. */
  readonly isHubsOwn: (failed: Failed) => Promise<boolean>
  /** A check of the platform succeeded. */
  readonly noteSuccess: (platformId: string) => void
}

/**
 * Tells platforms that failed from a hub that cannot reach anyone. Failures are judged in rounds: those that come in while one
 * round is judged form the next. Beside the failures of a round stand its witnesses: platforms whose checks succeeded since,
 * and others, asked now, until there are five, or two for each failure if that is more. When more than a third of all these fail, and at least
 * three, it is the hub's own network that is doubted.
 *
 * Example: 2 failures need 5 witnesses. 3 answered lately, 2 are asked: both answer, so 2 of 7 fail, and the platforms are to
 * blame; both fail too, so 4 of 7 fail, and the hub is.
 */
export function createNetworkDoubt(ports: {
  readonly table: CurrentTable
  /** Asks a witness. Never rejects. */
  readonly probe: (platform: Platform) => Promise<CheckOutcome>
  readonly alarm: Alarm
  readonly now: Now
  /** A platform asked as a witness failed while the hub's own network is fine. */
  readonly onFound: (platformId: string) => void
}): NetworkDoubt {
  const { table, probe, alarm, now, onFound } = ports
  const succeededAt = new Map<string, number>()
  let gathered: Failed[] = []
  let next: Promise<boolean> | null = null
  let running: Promise<boolean> = Promise.resolve(false)
  let turn = 0
  let alarmedAt = Number.NEGATIVE_INFINITY

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
    for (const [id, at] of succeededAt) if (at < since || at > now()) succeededAt.delete(id)
    for (const { platformId } of round) succeededAt.delete(platformId)
    const missing = Math.max(FEWEST_WITNESSES, 2 * round.length) - succeededAt.size
    const isKnown = new Set([...round.map((failed) => failed.platformId), ...succeededAt.keys()])
    const witnesses = pickWitnesses(isKnown, missing)
    const outcomes = await Promise.all(witnesses.map(probe))
    const silent = witnesses.filter((_, i) => outcomes[i]?.kind !== 'alive')
    const failures = round.length + silent.length
    const total = round.length + witnesses.length + succeededAt.size
    if (failures < FEWEST_FAILURES || failures * 3 <= total) {
      for (const platform of silent) onFound(platform.id)
      return false
    }
    if (hasPassed(ALARM_EVERY_MS, alarmedAt, now())) {
      alarmedAt = now()
      alarm({ kind: 'own-network-suspect', detail: `${failures} of ${total} still-alive checks failed together` })
    }
    return true
  }

  /** Takes CONNECTED platforms in turn, so that it is not always the same few that are asked. */
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
