/** What the bench asks a process that it started, and how it is told. */
export type Question = { readonly id: number; readonly question: unknown }
export type Answer = { readonly id: number; readonly answer: unknown }

/** Answers the questions of the process that started this one, and ends with it. */
export function answerQuestions<Q>(answer: (question: Q) => unknown): void {
  process.on('message', ({ id, question }: Question) => {
    void Promise.resolve(answer(question as Q)).then((value) => process.send?.({ id, answer: value } satisfies Answer))
  })
  process.on('disconnect', () => process.exit(0))
  process.stdout.write('ready\n')
}

/** Milliseconds of a clock that all processes of a machine share. */
export function nowMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
