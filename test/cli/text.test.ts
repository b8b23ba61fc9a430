// How text looks on a terminal and beside one, and what it keeps from the terminal.

import { describe, expect, test } from 'vitest'
import { clean, cleanLines } from '../../src/cli/text/clean.ts'
import { createScreen, facts, table } from '../../src/cli/text/screen.ts'
import { ago, count, span, statusCell, until } from '../../src/cli/text/words.ts'

const ESCAPE = '\u001b'
const file = createScreen(null, false)

describe('a table', () => {
  const heads = ['NAME', 'STATUS', 'CAUSE']
  const rows = [
    ['Rheinstrom', statusCell('CONNECTED'), 'credentials exchanged'],
    ['Nordlade', statusCell('OFFLINE'), ''],
  ]

  test('has its columns below each other, and no spaces at the ends of lines', () => {
    expect(table(file, heads, rows)).toBe(
      'NAME        STATUS       CAUSE\nRheinstrom  ● CONNECTED  credentials exchanged\nNordlade    ■ OFFLINE\n',
    )
  })

  test('is cut to the terminal where its columns may be, and never in a file', () => {
    expect(table(createScreen(40, false), heads, rows, ['CAUSE'])).toBe(
      'NAME        STATUS       CAUSE\nRheinstrom  ● CONNECTED  credentials ex…\nNordlade    ■ OFFLINE\n',
    )
    expect(table(createScreen(10, false), heads, rows, ['CAUSE'])).toContain('● CONNECTED  credent…\n')
    expect(table(file, heads, rows, ['CAUSE'])).toContain('credentials exchanged')
  })

  test('has colours beside the shapes, which a cut does not break', () => {
    const coloured = table(createScreen(40, true), heads, rows, ['CAUSE'])
    expect(coloured).toContain(`${ESCAPE}[32m● CONNECTED${ESCAPE}[39m  credentials ex…`)
    expect(coloured).toContain(`${ESCAPE}[31m■ OFFLINE${ESCAPE}[39m`)
  })

  test.each([
    ['an escape', `${ESCAPE}[2J${ESCAPE}]0;title\u0007done`, '[2J]0;titledone'],
    ['an escape of one byte', '\u009b2Jdone', '2Jdone'],
    ['a line of its own', 'one\r\ntwo', 'one two'],
    ['letters that run backwards', 'abc\u202Edef\u2066', 'abcdef'],
  ])('keeps %s from the terminal', (_, evil, harmless) => {
    expect(table(file, [''], [[evil]])).toBe(`${harmless}\n`)
    expect(facts(file, [['name', evil]])).toBe(`name  ${harmless}\n`)
    expect(clean(evil)).toBe(harmless)
  })

  test('takes as many rows as there are', () => {
    const rows = Array.from({ length: 200_000 }, () => ['a row'])
    expect(table(file, [''], rows)).toHaveLength(1_200_000)
  })

  test('is measured by letters, as they are seen', () => {
    expect(
      table(
        file,
        ['', ''],
        [
          ['Zürich', 'a'],
          ['𝒳', 'b'],
        ],
      ),
    ).toBe('Zürich  a\n𝒳       b\n')
  })
})

test('a body keeps its lines and their indents', () => {
  expect(cleanLines('{\n\t"a":  1\r\n}\u001b[31m')).toBe('{\n  "a":  1\n}[31m')
})

test('facts that are not there are left out', () => {
  expect(
    facts(file, [
      ['a', null],
      ['b', ''],
      ['c', 0],
    ]),
  ).toBe('c  0\n')
})

test('times are words', () => {
  expect([40, 720, 7_300, 500_000].map(span)).toEqual(['40 s', '12 min', '2 h', '5 d'])
  const now = Date.parse('2026-11-29T12:00:00Z')
  expect(ago('2026-11-29T09:00:00.000Z', now)).toBe('3 h ago')
  expect(ago(null, now)).toBe('')
  expect(until('2026-12-29T12:00:00.000Z', now)).toBe('in 30 d')
  expect(until('2026-11-28T12:00:00.000Z', now)).toBe('over')
  expect([count(1, 'rule'), count(2, 'rule')]).toEqual(['1 rule', '2 rules'])
})
