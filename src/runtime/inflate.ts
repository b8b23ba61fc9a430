import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate as inflateZlib } from 'node:zlib'
import type { Inflate } from '../hub/ports.ts'

const INFLATERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflateZlib),
  br: promisify(brotliDecompress),
} as const

/** Inflates off the main thread, up to a size. */
export const inflate: Inflate = async (encoding, bytes, limitBytes) => {
  const name = encoding.trim().toLowerCase()
  if (!Object.hasOwn(INFLATERS, name)) return null
  try {
    return await INFLATERS[name as keyof typeof INFLATERS](bytes, { maxOutputLength: limitBytes })
  } catch {
    return null
  }
}
