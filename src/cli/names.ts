import { EXIT, Failure } from './exit.ts'
import type { HubApi } from './hub-api.ts'
import type { PlatformView } from './views.ts'

/** Names of platforms by their ids, where an answer has ids alone. */
export type Names = {
  /** The id itself of one that is removed; empty for none. */
  readonly of: (id: string | null) => Promise<string>
  /** Those of a whole list, in its order. */
  readonly ofAll: (ids: readonly (string | null)[]) => Promise<string[]>
}

const MOST_AT_ONCE = 8

/** Asks the hub once for each platform, for a few at a time. */
export function createNames(api: HubApi): Names {
  const known = new Map<string, Promise<string>>()
  const ask = async (id: string) => {
    try {
      return (await api.call<PlatformView>('GET', `/platforms/${id}`)).value.name
    } catch (error) {
      if (error instanceof Failure && error.code === EXIT.notFound) return id
      throw error
    }
  }
  const nameOf = async (id: string | null) => {
    if (id === null) return ''
    const name = known.get(id) ?? ask(id)
    known.set(id, name)
    return name
  }
  return {
    of: nameOf,
    async ofAll(ids) {
      const distinct = [...new Set(ids)]
      for (let i = 0; i < distinct.length; i += MOST_AT_ONCE) {
        await Promise.all(distinct.slice(i, i + MOST_AT_ONCE).map(nameOf))
      }
      return Promise.all(ids.map(nameOf))
    },
  }
}
