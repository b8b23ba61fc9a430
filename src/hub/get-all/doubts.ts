import { hasPassed } from '../moments.ts'
import type { Alarm, Now } from '../ports.ts'

/** Lists that were found to hold something else than they announce: by platform and module, what was found and when. */
export type Doubts = {
  /** Notes it, and tells the administrator where it is news; then true. */
  readonly note: (platformId: string, module: string, detail: string) => boolean
  /** Whether what this list announces is not to be believed: its objects have to be counted by reading them. */
  readonly has: (platformId: string, module: string) => boolean
}

/** Then the list may have been mended. */
const KEPT_MS = 3_600_000

/** In memory, so that each process finds out for itself: it costs one crawl a note in `status_message`. */
export function createDoubts(ports: { readonly alarm: Alarm; readonly now: Now }): Doubts {
  const { alarm, now } = ports
  const since = new Map<string, number>()

  function has(platformId: string, module: string): boolean {
    const at = since.get(`${platformId} ${module}`)
    return at !== undefined && !hasPassed(KEPT_MS, at, now())
  }

  return {
    has,
    note(platformId, module, detail) {
      if (has(platformId, module)) return false
      alarm({ kind: 'list-not-as-announced', platformId, detail: `${module}, ${detail}` })
      for (const [key, at] of since) if (hasPassed(KEPT_MS, at, now())) since.delete(key)
      since.set(`${platformId} ${module}`, now())
      return true
    },
  }
}
