import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import type { Kind } from '../../../../src/ocpi/convert/conversion.ts'
import type { Judge } from './judge.ts'
import { type Model, sampleText } from './model.ts'

const FILES = [
  'components',
  ...['locations', 'sessions', 'cdrs', 'tariffs', 'tokens', 'commands', 'chargingprofiles', 'hubclientinfo'].map(
    (module) => `modules/${module}`,
  ),
]

const SCHEMA_OF: Readonly<Record<Kind, string>> = {
  location: 'modules/locations Location',
  evse: 'modules/locations EVSE',
  connector: 'modules/locations Connector',
  tariff: 'modules/tariffs Tariff',
  token: 'modules/tokens Token',
  session: 'modules/sessions Session',
  cdr: 'modules/cdrs CDR',
  'location-references': 'modules/tokens LocationReferences',
  authorization: 'modules/tokens AuthorizationInfo',
  'reserve-now': 'modules/commands ReserveNow',
  'start-session': 'modules/commands StartSession',
  'stop-session': 'modules/commands StopSession',
  'unlock-connector': 'modules/commands UnlockConnector',
  'cancel-reservation': 'modules/commands CancelReservation',
  'command-response': 'modules/commands CommandResponse',
  'command-result': 'modules/commands CommandResult',
}

type Schema = {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly string[]
  readonly type?: string
  readonly format?: string
  readonly maxLength?: number
}
type Document = { readonly components: { readonly schemas: Readonly<Record<string, Schema>> } }

/**
 * Judges objects of a version that OpenAPI schemas were published of. These let foreign members pass, so names are compared beside. What a
 * PATCH leaves out is not missing; no schema allows `null`, which a PATCH may hold.
 *
 * @param version `2.2.1` or `2.3.0`
 */
export function openSchemas(version: string): {
  readonly judge: Judge
  readonly model: (kind: Kind) => Model
  /** All classes and enumerations of a module by their names. */
  readonly classes: (module: string) => Readonly<Record<string, Model>>
} {
  const root = `https://schemas/${version}/`
  const documents = new Map<string, Document>()
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { enum: true, 'open-enum': true } })
  addFormats.default(ajv)
  for (const file of FILES) {
    const path = new URL(`../../../fixtures/openapi/${version}/${file}/schema.yaml`, import.meta.url)
    const document = parse(readFileSync(path, 'utf8')) as Document
    documents.set(`${root}${file}/schema.yaml`, document)
    ajv.addSchema({ $id: `${root}${file}/schema.yaml`, ...document })
  }
  const compiled = new Map<Kind, ValidateFunction>()

  function referenceOf(kind: Kind): string {
    const [file, name] = SCHEMA_OF[kind].split(' ') as [string, string]
    return `${root}${file}/schema.yaml#/components/schemas/${name}`
  }

  const judge: Judge = (kind, value, isPatch) => {
    const reference = referenceOf(kind)
    const validate = compiled.get(kind) ?? ajv.compile({ $ref: reference })
    compiled.set(kind, validate)
    validate(value)
    const faults = (validate.errors ?? [])
      .filter((error) => !isPatch || error.keyword !== 'required' || error.instancePath !== '')
      .map((error) => `${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`)
    seekForeign({ $ref: reference }, root, value, '', faults)
    return faults
  }

  function seekForeign(schema: Schema, base: string, value: unknown, at: string, faults: string[]): void {
    if (schema.$ref !== undefined) {
      const target = resolve(schema.$ref, base)
      seekForeign(target.schema, target.base, value, at, faults)
    } else if (Array.isArray(value)) {
      value.forEach((entry, index) => seekForeign(schema.items ?? {}, base, entry, `${at}/${index}`, faults))
    } else if (typeof value === 'object' && value !== null && schema.properties !== undefined) {
      for (const [member, held] of Object.entries(value)) {
        const known = schema.properties[member]
        if (known === undefined) faults.push(`${at}/${member}: foreign`)
        else seekForeign(known, base, held, `${at}/${member}`, faults)
      }
    }
  }

  function resolve(reference: string, base: string): { readonly schema: Schema; readonly base: string } {
    const target = new URL(reference, base)
    const document = documents.get(`${target.origin}${target.pathname}`) as Document
    const name = target.hash.slice(target.hash.lastIndexOf('/') + 1)
    return { schema: document.components.schemas[name] as Schema, base: target.href }
  }

  function modelOf(schema: Schema, base: string, name: string): Model {
    if (schema.$ref !== undefined) {
      const target = resolve(schema.$ref, base)
      return modelOf(target.schema, target.base, name)
    }
    if (schema.enum !== undefined) return { is: 'enum', values: schema.enum }
    switch (schema.type) {
      case 'object': {
        const members = Object.entries(schema.properties ?? {}).map(([member, held]) => {
          const isRequired = schema.required?.includes(member) ?? false
          return [member, { model: modelOf(held, base, member), isRequired }] as const
        })
        return { is: 'object', members: Object.fromEntries(members) }
      }
      case 'array':
        return { is: 'list', of: modelOf(schema.items ?? {}, base, name) }
      case 'integer':
        return { is: 'value', value: 3 }
      case 'number':
        return { is: 'value', value: 1.25 }
      case 'boolean':
        return { is: 'value', value: true }
      default:
        return { is: 'value', value: textOf(schema, name) }
    }
  }

  return {
    judge,
    model: (kind) => modelOf({ $ref: referenceOf(kind) }, root, kind),
    classes(module) {
      const base = `${root}modules/${module}/schema.yaml`
      const { schemas } = (documents.get(base) as Document).components
      return Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, modelOf(schema, base, name)] as const),
      )
    },
  }
}

function textOf({ format, maxLength }: Schema, name: string): string {
  if (format === 'date-time') return '2026-01-02T03:04:05Z'
  if (format === 'uri') return `https://example.com/${name}`
  return sampleText(name, maxLength ?? 255)
}
