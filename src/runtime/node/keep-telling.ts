import type { EventFeed } from '../../admin/ports.ts'
import type { Teller } from '../../hub/webhooks/teller.ts'

/** Tells webhooks whenever there may be events, and looks every few seconds for what is to be tried again, until the hub ends. */
export async function keepTelling(teller: Teller, watch: Pick<EventFeed, 'more' | 'isEnding'>): Promise<void> {
  while (!watch.isEnding()) {
    // Asked for before the round, so that what happens within it is not passed by.
    const more = watch.more()
    await teller.round()
    await more
  }
}
