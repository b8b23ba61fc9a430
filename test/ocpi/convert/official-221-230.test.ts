import { describe, expect, it } from 'vitest'
import { convertObject } from '../../../src/ocpi/convert/convert.ts'
import { fixturesOf } from './fixtures.ts'
import { faultsOf } from './oracle/judge.ts'
import { CONTEXT, flawsOf, missing, readBytes, remarksOf, said, textOf } from './text.ts'

const wholes = (version: string) => fixturesOf(version).filter(({ isPatch }) => !isPatch)

/** As they were published: the EVSE has members of no version, the tariff does not say when it changed. */
const FAULTY = ['location_put_example_add_evse: was faulty', 'tariff_put_example: was faulty']

describe.each([
  { from: '2.2.1', to: '2.3.0', count: 35, others: FAULTY },
  {
    from: '2.3.0',
    to: '2.2.1',
    count: 37,
    others: [FAULTY[0], 'tariff_20_simple_north_american_inclusive: withheld', FAULTY[1]],
  },
])('examples of OCPI $from', ({ from, to, count, others }) => {
  it('are all there', () => {
    expect(wholes(from)).toHaveLength(count)
  })

  it.each(fixturesOf(from))('$name: what does not come back is reported, and nothing else', (example) => {
    const there = convertObject(example.bytes, example, from, to, CONTEXT)
    if (there.kind === 'withheld') {
      expect(there.why).toMatch(/taxes/)
      return
    }
    const original = readBytes(example.bytes)
    if (there.kind !== 'converted') throw new Error(JSON.stringify(there))
    const back = convertObject(there.bytes, example, to, from, CONTEXT)
    expect(
      flawsOf(original, said(back), [...remarksOf(there), ...remarksOf(back)].filter(isOfOriginal(original))),
    ).toEqual([])
  })

  it('are good in the other version, but for what was faulty before; one tariff cannot be said in 2.2.1', () => {
    const judged = wholes(from).map(({ name, kind, bytes }) => {
      const there = convertObject(bytes, { kind, isPatch: false }, from, to, CONTEXT)
      if (there.kind !== 'converted') return `${name}: ${there.kind}`
      const [fault] = faultsOf(to, kind, JSON.parse(textOf(there.bytes)))
      if (fault === undefined) return 'good'
      return faultsOf(from, kind, JSON.parse(textOf(bytes))).length > 0 ? `${name}: was faulty` : `${name}: ${fault}`
    })
    expect(judged.filter((each) => each !== 'good')).toEqual(others)
  })

  it.each(fixturesOf(from))('$name: of the same version it stays the very same bytes', ({ bytes, kind, isPatch }) => {
    const same = convertObject(bytes, { kind, isPatch }, from, from, CONTEXT)
    expect(same.kind === 'converted' && same.bytes).toBe(bytes)
    expect(remarksOf(same)).toEqual([])
  })
})

/** One has a member that no version knows, and is reported to lose it. */
const isAsSpecified = ({ name }: { name: string }) => name !== 'location_put_example_add_evse'

/** What is made on one way and left out on the other is nobody's loss. */
function isOfOriginal(original: unknown) {
  return ({ fate, pointer }: { fate: string; pointer: string }) =>
    fate !== 'lost' || missing(original, {}).some((leaf) => leaf === pointer || leaf.startsWith(`${pointer}/`))
}

describe('the way there and back', () => {
  it('gives every example of OCPI 2.2.1 back as it was', () => {
    for (const example of wholes('2.2.1').filter(isAsSpecified)) {
      const up = convertObject(example.bytes, example, '2.2.1', '2.3.0', CONTEXT)
      if (up.kind !== 'converted') throw new Error(example.name)
      const back = convertObject(up.bytes, example, '2.3.0', '2.2.1', CONTEXT)
      expect(said(back), example.name).toEqual(readBytes(example.bytes))
    }
  })

  it('gives every example of OCPI 2.3.0 back as it was, but for four', () => {
    const others = wholes('2.3.0')
      .filter(isAsSpecified)
      .filter((example) => {
        const down = convertObject(example.bytes, example, '2.3.0', '2.2.1', CONTEXT)
        if (down.kind !== 'converted') return true
        const back = convertObject(down.bytes, example, '2.2.1', '2.3.0', CONTEXT)
        const [before, after] = [readBytes(example.bytes), said(back)]
        return missing(before, after).length > 0 || missing(after, before).length > 0
      })
    expect(others.map(({ name }) => name)).toEqual([
      'cdr_example',
      'location_example',
      'location_example_parking_garage_opening_hours',
      'tariff_20_simple_north_american_inclusive',
    ])
  })
})
