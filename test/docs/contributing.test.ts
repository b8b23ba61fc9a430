import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

// What a newcomer types from the page for contributors is there.

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const page = read('CONTRIBUTING.md')

test('the tests that are run by way of example exist, by file and by name', () => {
  const examples = [...page.matchAll(/npm test -- (\S+)(?: -t "(.+)")?$/gm)]
  expect(examples).toHaveLength(2)
  for (const [, path = '', name] of examples) {
    expect(existsSync(join(root, path))).toBe(true)
    if (name !== undefined) expect(read(path)).toContain(name)
  }
})

test('each folder of tests is named as the room that it tests, or is no room', () => {
  const folders = (path: string) =>
    readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  expect(page).toContain('the folder of `test` that is named as its room')
  const others = [
    'bench',
    'browser',
    'docs',
    'edge',
    'faults',
    'fixtures',
    'hostile',
    'scale',
    'soak',
    'structure',
    'support',
  ]
  expect(folders('test').filter((name) => !others.includes(name) && !folders('src').includes(name))).toEqual([])
  expect(folders('test/hub').filter((name) => !folders('src/hub').includes(name))).toEqual([])
})
