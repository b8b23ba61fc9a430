import { VERSION_211 } from '../dialect-211.ts'
import { membersOf, readString } from '../json-members.ts'

/** A status code of the hub or a partner, as a version without it can say it. */
export type SaidStatus = {
  readonly code: number
  /** What the code said that stands no more; null where nothing is lost. */
  readonly words: string | null
}

/** What OCPI 2.1.1 has instead of the codes that came with 2.2. */
const IN_211: ReadonlyMap<number, SaidStatus> = new Map([
  [2004, { code: 2001, words: 'Unknown token' }],
  [4000, { code: 3000, words: 'Error in the hub' }],
  [4001, { code: 2001, words: 'Unknown receiver' }],
  [4002, { code: 3000, words: 'Timeout on the forwarded request' }],
  [4003, { code: 3000, words: 'Connection problem' }],
])

/** The code for a platform of this version. Codes of partners' own pass. */
export function statusFor(code: number, to: string): SaidStatus {
  return (to === VERSION_211 ? IN_211.get(code) : undefined) ?? { code, words: null }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Longer is no status code. */
const LONGEST_CODE = 16

/**
 * A whole envelope with the status code that a version has, and in words what the code said; the same bytes when it has the code, or when
 * they are no envelope.
 */
export function envelopeFor(bytes: Uint8Array, to: string): Uint8Array {
  const members = to === VERSION_211 ? membersOf(bytes) : null
  const status = members?.findLast(({ name }) => name === 'status_code')
  if (!members || !status || status.end - status.start > LONGEST_CODE) return bytes
  const text = (start: number, end: number) => decoder.decode(bytes.subarray(start, end))
  const said = statusFor(Number(text(status.start, status.end).replaceAll('"', '')), to)
  if (said.words === null) return bytes
  const message = members.findLast(({ name }) => name === 'status_message')
  const written = message && readString(bytes, message.start)
  const others = members
    .filter(({ name }) => name !== 'status_code' && name !== 'status_message')
    .map(({ nameStart, end }) => text(nameStart, end))
  const words = JSON.stringify(written ? `${said.words}: ${written}` : said.words)
  return encoder.encode(`{${[...others, `"status_code":${said.code}`, `"status_message":${words}`].join(',')}}`)
}
