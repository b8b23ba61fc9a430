import type { Errand, PartnerAnswer } from './partner-client.ts'

/** What became of a call, and how the token was written when it did. */
export type Encoded<Answer> = { readonly answer: Answer; readonly encoding: Errand['encoding'] }

/**
 * Calls a partner with the token as the platform's setting has it written and, where the answer to base64 is 401, once more with
 * the raw token: many partners compare what stands behind `Token` with the token itself. A 401 that stays names the setting.
 */
export async function inEitherEncoding<Answer extends { readonly kind: string }>(
  errand: Errand,
  call: (errand: Errand) => Promise<Answer>,
): Promise<Encoded<Answer>> {
  const { encoding } = errand
  const answer = await call(errand)
  if (!isUnauthorized(answer)) return { answer, encoding }
  if (encoding === 'raw') return { answer: explained(answer, 'raw'), encoding }
  const toRaw = await call({ ...errand, encoding: 'raw' })
  return isUnauthorized(toRaw)
    ? { answer: explained(answer, 'in base64, then raw'), encoding }
    : { answer: toRaw, encoding: 'raw' }
}

function isUnauthorized(answer: { readonly kind: string }): boolean {
  return answer.kind === 'refused' && (answer as PartnerAnswer<never> & { kind: 'refused' }).httpStatus === 401
}

function explained<Answer extends { readonly kind: string }>(answer: Answer, how: string): Answer {
  const { detail } = answer as { detail?: unknown }
  return { ...answer, detail: `${String(detail)} (the token was written ${how}: see token_encoding of the platform)` }
}
