import type { Kind } from '../../../../src/ocpi/convert/conversion.ts'
import type { Judge } from './judge.ts'
import { type Model, sampleText } from './model.ts'
import { CLASSES, ENUMS } from './tables-211.ts'

const CLASS_OF: Readonly<Partial<Record<Kind, string>>> = {
  location: 'Location',
  evse: 'EVSE',
  connector: 'Connector',
  tariff: 'Tariff',
  token: 'Token',
  session: 'Session',
  cdr: 'CDR',
  'location-references': 'LocationReferences',
  authorization: 'AuthorizationInfo',
  'reserve-now': 'ReserveNow',
  'start-session': 'StartSession',
  'stop-session': 'StopSession',
  'unlock-connector': 'UnlockConnector',
  'command-response': 'CommandResponse',
  'command-result': 'CommandResponse',
}

const PATTERNS: Readonly<Record<string, RegExp>> = {
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/,
  Latitude: /^-?\d{1,2}\.\d{6}$/,
  Longitude: /^-?\d{1,3}\.\d{6}$/,
  Time: /^([01]\d|2[0-3]):[0-5]\d$/,
}

/** Judges objects of OCPI 2.1.1 by the tables of its chapters; no schema of it was ever published. */
export const judge211: Judge = (kind, value, isPatch) => {
  const name = CLASS_OF[kind]
  const faults: string[] = []
  if (name === undefined) faults.push(`${kind} is none of 2.1.1`)
  else judgeObject(name, value, '', isPatch, faults)
  return faults
}

function judgeObject(name: string, value: unknown, at: string, isPatch: boolean, faults: string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.push(`${at}: no object`)
    return
  }
  const members = CLASSES[name] as Readonly<Record<string, string>>
  const record = value as Record<string, unknown>
  for (const member of Object.keys(record)) if (members[member] === undefined) faults.push(`${at}/${member}: foreign`)
  for (const [member, row] of Object.entries(members)) {
    const [type, often] = row.split(' ') as [string, string]
    const held = record[member]
    if (held === undefined) {
      if (!isPatch && (often === '1' || often === '+')) faults.push(`${at}/${member}: missing`)
    } else if (often === '*' || often === '+') judgeList(type, held, often === '+', `${at}/${member}`, faults)
    else judgeValue(type, held, `${at}/${member}`, faults)
  }
  // A choice of two: the hours of weekdays, or that it never closes.
  const hours = record['regular_hours']
  if (name === 'Hours' && (hours === undefined) === (record['twentyfourseven'] === undefined)) {
    faults.push(`${at}: not one of regular_hours and twentyfourseven`)
  }
}

function judgeList(type: string, value: unknown, isFilled: boolean, at: string, faults: string[]): void {
  if (!Array.isArray(value)) faults.push(`${at}: no list`)
  else {
    if (isFilled && value.length === 0) faults.push(`${at}: empty`)
    value.forEach((entry, index) => judgeValue(type, entry, `${at}/${index}`, faults))
  }
}

function judgeValue(type: string, value: unknown, at: string, faults: string[]): void {
  if (CLASSES[type] !== undefined) judgeObject(type, value, at, false, faults)
  else if (!isOfType(type, value)) faults.push(`${at}: ${JSON.stringify(value)} is no ${type}`)
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'number') return typeof value === 'number'
  if (type === 'int') return Number.isInteger(value)
  if (typeof value !== 'string') return false
  if (type === 'URL') return value.length <= 255 && URL.canParse(value)
  if (type.startsWith('string')) return value.length <= Number(type.slice('string'.length))
  return PATTERNS[type]?.test(value) ?? (ENUMS[type] as readonly string[]).includes(value)
}

/** @throws for a kind that 2.1.1 does not have */
export function model211(kind: Kind): Model {
  const name = CLASS_OF[kind]
  if (name === undefined) throw new Error(`${kind} is none of 2.1.1`)
  return classModel(name)
}

function classModel(name: string): Model {
  const members = Object.entries(CLASSES[name] as Readonly<Record<string, string>>)
    // A choice of two: the full object has the hours.
    .filter(([member]) => name !== 'Hours' || member !== 'twentyfourseven')
    .map(([member, row]) => {
      const [type, often] = row.split(' ') as [string, string]
      const model = typeModel(type, member)
      const isList = often === '*' || often === '+'
      return [
        member,
        {
          model: isList ? ({ is: 'list', of: model } as const) : model,
          isRequired: often === '1' || often === '+' || (name === 'Hours' && member === 'regular_hours'),
        },
      ] as const
    })
  return { is: 'object', members: Object.fromEntries(members) }
}

function typeModel(type: string, member: string): Model {
  if (CLASSES[type] !== undefined) return classModel(type)
  const values = ENUMS[type]
  if (values !== undefined) return { is: 'enum', values }
  const sample: Record<string, unknown> = { boolean: true, number: 1.25, int: 3, DateTime: '2026-01-02T03:04:05Z' }
  if (sample[type] !== undefined) return { is: 'value', value: sample[type] }
  if (type === 'URL') return { is: 'value', value: `https://example.com/${member}` }
  const longest = type.startsWith('string') ? Number(type.slice('string'.length)) : 255
  return { is: 'value', value: sampleText(member, longest) }
}
