/** Characters of somebody else's text that stand in a message of one's own. */
const MOST_CHARACTERS = 200
/** Bytes that hold as many, in any encoding and with some markup among them. */
const MOST_BYTES = 4_096

/** Control characters, and such as change how the text around them reads: line breaks, marks of direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\s]+/gu
const TAG = /<[a-z/!?][^<>]*>/gi

/**
 * The first 200 characters of a text as they may stand in one line of a message: without control characters and tags. Bytes are
 * taken for UTF-8, or where they are none for ISO-8859-1.
 */
export function words(text: string | Uint8Array): string {
  const read = typeof text === 'string' ? text : decode(text.subarray(0, MOST_BYTES))
  const line = read.replace(TAG, ' ').replace(UNSEEN, ' ').trim()
  return line.length <= MOST_CHARACTERS ? line : Array.from(line).slice(0, MOST_CHARACTERS).join('')
}

function decode(bytes: Uint8Array): string {
  try {
    // As of a stream, since the last character may be cut.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return new TextDecoder('latin1').decode(bytes)
  }
}
