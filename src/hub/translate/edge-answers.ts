import type { ReceivedAnswer, TranslatedAnswer } from './translate-answer.ts'

/** Whether an answer tells of success, as far as it says: one that streams has no status code yet. */
export function isSuccess({ status, ocpiStatus }: Pick<ReceivedAnswer, 'status' | 'ocpiStatus'>): boolean {
  return status >= 200 && status <= 299 && (ocpiStatus === null || (ocpiStatus >= 1000 && ocpiStatus <= 1999))
}

/** An answer that is the edge's work alone. */
export function translatedOf({ body, ocpiStatus }: ReceivedAnswer): TranslatedAnswer {
  return { kind: 'translated', body, ocpiStatus, conversion: null, remarks: [] }
}

/** What was made of an answer, where the edge had made another of it before. */
export function insteadOf(before: ReceivedAnswer, translated: TranslatedAnswer): TranslatedAnswer {
  return translated.kind === 'same' ? translatedOf(before) : translated
}
