import type { Socket } from 'node:net'

/**
 * Shows the parser an answer's head as it takes one, where servers write it in two other ways: with a `100 Continue` that nobody
 * asked for, which a client must be able to take [RFC 9110, section 15.2], and with `Content-Length` twice at one value, which it
 * may [section 8.6]. Every other byte passes as it came. Only a chunk that begins with a head is looked at, to the head's end; no
 * JSON can be taken for one, wherever its chunks begin.
 */
export function tolerateHeads(socket: Socket): void {
  const read = socket.read.bind(socket)
  socket.read = (size?: number) => {
    for (;;) {
      const chunk = read(size) as Buffer | null
      if (chunk === null || !beginsHead(chunk)) return chunk
      const rest = isContinue(chunk) ? withoutContinue(chunk) : chunk
      if (rest.length > 0) return isLengthRepeated(rest) ? withOneLength(rest) : rest
    }
  }
}

const STATUS_AT = 'HTTP/1.1 '.length
const LENGTH_NAME = 'content-length'
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const COMMA = 0x2c
const COLON = 0x3a
/** The bit in which capital and small letters differ. */
const SMALL = 0x20

/** `HTTP/`, byte by byte, since this is asked of every chunk of every answer. */
function beginsHead(chunk: Buffer): boolean {
  return chunk[0] === 0x48 && chunk[1] === 0x54 && chunk[2] === 0x54 && chunk[3] === 0x50 && chunk[4] === 0x2f
}

/** Whether the status is 100. */
function isContinue(chunk: Buffer): boolean {
  return chunk[STATUS_AT] === 0x31 && chunk[STATUS_AT + 1] === 0x30 && chunk[STATUS_AT + 2] === 0x30
}

/** What comes behind the heads of status 100 at the beginning; a head without its end stays, for the parser to refuse. */
function withoutContinue(chunk: Buffer): Buffer {
  let rest = chunk
  while (beginsHead(rest) && isContinue(rest)) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return rest
    rest = rest.subarray(end + 4)
  }
  return rest
}

/** Whether a head has `Content-Length` in more than one line, or with a list as its value. Makes nothing, since mostly it has not. */
function isLengthRepeated(chunk: Buffer): boolean {
  let lines = 0
  for (let at = 0; at < chunk.length; at++) {
    const isEnd = chunk[at] === CARRIAGE_RETURN || chunk[at] === LINE_FEED
    if (isEnd) return lines > 1
    const isLength = chunk[at + LENGTH_NAME.length] === COLON && namesLength(chunk, at)
    if (isLength) lines += 1
    while (at < chunk.length && chunk[at] !== LINE_FEED) {
      if (isLength && chunk[at] === COMMA) return true
      at++
    }
  }
  return lines > 1
}

function namesLength(chunk: Buffer, start: number): boolean {
  for (let i = 0; i < LENGTH_NAME.length; i++) {
    if (((chunk[start + i] as number) | SMALL) !== LENGTH_NAME.charCodeAt(i)) return false
  }
  return true
}

/** The head with one `Content-Length` where all it has are the same; otherwise as it is, for the parser to refuse. */
function withOneLength(chunk: Buffer): Buffer {
  const end = chunk.indexOf('\r\n\r\n')
  const lines = chunk.toString('latin1', 0, Math.max(end, 0)).split('\r\n')
  const isLength = (line: string) => line.slice(0, LENGTH_NAME.length + 1).toLowerCase() === `${LENGTH_NAME}:`
  const lengths = lines.filter(isLength).flatMap((line) => line.slice(LENGTH_NAME.length + 1).split(','))
  const [length, ...others] = new Set(lengths.map((each) => each.trim()))
  if (length === undefined || others.length > 0) return chunk
  const head = [...lines.filter((line) => !isLength(line)), `Content-Length: ${length}`].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), chunk.subarray(end)])
}
