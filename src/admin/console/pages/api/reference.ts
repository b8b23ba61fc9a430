import type { Hono } from 'hono'
import type { getDocument } from '../../../api/openapi-document.ts'
import { showPage } from '../../answer.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { counted } from '../../parts/figures.ts'
import { head } from '../../parts/head.ts'
import { type Html, html } from '../../parts/html.ts'
import { type OpenApiDocument, operationsByTag, type Placed, type Schema } from './document.ts'
import { fieldTable, prose, typeOf } from './fields.ts'
import { anchorOf, operationView, verb } from './operation.ts'

/** How do I do that by script? What the API's own document says, and nothing besides. */
export function addReferencePage(app: Hono<ConsoleEnv>): void {
  // The document stays as it is while this process runs, and so does what is made of it.
  let made: Html | undefined

  app.get('/admin/api', async (c) => {
    made ??= reference((await c.get('api').get<typeof getDocument>('/openapi.json')) as unknown as OpenApiDocument)
    return showPage(c, { title: 'API', section: 'api' }, made)
  })
}

function reference(document: OpenApiDocument): Html {
  const tags = [...operationsByTag(document)]
  const count = tags.reduce((sum, [, operations]) => sum + operations.length, 0)
  const sub = html`How do I do that by script? All that these pages do goes through ${counted(count, 'call')} below <code>/admin/api</code>.`
  const file = html`<a class="btn main" href="/admin/api/openapi.json">OpenAPI document</a>`
  const objects = Object.entries(document.components.schemas)
  return html`${head({ title: 'API', sub, acts: file })}
<div class="ref">
<nav class="card toc" aria-label="Operations">${tags.map(([tag, operations]) => html`<h2>${tag}</h2><ul>${operations.map(entry)}</ul>`)}<h2><a href="#objects">Objects</a></h2></nav>
<div class="stack">
<section class="card"><header><h2>To begin</h2></header><div class="pad stack"><p>Make a key under Settings, or take the administrator token, and send it as <code>Authorization: Bearer …</code>. What is refused is answered as problem details [RFC 9457], see <a href="#object-Problem">Problem</a>. Lists come in pages: a <code>Link</code> header leads to the next.</p>
<pre class="body once" tabindex="0" role="region" aria-label="Variables of the examples">export HUB=https://… TOKEN=ohk_…</pre></div></section>
${tags.map(([tag, operations]) => html`<section class="card"><header><h2>${tag}</h2></header>${operations.map((operation) => operationView(document, operation))}</section>`)}
<section class="card" id="objects"><header><h2>Objects</h2></header>${objects.map(([name, schema]) => object(document, name, schema))}</section>
</div></div>`
}

function entry(operation: Placed): Html {
  return html`<li><a href="#${anchorOf(operation)}">${verb(operation.method)} ${operation.path}</a></li>`
}

/** A schema with a name, folded: its fields, or what it may be. */
function object(document: OpenApiDocument, name: string, schema: Schema): Html {
  const fields = fieldTable(document, `Fields of ${name}`, schema)
  const about = schema.description === undefined ? '' : html`<p>${prose(schema.description)}</p>`
  return html`<details class="op"><summary><code>${name}</code></summary><div class="inside" id="object-${name}">${about}${fields === '' ? html`<p>${typeOf(schema)}</p>` : fields}</div></details>`
}
