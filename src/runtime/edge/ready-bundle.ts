import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeFolder } from '../node/make-folder.ts'
import { CannotStart, describeError } from '../shared/cannot-start.ts'
import { bundleWorker } from './bundle.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Where bundles are kept, each in a folder named by what it was made of. */
const CACHE = join(ROOT, 'node_modules/.cache/ocpi-hub-worker')

/**
 * The path of the hub's bundle, made where there is none of these sources yet. Throws a CannotStart when it cannot be made,
 * as where the packages for developing are not installed.
 */
export async function readyBundle(): Promise<string> {
  try {
    const folder = join(CACHE, await digestOfSources())
    const bundle = join(folder, 'workers.js')
    if (await stat(bundle).catch(() => null)) return bundle
    const draft = `${folder}.${process.pid}`
    await makeFolder(CACHE)
    await bundleWorker(draft)
    for (const name of await readdir(CACHE)) {
      if (name.length === folder.length - CACHE.length - 1)
        await rm(join(CACHE, name), { recursive: true, force: true })
    }
    await rename(draft, folder)
    return bundle
  } catch (cause) {
    const why = describeError(cause)
    throw new CannotStart([`The Worker's bundle cannot be made: ${why} (expected what \`npm ci\` installs)`], { cause })
  }
}

async function digestOfSources(): Promise<string> {
  const sources = (await readdir(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })).filter((name) =>
    name.endsWith('.ts'),
  )
  const files = ['package-lock.json', 'wrangler.toml', ...sources.sort().map((name) => join('src', name))]
  const hash = createHash('sha256')
  for (const [name, text] of await Promise.all(
    files.map(async (name) => [name, await readFile(join(ROOT, name))] as const),
  )) {
    hash.update(`${name}\0${text.length}\0`).update(text)
  }
  return hash.digest('hex').slice(0, 32)
}
