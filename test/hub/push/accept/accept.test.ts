import { expect, test } from 'vitest'
import { createBroadcast } from '../../../../src/hub/push/accept/accept.ts'
import { newPush, platformOf } from '../rig.ts'

const flooder = platformOf({ id: 'flooder', party: 'NL*FLO', roles: ['CPO'] })
const honest = platformOf({ id: 'honest', party: 'NL*HON', roles: ['CPO'] })
const LARGE = { pad: 'x'.repeat(900) }

test('A platform that floods the hub with large pushes leaves room for those of others', async () => {
  const met: string[] = []
  const inserts: ((first: number) => void)[] = []
  const { accept, drain } = createBroadcast({
    log: { append: () => new Promise((resolve) => inserts.push(resolve)) },
    after: () => () => undefined,
    onAccepted: () => undefined,
    onAway: () => undefined,
    noteBound: (bound) => void met.push(bound),
    waitingBytes: 20_000,
  })
  const flood = Array.from({ length: 50 }, (_, i) =>
    accept(newPush(flooder, { path: `/NL/FLO/F${i}`, body: LARGE })).then(({ kind }) => kind),
  )
  const other = accept(newPush(honest, { path: '/NL/HON/L1', body: LARGE }))
  // The first was on its way to the database when the others came.
  inserts[0]?.(1)
  await expect.poll(() => inserts.length).toBe(2)
  inserts[1]?.(2)
  expect(await other).toMatchObject({ kind: 'accepted' })
  const kinds = await Promise.all(flood)
  expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1 + 3)
  expect(met).toEqual(Array.from({ length: 50 - 4 }, () => 'waiting-pushes'))
  await drain()

  const later = accept(newPush(flooder, { path: '/NL/FLO/F1', body: LARGE }))
  inserts[2]?.(6)
  expect(await later).toMatchObject({ kind: 'accepted', number: 6 })
})
