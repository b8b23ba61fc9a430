import { expect, test } from 'vitest'
import { KeptByBytes } from '../../../../src/hub/kept-by-bytes.ts'
import { createConvertPush } from '../../../../src/hub/push/attempt/convert-push.ts'
import { newPush, platformOf, tableOf } from '../rig.ts'

const CPO = platformOf({ id: 'cpo', party: 'NL*CPO', roles: ['CPO'], origin: 'http://cpo' })
const EMSP = platformOf({ id: 'emsp', party: 'DE*EMS', roles: ['EMSP'], origin: 'http://emsp', version: '2.1.1' })
const TABLE = tableOf([CPO, EMSP])

test('a push that waits is converted anew, by what its Location and its tariffs have become', () => {
  let now = 0
  let hasEnded = false
  const translate = {
    request: () => (hasEnded ? ({ kind: 'withheld', why: 'it is over' } as const) : ({ kind: 'same' } as const)),
  }
  const convert = createConvertPush(translate, new KeptByBytes(100_000), () => now)
  const push = { ...newPush(CPO, { path: '/NL/CPO/L1' }), number: 1 }
  const [to] = EMSP.parties
  const converted = () => to && convert(TABLE, push, EMSP, to)
  const first = converted()
  expect(first).toMatchObject({ kind: 'converted' })
  hasEnded = true
  now = 29_000
  expect(converted()).toBe(first)
  now = 31_000
  expect(converted()).toEqual({ kind: 'withheld', why: 'it is over' })
})
