import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

// What the templates of the console and of the pages for partners may not hold. `html` escapes what is put into them, but it does not quote attributes, and knows no URLs.

const root = fileURLToPath(new URL('../../src', import.meta.url))
const files = ['admin/console', 'partner'].flatMap((folder) =>
  readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(`${root}/${folder}/${name}`, 'utf8')] as const),
)

/** Files of these pages in which something stands, with the line. */
function places(what: RegExp): string[] {
  return files.flatMap(([name, text]) =>
    text
      .split('\n')
      .filter((line) => what.test(line))
      .map((line) => `${name}: ${line.trim()}`),
  )
}

test('all are read', () => {
  expect(files.length).toBeGreaterThan(25)
  expect(places(/html`/).length).toBeGreaterThan(40)
})

test('every value of an attribute stands in quotes, where nobody’s text begins another attribute', () => {
  expect(places(/[\w-]=\$\{/)).toEqual([])
  expect('<a title=${name}>').toMatch(/[\w-]=\$\{/)
})

test('nothing is put into a page that is not escaped', () => {
  // Hono's function, called or imported; partners' tokens are written raw too.
  const unescaped = /\braw\(|^\s*raw,$|\bimport\b.*\braw\b|dangerouslySetInnerHTML/
  expect(places(unescaped)).toEqual([])
  for (const line of ["import { html, raw } from 'hono/html'", '  raw,', 'html`${raw(text)}`'])
    expect(line).toMatch(unescaped)
})

test('no address is a program, and no attribute is one, nor style: the policy would refuse them', () => {
  expect(places(/javascript:|\shx-on|\shx-vals='js|<script>|\son\w+="|\sstyle="/)).toEqual([])
})

test('nothing is loaded from elsewhere', () => {
  expect(places(/(?:src|href)="https?:/)).toEqual([])
})
