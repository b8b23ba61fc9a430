import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../support/hub.ts'
import { createPlainBrowser } from './plain-browser.ts'

type Operation = { readonly operationId: string; readonly summary: string }

let hub: TestHub
let text: string
let operations: Operation[]

beforeAll(async () => {
  hub = await startTestHub()
  const browser = createPlainBrowser(hub.url)
  await browser.signIn(hub.adminToken)
  text = (await browser.get('/admin/api')).text
  const { body } = await hub.admin('GET', '/openapi.json')
  operations = Object.values(body.paths).flatMap((methods) => Object.values(methods as Record<string, Operation>))
})
afterAll(() => hub.close())

/** What is folded below one operation. */
function operation(id: string): string {
  return new RegExp(`id="op-${id}">.*?</details>`, 's').exec(text)?.[0] ?? ''
}

function unescaped(html: string): string {
  return html
    .replaceAll(/<\/?code>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

it('has every call of the API once, with a link to it at the side', () => {
  expect(operations.length).toBeGreaterThan(60)
  const plain = unescaped(text)
  for (const { operationId, summary } of operations) {
    expect(text.split(`id="op-${operationId}"`), operationId).toHaveLength(2)
    expect(text).toContain(`href="#op-${operationId}"`)
    expect(plain).toContain(summary.replaceAll('`', ''))
  }
})

it('tells of a call who may use it, its parameters, its body, its answers and their fields', () => {
  const search = operation('listAudit')
  expect(search).toContain('Least role: <b>read-only</b>')
  expect(search).toMatch(/>who<\/td>/)
  expect(search).toContain('href="#object-AuditEntry"')
  expect(search).toContain('text/csv')
  const connect = operation('connectPlatform')
  expect(connect).toContain('Least role: <b>operator</b>')
  expect(connect).toMatch(/>versions_url <span class="must">required<\/span>/)
  expect(text).toMatch(/id="object-AuditEntry">.*?>who\.name/s)
})

it('shows how a call is made from a shell, with a body that its schema takes', async () => {
  const curl = unescaped(operation('addKey'))
  expect(curl).toContain('curl -s -X POST "$HUB/admin/api/keys"')
  expect(curl).toContain('-H "Authorization: Bearer $TOKEN"')
  const body = JSON.parse(/-d '([^']+)'/.exec(curl)?.[1] ?? '')
  const { status } = await hub.admin('POST', '/keys', body)
  expect(status).toBe(201)
  expect(operation('signIn')).not.toContain('Authorization: Bearer')
})

it('has no link to a place that is not there', () => {
  const places = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  const links = new Set([...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id))
  expect([...links].filter((id) => !places.has(id))).toEqual([])
})

it('is no larger than a browser likes, and leads to the document itself', () => {
  expect(text.length).toBeLessThan(600_000)
  expect(text).toContain('href="/admin/api/openapi.json"')
})

it('is there for whoever may read', async () => {
  const { body: key } = await hub.admin('POST', '/keys', { name: 'a reader', role: 'read-only' })
  const browser = createPlainBrowser(hub.url)
  await browser.signIn(key.key)
  expect((await browser.get('/admin/api')).status).toBe(200)
})
