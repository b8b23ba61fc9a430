import { expect, test } from 'vitest'
import { KeptByBytes } from '../../src/hub/kept-by-bytes.ts'
import { RecentPushes } from '../../src/hub/push/log/recent.ts'
import { bytesOf, type Push } from '../../src/hub/push/push.ts'
import { newPush, platformOf } from './push/rig.ts'

const CPO = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://cpo' })

test('what pushes became in other versions is kept within its bytes, the oldest going first', () => {
  const converted = new KeptByBytes<string>(10_000)
  for (let i = 0; i < 100; i++) converted.keep(`${i}`, `of ${i}`, 1_000)
  expect(converted.bytes).toBeLessThanOrEqual(10_000)
  expect(converted.find('0')).toBeUndefined()
  expect(converted.find('99')).toBe('of 99')
  converted.keep('large', 'alone too large', 10_000)
  expect(converted.find('large')).toBeUndefined()
  expect(converted.find('99')).toBe('of 99')
  for (let i = 0; i < 100; i++) converted.forget(`${i}`)
  expect(converted.bytes).toBe(0)
})

test('the recent pushes leave room for it', () => {
  const of = (number: number): Push => ({ ...newPush(CPO, { path: `/NL/CPO/L${number}` }), number })
  const weight = bytesOf(of(1))
  let alongside = 0
  const recent = new RecentPushes(4 * weight + 3, () => alongside)
  for (let number = 1; number <= 4; number++) recent.add(of(number))
  recent.trim()
  expect(recent.oldest()).toBe(1)
  alongside = 2 * weight
  recent.trim()
  expect(recent.oldest()).toBe(3)
})
