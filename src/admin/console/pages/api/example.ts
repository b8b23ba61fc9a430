import { BASE, type OpenApiDocument, type Placed, resolved, type Schema } from './document.ts'

/** An operation as one calls it from a shell, where HUB and TOKEN are set. */
export function curlOf(document: OpenApiDocument, operation: Placed): string {
  const { method, path, parameters = [], requestBody, security } = operation
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const example = parameters.find((one) => one.name === name)?.schema.example
    return typeof example === 'string' ? example : `$${name.toUpperCase()}`
  })
  const query = parameters.filter((one) => one.in === 'query' && one.required)
  const search = query.map(({ name, schema }) => `${name}=${encodeURIComponent(String(exampleOf(document, schema)))}`)
  const first = `curl -s${method === 'GET' ? '' : ` -X ${method}`} "$HUB${BASE}${filled}${search.length === 0 ? '' : `?${search.join('&')}`}"`
  const who = security?.length === 0 ? [] : ['-H "Authorization: Bearer $TOKEN"']
  return [first, ...who, ...bodyOf(document, requestBody?.content ?? {})].join(' \\\n  ')
}

function bodyOf(document: OpenApiDocument, content: NonNullable<Placed['requestBody']>['content']): string[] {
  const [found] = Object.entries(content)
  if (found === undefined) return []
  const [type, { schema = {} }] = found
  const header = `-H 'Content-Type: ${type}'`
  if (type !== 'application/json') return [header, '--data-binary @file']
  const text = JSON.stringify(exampleOf(document, schema)).replaceAll("'", "'\\''")
  return [header, `-d '${text}'`]
}

/** A value that fits a schema: its own example, or the least that is required. */
export function exampleOf(document: OpenApiDocument, schema: Schema, depth = 0): unknown {
  const own = resolved(document, schema)
  if (own.example !== undefined) return own.example
  if (own.default !== undefined && own.default !== null) return own.default
  if (own.enum !== undefined) return own.enum[0]
  const either = own.anyOf ?? own.oneOf
  if (either?.[0] !== undefined) return exampleOf(document, either[0], depth)
  if (own.items !== undefined) return depth < 4 ? [exampleOf(document, own.items, depth + 1)] : []
  if (own.properties !== undefined) return objectOf(document, own, depth)
  return plainOf(own)
}

/** All that is required of it; where nothing is, what has an example. */
function objectOf(document: OpenApiDocument, { properties = {}, required = [] }: Schema, depth: number): object {
  const isShown = ([name, field]: [string, Schema]) =>
    required.length > 0 ? required.includes(name) : resolved(document, field).example !== undefined
  const shown = Object.entries(properties).filter(isShown)
  return Object.fromEntries(shown.map(([name, field]) => [name, exampleOf(document, field, depth + 1)]))
}

function plainOf({ type, format, minimum }: Schema): unknown {
  const [first] = [type].flat()
  if (first === 'boolean') return true
  if (first === 'integer' || first === 'number') return Math.max(minimum ?? 1, 1)
  if (first === 'object') return {}
  if (format === 'date-time') return '2026-11-29T12:00:00Z'
  return format === 'uuid' ? '00000000-0000-4000-8000-000000000000' : '…'
}
