import { describe, expect, test } from 'vitest'
import { bytesOf, MOST_BYTES_OF_ONE, textIn, writeText } from '../../src/ocpi/utf8.ts'

const TEXTS = [
  '',
  'LOC1',
  '"2026-11-30T12:00:00Z"',
  '"Köln"',
  '"東京"',
  '"🔌"',
  '"C:\\\\temp"',
  'a text that is longer than what is put together by character',
  'a longer text that says Köln as well, and 東京',
]

describe('text and its bytes', () => {
  test.each(TEXTS)('%s is the same as encoder and decoder make it', (text) => {
    const bytes = new TextEncoder().encode(text)
    expect(bytesOf(text)).toEqual(bytes)
    expect(textIn(bytes, 0, bytes.length)).toBe(text)
  })

  test.each(TEXTS)('%s is written between what stands there', (text) => {
    const length = new TextEncoder().encode(text).length
    const into = new Uint8Array(2 + text.length * MOST_BYTES_OF_ONE).fill(0x2e)
    expect(writeText(text, into, 1)).toBe(length)
    expect(textIn(into, 0, length + 1)).toBe(`.${text}`)
    expect(into.at(-1)).toBe(0x2e)
  })
})
