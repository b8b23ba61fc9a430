import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyBinaries, findBinaries, mendBinaries } from '../../../../src/runtime/node/postgres/binaries.ts'
import { canRun, findOwner } from '../../../../src/runtime/node/postgres/owner.ts'

let folder: string
let native: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-binaries-'))
  await chmod(folder, 0o755)
  const { folder: from } = await findBinaries()
  native = join(folder, 'native')
  // As npm unpacks them without install scripts: no symbolic links.
  execFileSync('cp', ['-R', from, native])
  execFileSync('find', [native, '-type', 'l', '-delete'])
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

describe('the Postgres binaries', () => {
  it('are copied, links and all, to where they run for everyone', async () => {
    const owner = await findOwner()
    const copies = await Promise.all([
      copyBinaries(native, join(folder, 'copy')),
      copyBinaries(native, join(folder, 'copy')),
    ])
    expect(copies).toEqual([join(folder, 'copy'), join(folder, 'copy')])
    expect(await canRun(owner, join(folder, 'copy'))).toBe(true)
  })

  it('are not taken from a folder that others can write', async () => {
    await chmod(join(folder, 'copy'), 0o777)
    await expect(copyBinaries(native, join(folder, 'copy'))).rejects.toThrow('only this user can write')
  })

  it('run although npm left their links out', async () => {
    const owner = await findOwner()
    expect(await canRun(owner, native)).toBe(false)
    expect(await mendBinaries(native)).toBe(true)
    expect(await canRun(owner, native)).toBe(true)
  })
})
