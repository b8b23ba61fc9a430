import { isObject, kindOf } from '../../../ocpi/parsed.ts'
import { parseDateTime } from '../../../ocpi/timestamp.ts'
import { counted, fail, pass, quoted, type Verdict, warn } from '../verdict.ts'
import type { Field, Shape, Type } from './shape.ts'

/** Something about a value that is wrong, or only odd: `[3].evses[0].status`, `is missing`. */
export type Flaw = { readonly isWrong: boolean; readonly path: string; readonly what: string }

/** Flaws that are told, and at which a list is not looked at any further. */
const TOLD_MOST = 20
const FOUND_MOST = 2_000

/**
 * Whether all objects of a list are as their shape in a version of OCPI says. Of what is wrong with several the first is told, with how many
 * are like it.
 */
export function judgeSchema(objects: readonly unknown[], shape: Shape, version: string): Verdict {
  const flaws = flawsOf(objects, shape, version)
  const wrong = flaws.filter(({ isWrong }) => isWrong)
  if (wrong.length > 0) return fail(told(wrong))
  if (flaws.length > 0)
    return warn(told(flaws), `Leave out fields that OCPI ${version} does not have, and keep to its lengths and values.`)
  return pass(counted(objects.length, 'object'))
}

export function flawsOf(objects: readonly unknown[], shape: Shape, version: string): readonly Flaw[] {
  const found: Found = { flaws: [], version }
  for (const [i, each] of objects.entries()) {
    if (found.flaws.length >= FOUND_MOST) break
    checkValue(each, { kind: 'object', shape }, `[${i}]`, found)
  }
  return found.flaws
}

/** What was found so far, and against which version. */
type Found = { readonly flaws: Flaw[]; readonly version: string }

function told(flaws: readonly Flaw[]): string {
  const alike = new Map<string, { first: Flaw; count: number }>()
  for (const flaw of flaws) {
    const key = `${flaw.path.replace(/\[\d+\]/g, '[]')} ${flaw.what.replace(/“.*”/g, '')}`
    const known = alike.get(key)
    if (known) known.count += 1
    else alike.set(key, { first: flaw, count: 1 })
  }
  return [...alike.values()]
    .slice(0, TOLD_MOST)
    .map(({ first, count }) => `${first.path} ${first.what}${count > 1 ? ` (${count} times)` : ''}`)
    .join('; ')
}

function checkObject(value: Record<string, unknown>, shape: Shape, path: string, found: Found): void {
  const { flaws, version } = found
  for (const [name, field] of Object.entries(shape)) checkField(value[name], field, `${path}.${name}`, found)
  for (const [name, its] of Object.entries(value)) {
    if (flaws.length >= FOUND_MOST) return
    if (!Object.hasOwn(shape, name) && its !== null)
      flaws.push({ isWrong: false, path: `${path}.${quoted(name, 30)}`, what: `is no field of ${version}` })
  }
}

/** Null stands for what is not there: many write it so. */
function checkField(value: unknown, { type, often }: Field, path: string, found: Found): void {
  const { flaws } = found
  const isList = often === '*' || often === '+'
  if (value === undefined || value === null) {
    if (often === '1' || often === '+') flaws.push(wrong(path, value === null ? 'is null' : 'is missing'))
    return
  }
  if (!isList) return checkValue(value, type, path, found)
  if (!Array.isArray(value)) return void flaws.push(wrong(path, `is ${kindOf(value)}, not a list`))
  if (often === '+' && value.length === 0) flaws.push(wrong(path, 'is empty'))
  for (const [i, each] of value.entries()) checkValue(each, type, `${path}[${i}]`, found)
}

function checkValue(value: unknown, type: Type, path: string, found: Found): void {
  if (type.kind === 'object') {
    if (isObject(value)) checkObject(value, type.shape, path, found)
    else found.flaws.push(wrong(path, `is ${kindOf(value)}, not an object`))
    return
  }
  const flaw = flawIn(value, type, found.version)
  if (flaw) found.flaws.push({ ...flaw, path })
}

function flawIn(value: unknown, type: Exclude<Type, { kind: 'object' }>, version: string): Omit<Flaw, 'path'> | null {
  switch (type.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? null : isNot(value, 'a boolean')
    case 'number':
      return typeof value === 'number' ? null : isNot(value, 'a number')
    case 'int':
      if (typeof value !== 'number') return isNot(value, 'a number')
      return Number.isInteger(value) ? null : odd(`is ${value}, not a whole number`)
    default:
      return typeof value === 'string' ? flawInText(value, type, version) : isNot(value, 'a string')
  }
}

const NOT_ASCII = /[^\x20-\x7e]/
const OFFSET = /[+-]\d\d:?\d\d$/

function flawInText(
  value: string,
  type: Extract<Type, { kind: 'string' | 'ci' | 'moment' | 'url' | 'enum' }>,
  version: string,
): Omit<Flaw, 'path'> | null {
  switch (type.kind) {
    case 'string':
    case 'ci':
      if (value.length > type.most) return odd(`has ${value.length} characters, at most ${type.most}`)
      return type.kind === 'ci' && NOT_ASCII.test(value) ? odd('is not printable ASCII') : null
    case 'moment':
      if (parseDateTime(value) === null) return { isWrong: true, what: `is ${quoted(value, 40)}, no DateTime` }
      return OFFSET.test(value) ? odd(`is ${quoted(value, 40)}, with an offset`) : null
    case 'url':
      if (!URL.canParse(value)) return odd(`is ${quoted(value, 40)}, no URL`)
      return value.length > 255 ? odd(`has ${value.length} characters, at most 255`) : null
    case 'enum': {
      if (type.values.has(value)) return null
      // In other letters it is meant, and no reader takes it; a value of a newer version is nobody's fault.
      const meant = [...type.values].find((known) => fold(known) === fold(value))
      return meant
        ? { isWrong: true, what: `is ${quoted(value, 40)}, not ${meant}` }
        : odd(`is ${quoted(value, 40)}, no value of ${version}`)
    }
  }
}

function fold(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function wrong(path: string, what: string): Flaw {
  return { isWrong: true, path, what }
}

function isNot(value: unknown, type: string): Omit<Flaw, 'path'> {
  return { isWrong: true, what: `is ${kindOf(value)}, not ${type}` }
}

function odd(what: string): Omit<Flaw, 'path'> {
  return { isWrong: false, what }
}
