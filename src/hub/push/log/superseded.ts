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
export type Replacements = {
  /** A new row of the log, in order: marks those that it replaces. */
  readonly add: (row: Row) => void
  /** The oldest row is recent no more. */
  readonly remove: (row: Row) => void
  /**
   * Whether a recent row beyond `readTo` makes a push superfluous, for everyone that this push is for: it is of the same
   * object, by the same sender in the same role.
   */
  readonly has: (push: Replaceable, readTo: number) => boolean
  readonly clear: () => void
}

export function createReplacements(): Replacements {
  const chains = new Map<string, Chain>()

  return {
    add(row) {
      const { push } = row
      let chain = chains.get(push.chainKey)
      if (!chain) chains.set(push.chainKey, (chain = { count: 0, live: [], replacers: [] }))
      chain.count++
      if (replacesOthers(push)) {
        for (const older of chain.live) if (replaces(push, older.push)) older.isReplaced = true
        chain.live = chain.live.filter((older) => !older.isReplaced)
        chain.replacers = chain.replacers.filter((older) => !replaces(push, older))
        chain.replacers.push(push)
      }
      chain.live.push(row)
    },
    remove(row) {
      const { chainKey, number } = row.push
      const chain = chains.get(chainKey)
      if (!chain) return
      if (--chain.count === 0) chains.delete(chainKey)
      if (chain.live[0] === row) chain.live.shift()
      if (chain.replacers[0]?.number === number) chain.replacers.shift()
    },
    has(push, readTo) {
      const chain = chains.get(push.chainKey)
      if (!chain) return false
      for (const newer of chain.replacers) if (newer.number > readTo && replaces(newer, push)) return true
      return false
    },
    clear: () => chains.clear(),
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
