import { parseJson } from '../../ocpi/envelope.ts'
import { isObject } from '../../ocpi/parsed.ts'
import type { Secrets } from '../ports.ts'
import type { Piece } from './source.ts'

/**
 * Names an object of an answer by a digest: of its owner and id, which stay when the rest of it changes; of its bytes where it
 * does not say both. Empty where there is no such object.
 */
export type Identify = (piece: Piece, index: number) => string

export function createIdentify(digest: Secrets['digest']): Identify {
  return function identify({ bytes, objects }, index) {
    const object = objects[index]
    if (!object) return ''
    const own = bytes.subarray(object.start, object.end)
    const read = object.owner === null ? null : parseJson(own)
    const id = isObject(read) ? (read['id'] ?? read['uid']) : null
    return digest(typeof id === 'string' ? `${object.owner} ${id}` : new TextDecoder().decode(own))
  }
}
