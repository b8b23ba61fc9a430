import { covers, type Push, replacesOthers } from './push.ts'

/** What of a push decides whether a newer one makes it superfluous. */
export type Replaceable = Pick<Push, 'number' | 'chainKey' | 'pathKey' | 'fromPlatformId' | 'senderClass'>

/**
 * The recent PUTs and DELETEs by what they replace, known once for all queues: a queue learns that a push needs no sending any
 * more without having read what follows it.
 */
export type Replacements = {
  /** A new row of the log, in order. */
  readonly add: (push: Push) => void
  /** A row that is recent no more. */
  readonly remove: (push: Push) => void
  /**
   * Whether a row beyond `readTo` makes this push superfluous, for everyone that this push is for: it is of the same object,
   * by the same sender in the same role.
   */
  readonly has: (push: Replaceable, readTo: number) => boolean
  readonly clear: () => void
}

export function createReplacements(): Replacements {
  /** Few by chain: none that another one of them replaces. */
  const chains = new Map<string, Push[]>()

  return {
    add(push) {
      if (!replacesOthers(push)) return
      const known = chains.get(push.chainKey)
      if (!known) chains.set(push.chainKey, [push])
      else if (known.length === 1 && replaces(push, known[0] as Push)) known[0] = push
      else chains.set(push.chainKey, [...known.filter((older) => !replaces(push, older)), push])
    },
    remove(push) {
      const known = chains.get(push.chainKey)
      if (known?.[0]?.number !== push.number) return
      if (known.length === 1) chains.delete(push.chainKey)
      else known.shift()
    },
    has(push, readTo) {
      const known = chains.get(push.chainKey)
      if (!known) return false
      for (const newer of known) if (newer.number > readTo && replaces(newer, push)) return true
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
