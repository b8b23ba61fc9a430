import { promisify } from 'node:util'
import { brotliDecompress, constants, gunzip, inflateRaw, inflate as inflateZlib } from 'node:zlib'
import type { Inflate } from '../../hub/ports.ts'

const INFLATERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflateZlib),
  br: promisify(brotliDecompress),
} as const

const inflateBare = promisify(inflateRaw)

/** Some servers leave out the two bytes that the coding begins with; clients know both [RFC 9110, section 8.4.1.2]. */
function isBareDeflate(name: string, bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  return name === 'deflate' && ((first & 0x0f) !== 8 || (first * 256 + second) % 31 !== 0)
}

/** What is cut short is no error then, but inflated as far as it goes. */
const CUT = {
  zlib: { finishFlush: constants.Z_SYNC_FLUSH },
  br: { finishFlush: constants.BROTLI_OPERATION_FLUSH },
} as const

/** Inflates off the main thread, up to a size. */
export const inflate: Inflate = async (encoding, bytes, limitBytes, extent = 'whole') => {
  const name = encoding.trim().toLowerCase()
  if (!Object.hasOwn(INFLATERS, name)) return null
  try {
    const inflateWith = isBareDeflate(name, bytes) ? inflateBare : INFLATERS[name as keyof typeof INFLATERS]
    const cut = extent === 'whole' ? {} : CUT[name === 'br' ? 'br' : 'zlib']
    return await inflateWith(bytes, { ...cut, maxOutputLength: limitBytes })
  } catch {
    return null
  }
}
