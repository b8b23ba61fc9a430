import { chainInLog, type NewPush, type Push } from '../push.ts'

/**
 * A PUT or DELETE supersedes older pushes of its object and of all that lies beneath it: with the newer one a partner ends in the
 * same state. With PUT l1/e1 (4), PATCH l1/e1 (5), PUT l1 (6) only 6 needs sending. It shows at five moments:
 *
 * - a push is accepted: it marks the recent ones that it supersedes, and no lane reads these (`RecentPushes.add`, `part`);
 * - a lane reads the backlog: it leaves out what a recent push supersedes (`LogLane`, when a part comes);
 * - an entry's turn comes: a push that its lane has not read yet may supersede it (`LogLane.take`);
 * - a lane reads the newer push while the older one waits, or is to wait again after an attempt (`ChainBook.add`, `putBack`);
 * - the log is full, and superseded rows are deleted from it (`deleteSuperseded` of `src/storage/push/trim.ts`).
 *
 * Administrators see the number of them as `collapsed`.
 */
export function supersedes(newer: SupersedingPush, older: Pick<Push, 'number' | 'pathKey'>): boolean {
  return maySupersede(newer) && newer.number > older.number && covers(newer.pathKey, older.pathKey)
}

/** What of a push decides whether it supersedes an older one of its chain. */
export type SupersedingPush = Pick<Push, 'number' | 'method' | 'pathKey'>

/** Whether a push can supersede others; a PATCH never does. */
export function maySupersede({ method }: Pick<NewPush, 'method'>): boolean {
  return method === 'PUT' || method === 'DELETE'
}

/** Whether what is addressed by `outer` contains what is addressed by `inner`, or is the same: l1 covers l1 and l1/e1, not l10. */
export function covers(outer: string, inner: string): boolean {
  return inner.startsWith(outer) && (inner.length === outer.length || inner.charCodeAt(outer.length) === SLASH)
}

const SLASH = 0x2f

/** A recent push, and whether a newer one supersedes it for everyone that it is for. */
export type Supersedable = { readonly push: Push; isSuperseded: boolean }

/** What there is of a chain among the recent pushes. */
type Chain = {
  count: number
  /** Those that are not superseded, in order. */
  live: Supersedable[]
  /** The PUTs and DELETEs of these: few. */
  superseding: Push[]
}

/**
 * Which recent pushes supersede which, known once for all queues. Here the newer one must be by the same platform in the same
 * role: then whoever is to get the older one is to get the newer one too.
 */
export class RecentChains {
  readonly #chains = new Map<string, Chain>()

  /** The next push of the log: marks those that it supersedes. */
  add(recent: Supersedable): void {
    const { push } = recent
    let chain = this.#chains.get(push.chainKey)
    if (!chain) this.#chains.set(push.chainKey, (chain = { count: 0, live: [], superseding: [] }))
    chain.count++
    if (maySupersede(push)) {
      for (const older of chain.live) if (supersedesForAll(push, older.push)) older.isSuperseded = true
      chain.live = chain.live.filter((older) => !older.isSuperseded)
      chain.superseding = chain.superseding.filter((older) => !supersedesForAll(push, older))
      chain.superseding.push(push)
    }
    chain.live.push(recent)
  }

  /** The oldest push is recent no more. */
  remove(recent: Supersedable): void {
    const { chainKey, number } = recent.push
    const chain = this.#chains.get(chainKey)
    if (!chain) return
    if (--chain.count === 0) this.#chains.delete(chainKey)
    if (chain.live[0] === recent) chain.live.shift()
    if (chain.superseding[0]?.number === number) chain.superseding.shift()
  }

  /** Whether a recent push beyond `after` supersedes this one. */
  isSuperseded(push: Push, after: number): boolean {
    const chain = this.#chains.get(chainInLog(push))
    if (!chain) return false
    for (const newer of chain.superseding) if (newer.number > after && supersedesForAll(newer, push)) return true
    return false
  }

  clear(): void {
    this.#chains.clear()
  }
}

/** What is sent again to one platform supersedes nothing that others are still to get. */
function supersedesForAll(newer: Push, older: Push): boolean {
  return (
    newer.fromPlatformId === older.fromPlatformId &&
    newer.senderClass === older.senderClass &&
    (newer.onlyTo === undefined || newer.onlyTo === older.onlyTo) &&
    supersedes(newer, older)
  )
}
