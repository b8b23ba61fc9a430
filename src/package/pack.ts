import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'

// Makes what `npm pack` puts into the package, before it (`make`), and takes it back behind it (`restore`). Node strips no types
// below node_modules, so `dist` has the sources without them, at the same depth: every path from there to the migrations holds.

const ROOT = join(import.meta.dirname, '../..')
const DIST = join(ROOT, 'dist')
const MANIFEST = join(ROOT, 'package.json')
/** The manifest of the project, while that of the package stands in its place. */
const KEPT = join(ROOT, '.package.json')

/** What the hub's packages need; the project itself is installed by less, since it brings a Node for its scripts along. */
const ENGINES = { node: '>=22.19.0' }

type Manifest = Record<string, unknown> & { optionalDependencies: Record<string, string> }

async function make(): Promise<void> {
  await restore()
  await rm(DIST, { recursive: true, force: true })
  const from = join(ROOT, 'src')
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const name = relative(from, join(entry.parentPath, entry.name))
    if (!entry.isFile() || isLeftOut(name.split(sep))) continue
    if (name.endsWith('.ts')) await writeScript(join(from, name), join(DIST, name.replace(/\.ts$/, '.js')))
    else await cp(join(from, name), join(DIST, name))
  }
  const project = await readFile(MANIFEST, 'utf8')
  await replace(KEPT, project)
  await replace(MANIFEST, packaged(project))
}

/** This room, declarations of types, and what editors and desktops leave behind under a dot, which may be anything. */
function isLeftOut(path: readonly string[]): boolean {
  return path[0] === 'package' || path.some((part) => part.startsWith('.')) || path.at(-1)?.endsWith('.d.ts') === true
}

/** Writes a file so that whoever breaks this off finds the one before or this one, whole. */
async function replace(path: string, text: string): Promise<void> {
  const draft = join(DIST, 'draft')
  await writeFile(draft, text)
  await rename(draft, path)
}

async function writeScript(source: string, target: string): Promise<void> {
  const code = stripTypeScriptTypes(await readFile(source, 'utf8'))
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, code.replaceAll(/(['"`])(\.\.?\/[^'"`\n]*)\.ts\1/g, '$1$2.js$1'))
}

/** What is for developing alone. */
const FOR_DEVELOPING = ['devDependencies', 'scripts', 'knip']

/** Without a Node of its own: npm scripts find it first, and would find it first in the project of whoever installs this too. */
function packaged(text: string): string {
  const project = JSON.parse(text) as Manifest
  const kept = Object.entries(project).filter(([name]) => !FOR_DEVELOPING.includes(name))
  const others = Object.entries(project.optionalDependencies).filter(([name]) => !name.startsWith('node-linux-'))
  const optionalDependencies = others.length > 0 ? Object.fromEntries(others) : undefined
  const manifest = { ...Object.fromEntries(kept), engines: ENGINES, optionalDependencies }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/**
 * Does nothing where nothing was made, so that a pack which broke off is mended by the next. A manifest that is not the package's any
 * more was put back or changed by somebody since, and stays as they left it.
 */
async function restore(): Promise<void> {
  const kept = await readFile(KEPT, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return null
  })
  if (kept === null) return
  if ((await readFile(MANIFEST, 'utf8')) === packaged(kept)) await rename(KEPT, MANIFEST)
  else await rm(KEPT)
}

const [order] = process.argv.slice(2)
if (order === 'make') await make()
else if (order === 'restore') await restore()
else throw new Error('Expected make or restore')
