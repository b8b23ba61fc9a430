import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { placeOf, readPage } from './pages.ts'

const [, section = ''] = readPage('docs/operators.md').split('### What differs on Workers\n')
const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (\w[\w ]*) \|/gm)].map(([, name]) => name)

test('what tests leave out on Workers is a row of the table for operators', () => {
  const tests = readdirSync(placeOf('test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  )
  const left = tests.flatMap((file) =>
    [...readFileSync(placeOf(`test/${file}`), 'utf8').matchAll(/\bonNode\('([^']+)'\)/g)].map(([, name]) => name),
  )
  expect(left.length).toBeGreaterThan(0)
  expect(left.filter((name) => !rows.includes(name))).toEqual([])
})
