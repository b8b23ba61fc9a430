import type { After } from '../../../hub/ports.ts'

type Waiting<Q, A> = {
  readonly question: Q
  readonly answer: (answer: A) => void
  readonly fail: (error: unknown) => void
}

/**
 * Asks for many what each asks for itself: `askAll` is called once for the questions of `delayMs`, `most` at a time and one call
 * after the other, and gives their answers in the same order. When it rejects, so does each question of that call.
 */
export function gathered<Q, A>(
  after: After,
  { delayMs, most }: { readonly delayMs: number; readonly most: number },
  askAll: (questions: readonly Q[]) => Promise<readonly A[]>,
): (question: Q) => Promise<A> {
  let waiting: Waiting<Q, A>[] = []
  let isAsking = false

  async function ask(): Promise<void> {
    while (waiting.length > 0) {
      const asked = waiting.slice(0, most)
      waiting = waiting.slice(most)
      try {
        const answers = await askAll(asked.map(({ question }) => question))
        asked.forEach(({ answer }, i) => answer(answers[i] as A))
      } catch (error) {
        for (const { fail } of asked) fail(error)
      }
    }
    isAsking = false
  }

  return (question) =>
    new Promise((answer, fail) => {
      waiting.push({ question, answer, fail })
      if (isAsking) return
      isAsking = true
      after(delayMs, () => void ask())
    })
}
