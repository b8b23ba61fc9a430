import { LEAST_ROLES } from '../../../sign-in/permissions.ts'
import { type Html, html } from '../../parts/html.ts'
import type { OpenApiDocument, Parameter, Placed } from './document.ts'
import { curlOf } from './example.ts'
import { fieldTable, prose, rowsOf, typeOf } from './fields.ts'

/** Where a link to an operation leads. It stands within what is folded, which browsers then open. */
export function anchorOf({ operationId }: Placed): string {
  return `op-${operationId}`
}

export function verb(method: string): Html {
  return html`<span class="verb ${method.toLowerCase()}">${method}</span>`
}

/** One operation, folded: what it takes, what it answers, and how it is called. */
export function operationView(document: OpenApiDocument, operation: Placed): Html {
  const { method, path, summary = '', description, parameters = [], requestBody } = operation
  const least = LEAST_ROLES[`${method} ${path}`] ?? 'owner'
  const who = least === 'open' ? 'Needs no token.' : html`Least role: <b>${least}</b>.`
  const [body] = Object.entries(requestBody?.content ?? {})
  return html`<details class="op"><summary>${verb(method)} <code>${path}</code> <span class="about">${prose(summary)}</span></summary>
<div class="inside" id="${anchorOf(operation)}">
<p>${description === undefined ? '' : html`${prose(description)} `}${who}</p>
${parameters.length === 0 ? '' : html`<h3>Parameters</h3>${rowsOf(`Parameters of ${operation.operationId}`, parameters.map(asField))}`}
${body === undefined ? '' : html`<h3>Body <span class="tag">${body[0]}</span>${requestBody?.required ? '' : html` <span class="dim">may be left out</span>`}</h3>${fieldTable(document, `Body of ${operation.operationId}`, body[1].schema ?? {})}`}
<h3>Answers</h3><ul class="answers">${Object.entries(operation.responses).map(([status, answer]) => answerView(status, answer))}</ul>
<h3>Example</h3><pre class="body once" tabindex="0" role="region" aria-label="Example of ${operation.operationId}">${curlOf(document, operation)}</pre>
</div></details>`
}

function asField({ name, in: where, required = false, schema, description }: Parameter) {
  const about = description ?? schema.description
  const said = where === 'path' ? ['In the path', about].filter((text) => text !== undefined).join('. ') : about
  return { name, isRequired: required, schema: { ...schema, ...(said !== undefined && { description: said }) } }
}

/** What a status means, and what comes with it: a link where that has a name. Refusals all have the same form. */
function answerView(status: string, { description, content = {} }: Placed['responses'][string]): Html {
  const isGood = status < '400'
  const kinds = isGood ? Object.entries(content) : []
  const comes = kinds.map(
    ([type, { schema = {} }]) =>
      html` <span class="dim">·</span> ${type === 'application/json' ? typeOf(schema) : html`<span class="tag">${type}</span>`}`,
  )
  return html`<li><span class="outcome ${isGood ? 'good' : 'warn'}">${status}</span><span>${prose(description)}${comes}</span></li>`
}
