import { covers, type Push, replacesOthers } from '../push.ts'

/** What of a push decides whether a newer one makes it superfluous. */
export type Replaceable = Pick<Push, 'number' | 'chainKey' | 'pathKey' | 'fromPlatformId' | 'senderClass'>

/** A recent row, and whether a later one makes it superfluous for everyone that it is for. */
export type Row = { readonly push: Push; isReplaced: boolean }

/** What there is of a chain among the recent rows. */
type Chain = {
  count: number
  /** Those that are not replaced, in order. */
  live: Row[]
  /** The PUTs and DELETEs of these: few. */
  replacers: Push[]
}

/**
 * What the recent rows replace, known once for all queues: a queue learns that a push needs no sending any more without
 * having read what follows it.
 */
export class Replacements {
  readonly #chains = new Map<string, Chain>()

  /** A new row of the log, in order: marks those that it replaces. */
  add(row: Row): void {
    const { push } = row
    let chain = this.#chains.get(push.chainKey)
    if (!chain) this.#chains.set(push.chainKey, (chain = { count: 0, live: [], replacers: [] }))
    chain.count++
    if (replacesOthers(push)) {
      for (const older of chain.live) if (replaces(push, older.push)) older.isReplaced = true
      chain.live = chain.live.filter((older) => !older.isReplaced)
      chain.replacers = chain.replacers.filter((older) => !replaces(push, older))
      chain.replacers.push(push)
    }
    chain.live.push(row)
  }

  /** The oldest row is recent no more. */
  remove(row: Row): void {
    const { chainKey, number } = row.push
    const chain = this.#chains.get(chainKey)
    if (!chain) return
    if (--chain.count === 0) this.#chains.delete(chainKey)
    if (chain.live[0] === row) chain.live.shift()
    if (chain.replacers[0]?.number === number) chain.replacers.shift()
  }

  /**
   * Whether a recent row beyond `readTo` makes a push superfluous, for everyone that this push is for: it is of the same
   * object, by the same sender in the same role.
   */
  has(push: Replaceable, readTo: number): boolean {
    const chain = this.#chains.get(push.chainKey)
    if (!chain) return false
    for (const newer of chain.replacers) if (newer.number > readTo && replaces(newer, push)) return true
    return false
  }

  clear(): void {
    this.#chains.clear()
  }
}

function replaces(newer: Push, older: Replaceable): boolean {
  return (
    newer.number > older.number &&
    newer.fromPlatformId === older.fromPlatformId &&
    newer.senderClass === older.senderClass &&
    covers(newer.pathKey, older.pathKey)
  )
}
