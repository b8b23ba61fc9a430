import { covers, type Push, replacesOthers } from './push.ts'

/** What of a push decides whether a newer one makes it superfluous. */
export type Replaceable = Pick<Push, 'number' | 'chainKey' | 'pathKey' | 'fromPlatformId' | 'senderClass'>

/** The PUTs and DELETEs among the recent rows of a chain. */
export type Replacers = {
  /** Few: none that another one of them replaces. */
  pushes: Push[]
  /** How many recent rows the chain has. */
  rows: number
}

/**
 * What the recent rows replace, known once for all queues: a queue learns that a push needs no sending any more without
 * having read what follows it.
 */
export type Replacements = {
  /** A new row of the log, in order. Gives what there is of its chain, now and later. */
  readonly add: (push: Push) => Replacers
  /** A row that is recent no more. */
  readonly remove: (push: Push) => void
  readonly of: (chainKey: string) => Replacers | undefined
  readonly clear: () => void
}

export function createReplacements(): Replacements {
  const chains = new Map<string, Replacers>()

  return {
    add(push) {
      let chain = chains.get(push.chainKey)
      if (!chain) chains.set(push.chainKey, (chain = { pushes: [], rows: 0 }))
      chain.rows++
      if (replacesOthers(push)) {
        chain.pushes = chain.pushes.filter((older) => !replaces(push, older))
        chain.pushes.push(push)
      }
      return chain
    },
    remove(push) {
      const chain = chains.get(push.chainKey)
      if (!chain) return
      if (--chain.rows === 0) chains.delete(push.chainKey)
      else if (chain.pushes[0]?.number === push.number) chain.pushes.shift()
    },
    of: (chainKey) => chains.get(chainKey),
    clear: () => chains.clear(),
  }
}

/**
 * Whether a row beyond `readTo` makes a push superfluous, for everyone that this push is for: it is of the same object, by the
 * same sender in the same role.
 */
export function isReplaced(push: Replaceable, { pushes }: Replacers, readTo: number): boolean {
  for (const newer of pushes) if (newer.number > readTo && replaces(newer, push)) return true
  return false
}

function replaces(newer: Push, older: Replaceable): boolean {
  return (
    newer.number > older.number &&
    newer.fromPlatformId === older.fromPlatformId &&
    newer.senderClass === older.senderClass &&
    covers(newer.pathKey, older.pathKey)
  )
}
