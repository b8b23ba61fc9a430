import type { ByteStream } from '../message.ts'
import type { Aliases, Contracts } from './edge-ports.ts'

/** What an object needs that is not known in this process: looked up for all objects of a text before any of them is read. */
export type LookAhead = (text: Uint8Array) => Promise<void> | null

const AUTH_ID = /"(?:auth_id|contract_id)"\s*:\s*("(?:[^"\\]|\\.)*")/g
/** Whatever has the form of an alias that is kept. */
const KEPT_ALIAS = /"([A-Z0-9]{0,5}![A-Za-z0-9_-]{26})"/g

/** Longer than a name and its value that two pieces of a text have between them. */
const OVERLAP_BYTES = 600

const decoder = new TextDecoder()

/**
 * Looks up the contracts that sessions, CDRs and tokens name in a text. One that is written so that it is not found stays unknown, and with that what
 * it is in stays where it is.
 */
export function contractsIn(contracts: Pick<Contracts, 'lookUp'>): LookAhead {
  return (text) => {
    const found: string[] = []
    for (const [, literal = ''] of decoder.decode(text).matchAll(AUTH_ID)) found.push(...readLiteral(literal))
    return contracts.lookUp(found)
  }
}

/** Looks up what ids in a text stand for. */
export function aliasesIn(aliases: Pick<Aliases, 'lookUp'>): LookAhead {
  return (text) => aliases.lookUp(Array.from(decoder.decode(text).matchAll(KEPT_ALIAS), ([, alias = '']) => alias))
}

/** A stream of which each piece comes when what is in it is looked up. */
export function aheadOf(stream: ByteStream, lookAhead: LookAhead): ByteStream {
  const source = stream[Symbol.asyncIterator]()
  let before: Uint8Array = new Uint8Array(0)
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const read = await source.next()
      if (read.done) return read
      const text = new Uint8Array(before.length + read.value.length)
      text.set(before)
      text.set(read.value, before.length)
      before = text.slice(-OVERLAP_BYTES)
      await lookAhead(text)
      return read
    },
    async return() {
      await source.return?.()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

function readLiteral(literal: string): string[] {
  try {
    return [JSON.parse(literal) as string]
  } catch {
    return []
  }
}
