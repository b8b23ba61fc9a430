import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { convertData, convertWholeData, type DataConversion } from '../../../src/ocpi/convert/list.ts'
import { BrokenBody, MOST_OBJECT_BYTES } from '../../../src/ocpi/convert/split-data.ts'
import { bytesOf, textOf } from './text.ts'

/** Puts what it gets in angle brackets; leaves out what says so. */
function marking(to = '2.3.0'): DataConversion & { told: string[] } {
  const told: string[] = []
  return {
    to,
    told,
    convert: (object: Uint8Array) => {
      const text = textOf(object)
      return text.includes('leave') ? null : bytesOf(`<${text}>`)
    },
    broken: (why: string) => void told.push(why),
  }
}

async function whole(text: string, to?: string): Promise<string | null> {
  const made = await convertWholeData(bytesOf(text), marking(to))
  return made && textOf(made)
}

async function* pieces(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? bytesOf(text) : text
  // One piece of memory, used again and again, as by whoever reads from a connection.
  const room = new Uint8Array(size)
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    room.set(piece)
    yield room.subarray(0, piece.length)
  }
}

async function inPieces(
  text: string | Uint8Array,
  size: number,
  conversion: DataConversion = marking(),
): Promise<string> {
  const made: Uint8Array[] = []
  for await (const piece of convertData(pieces(text, size), conversion)) made.push(piece.slice())
  return textOf(new Uint8Array(await new Blob(made as Uint8Array<ArrayBuffer>[]).arrayBuffer()))
}

const ENVELOPES = [
  ['{"data":[{"a":1},{"b":"x\\"]}"}],"status_code":1000}', '{"data":[<{"a":1}>,<{"b":"x\\"]}"}>],"status_code":1000}'],
  ['{"status_code":1000,"data": [ ] , "timestamp":"t"}', '{"status_code":1000,"data": [] , "timestamp":"t"}'],
  ['{"data":[{"a":"leave"} , {"b":2} , {"c":"leave"}, {"d":4}]}', '{"data":[<{"b":2}>,<{"d":4}>]}'],
  ['{"data":[{"a":"leave"}]}', '{"data":[]}'],
  ['{"x":{"data":[{"a":1}]},"data":{"b":[2]},"é":"\\\\"}', '{"x":{"data":[{"a":1}]},"data":<{"b":[2]}>,"é":"\\\\"}'],
  ['{"data":{"a":"leave"},"x":1}', '{"data":null,"x":1}'],
  ['{"data":null}', '{"data":null}'],
  ['{"data":"ACCEPTED" ,"x":-1.10e2}', '{"data":<"ACCEPTED"> ,"x":-1.10e2}'],
  ['{ "d\\u0061ta" : [1,[2],"]"] }', '{ "d\\u0061ta" : [<1>,<[2]>,<"]">] }'],
  ['{}', '{}'],
] as const

describe('the data of an envelope', () => {
  it.each(ENVELOPES)('%s', async (source, target) => {
    expect(await whole(source)).toBe(target)
    for (const size of [1, 2, 3, 7, 1000]) expect(await inPieces(source, size)).toBe(target)
  })

  it('comes out the same however it is cut', async () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const envelope = fc.record({ status_code: fc.constant(1000), data: fc.oneof(fc.array(value), value), more: value })
    await fc.assert(
      fc.asyncProperty(envelope, fc.integer({ min: 1, max: 20 }), async (tree, size) => {
        const text = JSON.stringify(tree)
        const same = { to: '2.3.0', convert: (object: Uint8Array) => object, broken: () => undefined }
        expect(await inPieces(text, size, { ...marking(), ...same })).toBe(text)
      }),
      { numRuns: 200 },
    )
  })

  it('begins behind a byte order mark', async () => {
    expect(await inPieces('\ufeff{"data":[]}', 1)).toBe('{"data":[]}')
  })
})

describe('a body that is no envelope', () => {
  it.each([
    '',
    ' ',
    '[]',
    '{',
    '{"data":[',
    '{"data":[1}',
    '{"data":[1,]}',
    '{"data":[1 2]}',
    '{"data":[]}x',
    '{"data":[],}',
    '{"x":tru}',
    '{data:1}',
    '{"data" 1}',
    '{"data":,}',
  ])('%j goes nowhere', async (text) => {
    expect(await whole(text)).toBeNull()
    await expect(inPieces(text, 1)).rejects.toBeInstanceOf(BrokenBody)
  })

  it('is told apart from a conversion that fails', async () => {
    const failing = {
      ...marking(),
      convert: () => {
        throw new Error('a fault of the hub')
      },
    }
    await expect(convertWholeData(bytesOf('{"data":[{}]}'), failing)).rejects.toThrow('a fault of the hub')
  })
})

