import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

// The page that says what stands where, held against what stands there.

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

/** What the page's tables say of each room, cell by cell. */
const rooms = new Map(
  [...page.matchAll(/^\| `(src\/[\w/-]+)` \|(.*)\|$/gm)].map(([, room = '', cells = '']) => [room, cells.split('|')]),
)

const foldersIn = (folder: string) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`)

/** The other rooms of `src` that a room imports. */
function importedBy(room: string): Set<string> {
  const files = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  const imported = files.flatMap((file) => {
    const source = readFileSync(join(root, room, file), 'utf8')
    return [...source.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) => join(room, file, '..', path))
  })
  return new Set(imported.filter((path) => !path.startsWith(`${room}/`)).map((path) => path.split('/')[1] ?? ''))
}

describe('the page on architecture', () => {
  test.each(['src', 'src/hub', 'src/runtime'])('names every room of %s', (folder) => {
    expect([...rooms.keys()].filter((room) => join(room, '..') === folder).sort()).toEqual(foldersIn(folder).sort())
  })

  test.each(foldersIn('src'))('says what %s imports', (room) => {
    const told = [...(rooms.get(room)?.[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
    expect([...importedBy(room)].sort()).toEqual(told.sort())
  })

  test('walks the corridor in the order of its words', () => {
    const [, words = ''] = /^ {4}(authenticate → .*)$/m.exec(page) ?? []
    const steps = [...page.matchAll(/^\| (\w+) \| `src\/hub/gm)].map(([, step]) => step)
    expect(words.split(/ [→|] /)).toEqual(steps)
  })
})
