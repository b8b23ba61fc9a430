import { joined } from '../../ocpi/bytes.ts'
import { COMMA_PIECE } from '../../ocpi/json-skip.ts'
import type { PartyKey } from '../../ocpi/party.ts'
import { SUCCESS_MESSAGE } from '../../ocpi/status.ts'
import type { Piece } from './source.ts'

/** Objects of one source's answer. Of those that name an owner the ones count that name one of `owners`. */
export type Part = Piece & { readonly owners: ReadonlySet<PartyKey> }

/** In place of an object's end where there was no object: none begins right behind it. */
const NONE = -1

/**
 * An envelope whose list holds the bytes of the sources' objects as they came [transport_and_format: Response format].
 * Objects that name an owner other than those who were asked are left out.
 *
 * @param timestamp an OCPI DateTime
 */
export function listBody(parts: readonly Part[], statusMessage: string | undefined, timestamp: string): Uint8Array {
  const encoder = new TextEncoder()
  const rest = JSON.stringify({ status_code: 1000, status_message: statusMessage ?? SUCCESS_MESSAGE, timestamp })
  const runs = parts.flatMap(runsOf)
  return joined([
    encoder.encode('{"data":['),
    ...runs.flatMap((run, index) => (index === 0 ? [run] : [COMMA_PIECE, run])),
    encoder.encode(`],${rest.slice(1)}`),
  ])
}

/** The bytes of the objects that count. Those with nothing but a comma between them go together: mostly the whole answer. */
function runsOf({ bytes, objects, owners }: Part): Uint8Array[] {
  const runs: Uint8Array[] = []
  let start = 0
  let end = NONE
  for (const object of objects) {
    if (object.owner !== null && !owners.has(object.owner)) continue
    if (object.start !== end + 1) {
      if (end !== NONE) runs.push(bytes.subarray(start, end))
      start = object.start
    }
    end = object.end
  }
  if (end !== NONE) runs.push(bytes.subarray(start, end))
  return runs
}
