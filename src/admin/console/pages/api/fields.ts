import { type Html, html } from '../../parts/html.ts'
import { nameOf, type OpenApiDocument, resolved, type Schema } from './document.ts'

/** Objects within objects are shown to that depth; those with a name of their own are links. */
const DEEPEST = 4

type Field = { readonly name: string; readonly schema: Schema; readonly isRequired: boolean }

/** The fields of an object, or of the objects in a list, as a table; nothing of what has none. */
export function fieldTable(document: OpenApiDocument, label: string, schema: Schema): Html | '' {
  return rowsOf(label, fieldsOf(document, schema, '', 1))
}

/** Fields, or parameters, with their types and what is to be known of them. */
export function rowsOf(label: string, fields: readonly Field[]): Html | '' {
  if (fields.length === 0) return ''
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="rows fields"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">About</th></tr></thead><tbody>
${fields.map(({ name, schema, isRequired }) => html`<tr><td class="mono upper">${name}${isRequired ? html` <span class="must">required</span>` : ''}</td><td class="upper wrap">${typeOf(schema)}</td><td class="upper wrap">${prose(aboutOf(schema))}</td></tr>\n`)}</tbody></table></div>`
}

function fieldsOf(document: OpenApiDocument, schema: Schema, before: string, depth: number): Field[] {
  const own = resolved(document, schema)
  const within = own.items === undefined ? own : resolved(document, own.items)
  const { properties = {}, required = [] } = within
  return Object.entries(properties).flatMap(([name, field]) => {
    const place = before + name
    const isRequired = required.includes(name)
    const further =
      depth < DEEPEST && refOf(field) === null
        ? fieldsOf(document, unnamed(field), `${place}${field.items ? '[].' : '.'}`, depth + 1)
        : []
    return [{ name: place, schema: field, isRequired }, ...further]
  })
}

/** What has a name of its own is told there, and not again in each place. */
function unnamed(schema: Schema): Schema {
  return schema.items !== undefined && refOf(schema.items) !== null ? {} : schema
}

/** The name of the schema that another stands for; null when it stands for itself. */
function refOf({ $ref, allOf = [] }: Schema): string | null {
  const ref = $ref ?? allOf.find((part) => part.$ref !== undefined)?.$ref
  return ref === undefined ? null : nameOf(ref)
}

/** A type in words, with links to those that have names. */
export function typeOf(schema: Schema): Html {
  const name = refOf(schema)
  if (name !== null) return html`<a class="mono" href="#object-${name}">${name}</a>`
  const parts = schema.anyOf ?? schema.oneOf
  if (parts !== undefined) return html`${parts.map((part, at) => html`${at === 0 ? '' : ' or '}${typeOf(part)}`)}`
  if (schema.enum !== undefined) return html`<span class="mono">${schema.enum.map(String).join(' | ')}</span>`
  if (schema.items !== undefined) return html`list of ${typeOf(schema.items)}${isNullable(schema) ? ' or null' : ''}`
  const { additionalProperties: of } = schema
  if (typeof of === 'object' && Object.keys(of).length > 0) return html`object of ${typeOf(of)}`
  const types = schema.type === undefined ? ['any'] : [schema.type].flat()
  return html`${types.map((type) => (type === 'string' && schema.format ? schema.format : type)).join(' or ')}`
}

function isNullable({ type }: Schema): boolean {
  return Array.isArray(type) && type.includes('null')
}

function aboutOf({ description, allOf = [], ...schema }: Schema): string {
  const said = description ?? allOf.find((part) => part.description !== undefined)?.description
  const bounds = boundsOf(schema)
  return [said, bounds].filter((text) => text !== undefined && text !== '').join('. ')
}

function boundsOf({ minLength, maxLength, minimum, maximum, maxItems, default: usual }: Schema): string {
  const range = (least: number | undefined, most: number | undefined) =>
    least === undefined ? `at most ${most}` : most === undefined ? `at least ${least}` : `${least} to ${most}`
  const isBound = (...numbers: (number | undefined)[]) => numbers.some((n) => n !== undefined && Math.abs(n) < 1e15)
  return [
    isBound(minLength, maxLength) ? `${range(minLength, maxLength)} characters` : '',
    isBound(minimum, maximum) ? range(minimum, Math.abs(maximum ?? 1e15) < 1e15 ? maximum : undefined) : '',
    maxItems === undefined ? '' : `at most ${maxItems} items`,
    usual === undefined ? '' : `default \`${JSON.stringify(usual)}\``,
  ]
    .filter((text) => text !== '')
    .map((text) => `${text[0]?.toUpperCase()}${text.slice(1)}`)
    .join('. ')
}

/** Text with words of the wire between backticks. */
export function prose(text: string): Html {
  return html`${text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`
}