describe('an object that is too large', () => {
  const large = `{"a":"${'x'.repeat(MOST_OBJECT_BYTES)}"}`

  it.each([1000, 3_000_000])('is left out, and the list goes on, in pieces of %i bytes', async (size) => {
    const conversion = marking()
    expect(await inPieces(`{"data":[1,${large},2],"x":1}`, size, conversion)).toBe('{"data":[<1>,<2>],"x":1}')
    expect(await inPieces(`{"data":${large},"x":1}`, size, conversion)).toBe('{"data":null,"x":1}')
    expect(conversion.told).toEqual(['it is too large', 'it is too large'])
  })

  it('may stand beside the data', async () => {
    const beside = `{"x":${large},"data":[1]}`
    expect(await inPieces(beside, 1000)).toBe(`{"x":${large},"data":[<1>]}`)
  })
})

describe('a list of objects that say nothing', () => {
  const listOf = (object: string, count: number) => `{"data":[${Array(count).fill(object)}]}`

  it('is not gone through, since it would hold up everybody else', async () => {
    expect(await whole(listOf('{}', 300_000))).toBe(null)
    await expect(inPieces(listOf('{}', 300_000), 65_536)).rejects.toThrow(BrokenBody)
  })

  it('is, as far as it is short, and so is a long one of objects that say something', async () => {
    expect(await whole(listOf('{}', 2_000))).not.toBe(null)
    const plain = `{"uid":"1234","type":"RFID","issuer":"a","valid":true,"last_updated":""}`
    expect(await whole(listOf(plain, 20_000))).not.toBe(null)
    expect(await inPieces(listOf(plain, 20_000), 65_536)).toContain('RFID')
  })
})

describe('status codes that OCPI 2.1.1 does not have', () => {
  it.each([
    ['1000', '1000'],
    ['2004', '2001'],
    ['"4001"', '2001'],
    ['4002', '3000'],
    ['1999', '1999'],
  ])('%s become %s', async (source, target) => {
    const envelope = (code: string) => `{"data":[],"status_code":${code},"status_message":"m"}`
    expect(await whole(envelope(source), '2.1.1')).toBe(envelope(target))
    expect(await inPieces(envelope(source), 1, marking('2.1.1'))).toBe(envelope(target))
    expect(await whole(envelope(source), '2.2.1')).toBe(envelope(source))
  })
})

describe('a list without end', () => {
  it('is asked for no faster than it is taken, and not kept', async () => {
    let given = 0
    const object = `{"a":"${'x'.repeat(1000)}"},`
    async function* endless() {
      yield bytesOf('{"data":[')
      for (;;) {
        given += 1
        yield bytesOf(object.repeat(60))
      }
    }
    const taken = convertData(endless(), marking())
    for (let i = 0; i < 100; i++) {
      const { value } = await taken.next()
      expect((value as Uint8Array).length).toBeLessThan(70_000)
      expect(given).toBeLessThanOrEqual(i + 1)
    }
    await taken.return()
  })

  it('takes no longer in pieces of a few bytes', async () => {
    const object = `{"a":"${'x'.repeat(500_000)}"}`
    const startedAt = performance.now()
    await inPieces(`{"data":[${object},${object}]}`, 16)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})

describe('objects of a list that need something to be looked up', () => {
  const list = (count: number) => `{"data":[${Array.from({ length: count }, (_, id) => `{"id":${id}}`)}],"x":1}`

  it('are looked ahead at together, before each is converted, and again those for which there was no room', async () => {
    const asked: number[] = []
    let ready = 0
    const conversion: DataConversion = {
      ...marking(),
      ahead(objects) {
        expect(ready).toBe(0)
        asked.push(objects.length)
        ready = Math.min(objects.length, 70)
        return Promise.resolve(ready)
      },
      convert(object) {
        expect(ready--).toBeGreaterThan(0)
        return object
      },
    }
    expect(textOf((await convertWholeData(bytesOf(list(250)), conversion)) as Uint8Array)).toBe(list(250))
    expect(asked).toEqual([100, 100, 100, 40])
  })

  it('break the list off where that fails', async () => {
    const conversion = { ...marking(), ahead: () => Promise.reject(new Error('away')) }
    await expect(inPieces(list(3), 10, conversion)).rejects.toThrow('away')
  })
})

describe('everybody else', () => {
  it('has a turn while much is converted', async () => {
    const tell = (turns: { count: number }) => async () => void turns.count++
    const [few, much] = [{ count: 0 }, { count: 0 }]
    const listOf = (count: number) => bytesOf(`{"data":[${Array(count).fill(`"${'x'.repeat(1000)}"`)}]}`)
    await convertWholeData(listOf(10), { ...marking(), turn: tell(few) })
    await convertWholeData(listOf(1000), { ...marking(), turn: tell(much) })
    expect(few.count).toBe(0)
    expect(much.count).toBeGreaterThan(5)
  })
})
