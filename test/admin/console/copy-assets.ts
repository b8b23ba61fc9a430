import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

// `npm run assets`: what the console's pages load, brought up to date: files of packages copied, hashes written down. Tests compare both.

const ROOT = new URL('../../../', import.meta.url)
export const ASSETS = new URL('src/admin/console/static/admin/assets/', ROOT)
const MANIFEST = new URL('src/admin/console/manifest.ts', ROOT)
const INTER = 'node_modules/@fontsource-variable/inter'
const MONO = 'node_modules/@fontsource-variable/jetbrains-mono'

/** Copies, by name, and what they are copies of. */
export const COPIES: Readonly<Record<string, string>> = {
  'htmx.min.js': 'node_modules/htmx.org/dist/htmx.min.js',
  'hx-sse.min.js': 'node_modules/htmx.org/dist/ext/hx-sse.min.js',
  'htmx.LICENSE.txt': 'node_modules/htmx.org/LICENSE',
  'inter.woff2': `${INTER}/files/inter-latin-wght-normal.woff2`,
  'inter.LICENSE.txt': `${INTER}/LICENSE`,
  'jetbrains-mono.woff2': `${MONO}/files/jetbrains-mono-latin-wght-normal.woff2`,
  'jetbrains-mono.LICENSE.txt': `${MONO}/LICENSE`,
}

export function sourceOf(path: string): Promise<Buffer> {
  return readFile(new URL(path, ROOT))
}

/** The beginning of a file's SHA-256, which stands in its address. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 10)
}

/** A sheet with the hashes of the files that it names. */
export function withHashes(sheet: string, hashes: Readonly<Record<string, string>>): string {
  return sheet.replaceAll(
    /(\/admin\/assets\/)([\w.-]+)\?\w+/g,
    (_, folder: string, name: string) => `${folder}${name}?${hashes[name]}`,
  )
}

/** The hashes of all that pages load, as they stand on disk. */
export async function hashesOnDisk(): Promise<Record<string, string>> {
  const names = (await readdir(ASSETS)).filter((name) => !name.endsWith('.txt')).sort()
  const entries = names.map(async (name) => [name, hashOf(await readFile(new URL(name, ASSETS)))] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function bringUpToDate(): Promise<void> {
  for (const [name, path] of Object.entries(COPIES)) await writeFile(new URL(name, ASSETS), await sourceOf(path))
  const sheet = new URL('console.css', ASSETS)
  await writeFile(sheet, withHashes(await readFile(sheet, 'utf8'), await hashesOnDisk()))
  const lines = Object.entries(await hashesOnDisk()).map(([name, hash]) => `  '${name}': '${hash}',\n`)
  const about =
    '/** The files that pages load, each with the beginning of its SHA-256. Written by `npm run assets`. */\n'
  await writeFile(MANIFEST, `${about}export const MANIFEST = {\n${lines.join('')}} as const\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bringUpToDate()
