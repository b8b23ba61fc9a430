import { readFile } from 'node:fs/promises'

const FOLDER = new URL('../../admin/console/static/admin/assets/', import.meta.url)

/** Reads a file that the console's pages load. */
export function readAsset(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL(name, FOLDER))
}
