import { expect, test } from 'vitest'
import { openSchemas } from './oracle/openapi.ts'

// What is carried between 2.2.1 and 2.3.0 as its bytes are, for both versions have it alike.

const [older, newer] = [openSchemas('2.2.1'), openSchemas('2.3.0')]

test('charging profiles have the same members and values in both versions', () => {
  const classes = older.classes('chargingprofiles')
  expect(Object.keys(classes)).toHaveLength(11)
  expect(newer.classes('chargingprofiles')).toEqual(classes)
})

test('so have charging preferences', () => {
  const { ChargingPreferences, ChargingPreferencesResponse, ProfileType } = older.classes('sessions')
  expect(ChargingPreferences).toMatchObject({ is: 'object' })
  expect(newer.classes('sessions')).toMatchObject({ ChargingPreferences, ChargingPreferencesResponse, ProfileType })
})

test('client info has the same members, and of roles only HUB is gone', () => {
  const { ClientInfo: before, ...others } = older.classes('hubclientinfo')
  const { ClientInfo: after } = newer.classes('hubclientinfo')
  if (before?.is !== 'object' || after?.is !== 'object') throw new Error('Expected classes')
  const { role: was, ...same } = before.members
  const { role: is, ...still } = after.members
  expect(still).toEqual(same)
  expect([was?.model, others['Role']]).toEqual([
    others['Role'],
    { is: 'enum', values: expect.arrayContaining(['HUB']) },
  ])
  if (was?.model.is !== 'enum') throw new Error('Expected an enumeration')
  expect(is?.model).toEqual({ is: 'enum', values: was.model.values.filter((role) => role !== 'HUB') })
})
