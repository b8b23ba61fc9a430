import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { MANIFEST } from '../../../src/admin/console/manifest.ts'
import { ASSETS, COPIES, hashesOnDisk, sourceOf, withHashes } from './copy-assets.ts'

describe('what the pages load (`npm run assets` brings it up to date)', () => {
  it.each(Object.entries(COPIES))('%s is the copy of %s', async (name, path) => {
    expect((await readFile(new URL(name, ASSETS))).equals(await sourceOf(path))).toBe(true)
  })

  it('has the hashes of the manifest', async () => {
    expect(await hashesOnDisk()).toEqual(MANIFEST)
  })

  it('names type by its hash in the sheet as well', async () => {
    const sheet = await readFile(new URL('console.css', ASSETS), 'utf8')
    expect(sheet).toBe(withHashes(sheet, MANIFEST))
    expect(sheet).toMatch(/inter\.woff2\?[0-9a-f]{10}/)
  })
})
