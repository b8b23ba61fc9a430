import type { MessageDetail } from '../../../views.ts'

/** What the status codes say, in few words [status_codes]. */
const WORDS: Readonly<Record<number, string>> = {
  2000: 'something is wrong with the request',
  2001: 'a parameter is wrong or missing',
  2002: 'it lacks information',
  2003: 'the location is unknown',
  2004: 'the token is unknown',
  3000: 'its server failed',
  3001: 'it cannot use the interface of the caller',
  3002: 'no version in common',
  3003: 'an endpoint is missing',
  4000: 'the hub failed',
  4001: 'the receiver is unknown',
  4002: 'no answer in time',
  4003: 'the receiver is not connected',
}

export function wordsOfCode(code: number): string {
  const general = code < 3000 ? 'the request was refused' : code < 4000 ? 'the server failed' : 'the hub could not'
  return WORDS[code] ?? general
}

const MOST_READ = 65_536
const MOST_SAID = 300

/** The `status_message` of an answer, where it was kept whole. */
export function saidIn({ response: { body, body_encoding, body_is_cut } }: MessageDetail): string | null {
  if (body === null || body_is_cut || body_encoding !== 'utf-8' || body.length > MOST_READ) return null
  try {
    const { status_message: said } = JSON.parse(body) as { status_message?: unknown }
    return typeof said === 'string' && said !== '' ? said.slice(0, MOST_SAID) : null
  } catch {
    return null
  }
}
