import type { Alarm, Now } from '../ports.ts'
import type { Letter, Tried, TryLetter } from './attempt.ts'
import { ALARM_AFTER, type Conclusion, conclude, type Standing } from './conclude.ts'

/** A delivery that this process has in hand: nobody else sends to its webhook meanwhile. */
export type Taken = Letter &
  Standing & {
    readonly webhookId: string
    readonly webhookName: string
    /** Says that the webhook is still in this process' hand when the attempt is written down. */
    readonly mark: string
  }

/** What is to be told, in the store. Each function rejects when that is away. */
export type Outbox = {
  /** Webhooks that may have something to be told now. */
  readonly due: () => Promise<readonly string[]>
  /** What comes next for a webhook. Null: nothing now, or another process has it in hand. */
  readonly take: (webhookId: string) => Promise<Taken | null>
  /** Writes down what an attempt came to, and lets go of the webhook. False: it was not in this process' hand any more. */
  readonly settle: (taken: Taken, tried: Tried, came: Conclusion) => Promise<boolean>
}

export type Teller = {
  /** Begins whatever is due. Resolves once that is begun, and never rejects. */
  readonly round: () => Promise<void>
  /** Begins nothing any more, and resolves when what is under way has ended. */
  readonly stop: () => Promise<void>
}

/**
 * Tells the webhooks of what happened: each by itself, one delivery at a time, so that a slow one hinders no other. Whatever ends, and when:
 * what was told is told again, under the same id, and nothing is left out.
 */
export function createTeller(ports: {
  readonly outbox: Outbox
  readonly tryLetter: TryLetter
  readonly alarm: Alarm
  readonly now: Now
  readonly onError: (error: unknown) => void
}): Teller {
  const { outbox, tryLetter, alarm, now, onError } = ports
  const underWay = new Map<string, Promise<void>>()
  let isEnding = false

  async function tell(webhookId: string): Promise<void> {
    while (!isEnding) {
      const taken = await outbox.take(webhookId)
      if (taken === null) return
      const tried = await tryLetter(taken)
      const came = conclude(taken, tried, now())
      if (!(await outbox.settle(taken, tried, came))) return
      warn(taken, tried, came)
    }
  }

  function warn({ webhookName }: Taken, { failure }: Tried, { failures, whyOff }: Conclusion): void {
    const last = `the latest attempt: ${failure}`
    if (whyOff !== null)
      alarm({ kind: 'webhook-turned-off', detail: `${webhookName} is told of nothing more: ${last}` })
    else if (failures === ALARM_AFTER)
      alarm({ kind: 'webhook-failing', detail: `${webhookName} failed ${failures} times in a row: ${last}` })
  }

  return {
    async round() {
      if (isEnding) return
      try {
        for (const id of await outbox.due()) {
          if (underWay.has(id)) continue
          const told = tell(id)
            .catch(onError)
            .finally(() => underWay.delete(id))
          underWay.set(id, told)
        }
      } catch (error) {
        onError(error)
      }
    },
    async stop() {
      isEnding = true
      await Promise.all(underWay.values())
    },
  }
}
