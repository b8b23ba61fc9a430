// What of the OpenAPI document the reference shows.

/** A JSON Schema, as far as the API's own schemas use it. */
export type Schema = {
  readonly $ref?: string
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly (string | number | null)[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: boolean | Schema
  readonly description?: string
  readonly example?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

export type Parameter = {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema: Schema
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>

export type Operation = {
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}

export type OpenApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** An operation with where it is: its method in capitals, and its path without what all paths begin with. */
export type Placed = Operation & { readonly method: string; readonly path: string }

/** What all paths of the API begin with. */
export const BASE = '/admin/api'

/** Operations by their tag, in the order of the document. */
export function operationsByTag({ paths }: OpenApiDocument): ReadonlyMap<string, readonly Placed[]> {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path: path.slice(BASE.length),
    })),
  )
  const tags = [...new Set(all.map(tagOf))]
  return new Map(tags.map((tag) => [tag, all.filter((operation) => tagOf(operation) === tag)]))
}

function tagOf({ tags }: Operation): string {
  return tags?.[0] ?? 'Other'
}

/** `Platform` of `#/components/schemas/Platform`. */
export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

/** The schema itself where another only names it. What is made of several parts becomes one. */
export function resolved(document: OpenApiDocument, schema: Schema): Schema {
  if (schema.$ref !== undefined) return resolved(document, document.components.schemas[nameOf(schema.$ref)] ?? {})
  if (schema.allOf === undefined) return schema
  const parts = [...schema.allOf.map((part) => resolved(document, part)), schema]
  const merged = parts.reduce((all, part) => ({ ...all, ...part }), {})
  return {
    ...merged,
    allOf: [],
    properties: Object.assign({}, ...parts.map(({ properties = {} }) => properties)),
    required: parts.flatMap(({ required = [] }) => required),
  }
}
