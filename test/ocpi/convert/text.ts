import { type Context, type Converted, DEFAULT_CONVERSION, type Remark } from '../../../src/ocpi/convert/conversion.ts'

/** Objects as text and back, numbers by how they are spelt: `1.10` is no `1.1`. */

export const CONTEXT: Context = {
  settings: DEFAULT_CONVERSION,
  sourceSettings: DEFAULT_CONVERSION,
  owner: { countryCode: 'NL', partyId: 'CPO' },
  counterpart: { countryCode: 'NL', partyId: 'MSP' },
  now: () => '2026-11-30T12:00:00Z',
}

export const KEEPING: Context = { ...CONTEXT, settings: { ...DEFAULT_CONVERSION, extras: 'keep' } }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const bytesOf = (text: string) => encoder.encode(text)
export const textOf = (bytes: Uint8Array) => decoder.decode(bytes)

/** A number in an object, by its spelling. */
export const number = (spelling: string) => `#${spelling}`

/** JSON text of an object whose numbers are made by `number`. */
export function written(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"#(-?[\d.eE+-]+)"/g, '$1')
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** What JSON text says, numbers as `number` has them. */
export function read(text: string): unknown {
  return JSON.parse(text.replaceAll(STRING_OR_NUMBER, (part) => (part.startsWith('"') ? part : `"#${part}"`)))
}

export const readBytes = (bytes: Uint8Array) => read(textOf(bytes))

/** As JSON text with members in the order of the alphabet. */
export function inOrder(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(inOrder).join()}]`
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${inOrder(member)}`)
  return `{${members.sort().join()}}`
}

/** What a converted object says; throws when it was not converted. */
export function said(converted: Converted): unknown {
  if (converted.kind !== 'converted') throw new Error(`Expected it to be converted, not ${JSON.stringify(converted)}`)
  return readBytes(converted.bytes)
}

export function remarksOf(converted: Converted): readonly Remark[] {
  return converted.kind === 'converted' || converted.kind === 'withheld' ? converted.remarks : []
}

/** `lost /evses/*`, without the reasons. */
export const short = (remarks: readonly Remark[]) =>
  remarks.map(({ fate, pointer }) => `${fate} ${pointer || '/'}`).sort()

/** Values at the ends of an object, by their pointers with indices as `*`. */
export function leaves(value: unknown, at = '', into = new Map<string, unknown[]>()): Map<string, unknown[]> {
  if (typeof value !== 'object' || value === null) into.set(at, [...(into.get(at) ?? []), value])
  else if (Array.isArray(value)) for (const element of value) leaves(element, `${at}/*`, into)
  else for (const [name, member] of Object.entries(value)) leaves(member, `${at}/${name}`, into)
  return into
}

/** Pointers at which the first has a value that the second has not. */
export function missing(from: unknown, to: unknown): string[] {
  const there = leaves(to)
  return [...leaves(from)].flatMap(([pointer, values]) => {
    const left = [...(there.get(pointer) ?? [])]
    const isMissing = values.some((value) => {
      const i = left.indexOf(value)
      if (i !== -1) left.splice(i, 1)
      return i === -1
    })
    return isMissing ? [pointer] : []
  })
}

const covers = (pointer: string, leaf: string) => leaf === pointer || leaf.startsWith(`${pointer}/`)

/**
 * What is wrong with the report of a way there and back: values that did not come back and are not in it, values in it that did come back,
 * values that came new and are not in it. None when it tells all and nothing else.
 */
export function flawsOf(original: unknown, back: unknown, remarks: readonly Remark[]): string[] {
  const gone = missing(original, back)
  const come = missing(back, original)
  const losses = remarks.filter(({ fate }) => fate === 'lost' || fate === 'withheld' || fate === 'changed')
  return [
    ...gone
      .filter((leaf) => !losses.some(({ pointer }) => covers(pointer, leaf)))
      .map((leaf) => `silently lost ${leaf}`),
    ...losses
      .filter(({ pointer }) => !gone.some((leaf) => covers(pointer, leaf)))
      .map(({ pointer }) => `said to be lost ${pointer}`),
    ...come
      .filter((leaf) => !remarks.some(({ fate, pointer }) => fate !== 'unknown' && covers(pointer, leaf)))
      .map((leaf) => `silently made ${leaf}`),
  ]
}
