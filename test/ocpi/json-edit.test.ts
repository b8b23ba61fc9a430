import { describe, expect, test } from 'vitest'
import { type GivenValue, withMembers } from '../../src/ocpi/json-edit.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function edit(text: string, given: Readonly<Record<string, GivenValue>>): string | null {
  const edited = withMembers(bytes(text), given)
  return edited && new TextDecoder().decode(edited)
}

const ONE = bytes('1')

describe('members of an object given anew', () => {
  test('stand where they stood, every other byte as it was', () => {
    expect(edit('{ "data" : [0],\n "status_code": 1e3 }', { data: ONE })).toBe('{ "data" : 1,\n "status_code": 1e3 }')
    expect(edit('{"a":0,"data":0}', { data: [bytes('['), ONE, bytes(']')] })).toBe('{"a":0,"data":[1]}')
  })

  test('stand behind all others where they were not there', () => {
    expect(edit('{"a":0}', { b: ONE, c: ONE })).toBe('{"a":0,"b":1,"c":1}')
    expect(edit(' {} ', { b: ONE, c: ONE })).toBe(' {"b":1,"c":1} ')
  })

  test('are there once, whatever names some reader takes for theirs', () => {
    expect(edit('{"Data":0,"a":0,"data":0}', { data: ONE })).toBe('{"data":1,"a":0}')
    expect(edit('{"d\\u0061ta":0,"DATA":0,"da_ta":0}', { data: ONE })).toBe('{"d\\u0061ta":1}')
  })

  test.each([
    ['{"data":0}', '{}'],
    ['{"data":0,"a":0}', '{"a":0}'],
    ['{"data":0, "Data":0, "a":0, "b":0}', '{"a":0, "b":0}'],
    ['{"a":0, "data":0, "Data":0}', '{"a":0}'],
    ['{"a":0, "data":0, "b":0, "Data":0, "c":0}', '{"a":0, "b":0, "c":0}'],
    ['{"a":0}', '{"a":0}'],
  ])('%s without them is %s', (text, expected) => {
    expect(edit(text, { data: null })).toBe(expected)
  })

  test('may come in place of others that go', () => {
    expect(edit('{"data":0}', { data: null, b: ONE })).toBe('{"b":1}')
    expect(edit('{"x":0,"data":0}', { data: null, b: ONE })).toBe('{"x":0,"b":1}')
  })

  test('that stand there already are no reason for a copy, but another of the name still goes', () => {
    const part = (text: string) => {
      const whole = bytes(text)
      const start = text.indexOf('[')
      return { whole, edited: withMembers(whole, { data: whole.subarray(start, text.indexOf(']') + 1) }) }
    }
    const alone = part('{"a":0, "data": [1], "b":0}')
    expect(alone.edited).toBe(alone.whole)
    expect(new TextDecoder().decode(part('{"data":[1], "Data":0}').edited ?? undefined)).toBe('{"data":[1]}')
    expect(new TextDecoder().decode(part('{"Data":0, "data":[1]}').edited ?? undefined)).toBe('{"data":[1]}')
  })

  test('are of an object: what is none cannot be given any', () => {
    expect(edit('[1]', { a: ONE })).toBeNull()
    expect(edit('{"a":1', { a: ONE })).toBeNull()
  })
})
