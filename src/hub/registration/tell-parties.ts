import { listsReachable } from '../../ocpi/credentials.ts'
import { inParallel } from '../in-parallel.ts'
import { asPast } from '../moments.ts'
import { type CurrentTable, endpointOf, type Platform } from '../network/routing-table.ts'
import type { Now } from '../ports.ts'
import type { HandshakeOutcome } from './handshake-outcome.ts'
import type { OwnCredentials } from './own-credentials.ts'
import type { Told, ToldCredentials } from './told-credentials.ts'

/** Platforms that are told at once: each may take as long as its handshake does. */
const TOLD_AT_ONCE = 4
/** While nothing of the routing table changes, the rules of agreements may, by their periods. */
const LOOKS_EVERY_MS = 600_000

/** Tells platforms of changes of the parties that they reach. */
export type PartiesTeller = {
  /** Looks who is due, and returns: they are told behind it. Rejects when the database is away. */
  readonly look: () => Promise<void>
  /** Begins nothing any more, and settles once what is under way is over. */
  readonly stop: () => Promise<void>
}

type Due = { readonly platform: Platform; readonly told: Told }

/**
 * Platforms whose version lists parties in credentials get a PUT of the hub's when theirs changed [credentials: Credentials object]. It
 * replaces the tokens of both sides, so changes are gathered: a platform gets one in `everyMs` at most, whatever it came to. One that
 * fails is made again after as long.
 *
 * Example, once a day: told on Monday at 9:00; agreements end at 10:00 and 11:00, which client info tells at once. On Tuesday at 9:00 one
 * PUT says both. Had the parties come to be the same again by then, there would be none.
 */
export function createPartiesTeller(ports: {
  readonly table: CurrentTable
  readonly ownCredentials: Pick<OwnCredentials, 'digestFor'>
  readonly told: Pick<ToldCredentials, 'find' | 'claim'>
  /** The hub's PUT of its credentials to a platform. */
  readonly rotate: (platformId: string) => Promise<HandshakeOutcome>
  readonly now: Now
  readonly everyMs: number
  readonly onError: (error: unknown) => void
}): PartiesTeller {
  const { table, ownCredentials, told, rotate, now, everyMs, onError } = ports
  /** The last look: nobody is due by another one before the table changes, or `until`. */
  let looked: { readonly revision: number; readonly at: number; readonly until: number } | null = null
  let telling: Promise<unknown> | null = null
  let isStopped = false

  async function look(): Promise<void> {
    if (isStopped || telling) return
    const { revision, platforms } = table()
    const at = now()
    if (looked?.revision === revision && at >= looked.at && at < looked.until) return
    const listening = [...platforms.values()].filter(isToldOfParties)
    const known = await told.find(listening.map(({ id }) => id))
    const due: Due[] = []
    let until = at + LOOKS_EVERY_MS
    for (const platform of listening) {
      const last = known.get(platform.id)
      const dueAt = asPast(last?.at ?? at, at) + everyMs
      // Its handshake goes on, or what it was told could not be kept.
      if (!last) await told.claim(platform.id, null, at)
      else if (dueAt > at) until = Math.min(until, dueAt)
      else if (last.digest !== ownCredentials.digestFor(platform)) due.push({ platform, told: last })
    }
    looked = { revision, at, until }
    if (due.length === 0 || isStopped) return
    telling = inParallel(due, TOLD_AT_ONCE, (each) => tell(each).catch(onError)).finally(() => {
      telling = null
    })
  }

  async function tell({ platform: { id }, told: last }: Due): Promise<void> {
    const at = now()
    if (isStopped || !(await told.claim(id, last.at, at))) return
    const outcome = await rotate(id)
    // Another one tells it the same, or fails.
    if (outcome.kind === 'under-way') await told.claim(id, at, last.at)
  }

  return {
    look,
    async stop() {
      isStopped = true
      await telling
    },
  }
}

function isToldOfParties(platform: Platform): boolean {
  const { status, version } = platform
  const isListening = status === 'CONNECTED' && version !== null && listsReachable(version)
  return isListening && endpointOf(platform, 'credentials', 'SENDER') !== undefined
}
