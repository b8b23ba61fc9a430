import type { After } from '../../../hub/ports.ts'
import type { Errand, PartnerClient } from '../../../hub/registration/partner-client.ts'
import { StoreUnavailable } from '../../../hub/store-unavailable.ts'

/** What a check comes to, as it crosses between objects. */
export type CheckAnswer = Awaited<ReturnType<PartnerClient['getVersions']>>

/** A check gives up by itself after ten seconds: an answer that is not there by then was lost with its object. */
const ANSWER_WITHIN_MS = 15_000

/**
 * Asks partners by the objects of their queues. Each of those has connections of its own, so that partners that hang hold up no
 * other; and a call to one returns at once, so that nothing waits within it: the answer comes by another call.
 */
export function createElsewhere(ports: {
  readonly ask: (platformId: string, question: number, url: string, errand: Errand) => Promise<void>
  readonly after: After
}): {
  readonly client: Pick<PartnerClient, 'getVersions'>
  /** The answer to a question came. */
  readonly answered: (question: number, answer: CheckAnswer) => void
} {
  const waiting = new Map<number, (answer: CheckAnswer) => void>()
  let questions = 0

  function getVersions(url: string, errand: Errand): Promise<CheckAnswer> {
    const question = ++questions
    return new Promise<CheckAnswer>((resolve, reject) => {
      const fail = (detail: string) => {
        waiting.delete(question)
        cancel()
        reject(new StoreUnavailable(detail))
      }
      const cancel = ports.after(ANSWER_WITHIN_MS, () => fail('The object that asks has not answered'))
      waiting.set(question, (answer) => {
        waiting.delete(question)
        cancel()
        resolve(answer)
      })
      ports.ask(errand.platformId, question, url, errand).catch((error: unknown) => fail(String(error)))
    })
  }

  return {
    client: { getVersions },
    answered: (question, answer) => waiting.get(question)?.(answer),
  }
}
