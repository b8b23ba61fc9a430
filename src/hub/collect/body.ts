import type { ListedObject } from '../../ocpi/json-array.ts'
import type { PartyKey } from '../../ocpi/party.ts'
import type { Piece } from './source.ts'

/** Objects of one source's answer, and whose among them count. */
export type Part = Piece & { readonly owners: ReadonlySet<PartyKey> }

const COMMA = 0x2c

/**
 * An envelope whose list holds the bytes of the sources' objects as they came [transport_and_format: Response format].
 * Objects that name an owner other than those who were asked are left out.
 *
 * @param timestamp an OCPI DateTime
 */
export function listBody(parts: readonly Part[], statusMessage: string | undefined, timestamp: string): Uint8Array {
  const encoder = new TextEncoder()
  const rest = JSON.stringify({ status_code: 1000, status_message: statusMessage, timestamp })
  const head = encoder.encode('{"data":[')
  const tail = encoder.encode(`],${rest.slice(1)}`)
  const body = new Uint8Array(parts.reduce((sum, { bytes }) => sum + bytes.length + 1, head.length + tail.length))
  body.set(head)
  let at = head.length
  for (const { bytes, objects, owners } of parts) {
    for (let i = 0; i < objects.length; ) {
      const { start, owner } = objects[i] as ListedObject
      let { end } = objects[i++] as ListedObject
      if (owner !== null && !owners.has(owner)) continue
      // Those that stand side by side go together: mostly the whole answer.
      for (; i < objects.length; i++) {
        const next = objects[i] as ListedObject
        if (next.start !== end + 1 || (next.owner !== null && !owners.has(next.owner))) break
        end = next.end
      }
      if (at > head.length) body[at++] = COMMA
      body.set(bytes.subarray(start, end), at)
      at += end - start
    }
  }
  body.set(tail, at)
  return body.subarray(0, at + tail.length)
}
