import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDateTime, parseDateTime } from '../../src/ocpi/timestamp.ts'

describe('types: DateTime', () => {
  test.each([
    ['2015-06-29T20:39:09Z', '2015-06-29T20:39:09.000Z'],
    ['2015-06-29T20:39:09', '2015-06-29T20:39:09.000Z'],
    ['2016-12-29T17:45:09.2Z', '2016-12-29T17:45:09.200Z'],
    ['2016-12-29T17:45:09.2', '2016-12-29T17:45:09.200Z'],
    ['2018-01-01T01:08:01.123Z', '2018-01-01T01:08:01.123Z'],
    ['2018-01-01T01:08:01.123', '2018-01-01T01:08:01.123Z'],
    ['2018-01-01T01:08:01.123999999Z', '2018-01-01T01:08:01.123Z'],
    ['2018-01-01 01:08:01', '2018-01-01T01:08:01.000Z'],
    ['2018-01-01 01:08:01 Z', '2018-01-01T01:08:01.000Z'],
    ['2018-01-01t01:08:01z', '2018-01-01T01:08:01.000Z'],
    ['2020-02-29T23:59:59Z', '2020-02-29T23:59:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('%s is UTC', (text, iso) => {
    expect(parseDateTime(text)).toBe(Date.parse(iso))
  })

  test.each([
    ['2018-01-01T01:08:01+00:00', '2018-01-01T01:08:01.000Z'],
    ['2018-01-01T01:08:01.123456789+02:00', '2017-12-31T23:08:01.123Z'],
    ['2018-01-01T23:08:01-0530', '2018-01-02T04:38:01.000Z'],
    ['2018-01-01T01:08:01 01:00', '2018-01-01T00:08:01.000Z'],
  ])('%s has an offset', (text, iso) => {
    expect(parseDateTime(text)).toBe(Date.parse(iso))
  })

  test.each([
    '',
    '2018-01-01',
    '2018-01-01T01:08Z',
    '2018-01-01T01:08:01+24:00',
    '2018-01-01T01:08:01+1',
    '2018-01-01T01:08:01 00:60',
    '2018-01-01T01:08:01Z+01:00',
    '2018-01-01T01:08:01 CET',
    '2018-01-01T01:08:01.Z',
    '2018-01-01T01:08:01.1234567890Z',
    '2018-13-01T01:08:01Z',
    '2018-00-01T01:08:01Z',
    '2019-02-29T01:08:01Z',
    '2018-04-31T01:08:01Z',
    '2018-01-00T01:08:01Z',
    '2018-01-01T24:00:00Z',
    '2018-01-01T23:60:00Z',
    '2018-01-01T23:59:60Z',
    '18-01-01T01:08:01Z',
    ' 2018-01-01T01:08:01Z',
    '2018-01-01T01:08:01Z\n',
    '1514768881',
  ])('%j is none', (text) => {
    expect(parseDateTime(text)).toBe(null)
  })

  test('what the hub writes is read back, in any spelling, and fits 25 characters', () => {
    const ms = fc
      .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
      .map((date) => date.getTime())
    fc.assert(
      fc.property(
        ms,
        fc.constantFrom('', 'Z', 'z'),
        fc.constantFrom('T', 't', ' '),
        fc.stringMatching(/^\d{0,6}$/),
        (at, zone, separator, nanos) => {
          const text = formatDateTime(at)
          expect(text.length).toBeLessThanOrEqual(25)
          expect(text.endsWith('Z')).toBe(true)
          expect(parseDateTime(text.replace('T', separator).replace('Z', nanos + zone))).toBe(at)
        },
      ),
    )
  })
})
