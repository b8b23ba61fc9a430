import { gather } from '../../../hub/gather.ts'
import type { After } from '../../../hub/ports.ts'

/** Shards that are gained together are one look for queues that are behind. */
const BEHIND_AFTER_MS = 5
/** When the database was away for it they are looked for again: nobody else wakes them for a minute. */
const BEHIND_AGAIN_MS = 1_000

/** Has those queues that are meant, and are behind the log, read for themselves. */
export function createWakeBehind(ports: {
  readonly behind: () => Promise<readonly string[]>
  readonly readAnew: (platformIds: readonly string[]) => void
  readonly after: After
  readonly onAway: (error: unknown) => void
}): (isMeant: (platformId: string) => boolean) => void {
  const { behind, readAnew, after, onAway } = ports
  const meant: ((platformId: string) => boolean)[] = []
  const wakeSoon = gather(after, BEHIND_AFTER_MS, () => void wake())

  async function wake(): Promise<void> {
    const now = meant.splice(0)
    try {
      readAnew((await behind()).filter((platformId) => now.some((isMeant) => isMeant(platformId))))
    } catch (error) {
      onAway(error)
      meant.push(...now)
      after(BEHIND_AGAIN_MS, wakeSoon)
    }
  }

  return (isMeant) => {
    meant.push(isMeant)
    wakeSoon()
  }
}
