import { describe, expect, it } from 'vitest'
import { createAdminHarness } from './admin-harness.ts'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

type Operation = {
  readonly operationId: string
  readonly summary?: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly security?: readonly object[]
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>
}

type ObjectSchema = { readonly properties: Record<string, { readonly enum?: readonly string[] }> }

/** The parts of the document that tests look into. */
type OpenApiDocument = {
  readonly openapi: string
  readonly info: object
  readonly security: readonly object[]
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: {
    readonly schemas: Record<string, ObjectSchema>
    readonly securitySchemes: Record<string, object>
  }
}

async function readDocument(): Promise<{ document: OpenApiDocument; text: string }> {
  const { status, text } = await createAdminHarness().call('GET', '/openapi.json', { token: null })
  expect(status).toBe(200)
  return { document: JSON.parse(text), text }
}

/** Every object within a JSON value, itself included. */
function schemasIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(schemasIn)]
}

describe('the OpenAPI document', () => {
  it('is open, and is OpenAPI 3.1', async () => {
    const { document } = await readDocument()
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) })
  })

  it('describes exactly the routes that exist', async () => {
    const { document } = await readDocument()
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/\{([^}]+)\}/g, ':$1')}`),
    )
    const served = createAdminHarness()
      .app.routes.filter((route) => METHODS.includes(route.method.toLowerCase()))
      .map((route) => `${route.method} ${route.path}`)
    expect(described.sort()).toEqual([...new Set(served)].sort())
  })

  it.each([
    'POST /admin/api/platforms',
    'GET /admin/api/platforms',
    'GET /admin/api/platforms/{id}',
    'PATCH /admin/api/platforms/{id}',
    'DELETE /admin/api/platforms/{id}',
    'POST /admin/api/platforms/{id}/connect',
    'POST /admin/api/platforms/{id}/registration',
    'POST /admin/api/platforms/{id}/suspend',
    'POST /admin/api/platforms/{id}/resume',
    'POST /admin/api/platforms/{id}/check',
    'POST /admin/api/session',
    'GET /admin/api/session',
    'DELETE /admin/api/session',
    'GET /admin/api/admins',
    'POST /admin/api/admins',
    'DELETE /admin/api/admins/{id}',
    'GET /admin/api/keys',
    'POST /admin/api/keys',
    'DELETE /admin/api/keys/{id}',
    'GET /admin/api/messages',
    'GET /admin/api/messages/{id}',
    'GET /admin/api/queues',
    'POST /admin/api/queues/{platform_id}/pause',
    'POST /admin/api/queues/{platform_id}/resume',
    'POST /admin/api/queues/{platform_id}/skip',
    'GET /admin/api/queues/{platform_id}/missed',
  ])('has %s, on which clients rely', async (route) => {
    const [method, path] = route.split(' ') as [string, string]
    const { document } = await readDocument()
    expect(document.paths[path]).toHaveProperty(method.toLowerCase())
  })

  it('names each operation once, with a summary, its path parameters and a token, save for itself', async () => {
    const { document } = await readDocument()
    const ids = new Set<string>()
    for (const [path, item] of Object.entries(document.paths)) {
      for (const operation of Object.values(item)) {
        expect(ids).not.toContain(operation.operationId)
        ids.add(operation.operationId)
        expect(operation.summary).toEqual(expect.any(String))
        const declared = (operation.parameters ?? []).filter((p) => p.in === 'path')
        expect(declared.map((p) => p.name)).toEqual([...path.matchAll(/\{([^}]+)\}/g)].map((m) => m[1]))
        const security = operation.security ?? document.security
        const isOpen = ['getOpenApiDocument', 'signIn', 'useTicket', 'beginAtProvider', 'finishAtProvider'].includes(
          operation.operationId,
        )
        expect(security).toEqual(isOpen ? [] : [{ administrator: [] }, { session: [] }])
      }
    }
    expect(document.components.securitySchemes).toMatchObject({
      administrator: { type: 'http', scheme: 'bearer' },
      session: { type: 'apiKey', in: 'cookie', name: '__Host-ocpi-hub-session' },
    })
  })

  it('gives every refusal as a problem', async () => {
    const { document } = await readDocument()
    for (const item of Object.values(document.paths)) {
      for (const { responses } of Object.values(item)) {
        for (const [status, response] of Object.entries(responses)) {
          if (Number(status) < 400) continue
          expect(response.content).toEqual({
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          })
        }
      }
    }
  })

  it('refers only to what it defines', async () => {
    const { document, text } = await readDocument()
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] as string)
    expect(names.length).toBeGreaterThan(10)
    for (const name of names) expect(document.components.schemas).toHaveProperty(name)
  })

  it('lets null be where it is described: no reference that must hold excludes it', async () => {
    const { document } = await readDocument()
    const joined = schemasIn(document.components).flatMap((schema) => ('allOf' in schema ? [schema.allOf] : []))
    expect(joined.length).toBeGreaterThan(0)
    for (const parts of joined)
      for (const part of schemasIn(parts)) expect(part).not.toMatchObject({ type: [expect.any(String), 'null'] })
  })

  it('writes patterns that every reader of JSON Schema can use', async () => {
    const { text } = await readDocument()
    const patterns = [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map((match) => JSON.parse(match[1] as string))
    expect(patterns.length).toBeGreaterThan(3)
    for (const pattern of patterns) expect(pattern).toMatch(/^\^.*\$$/)
    for (const pattern of patterns) expect(() => new RegExp(pattern, 'u')).not.toThrow()
  })

  it('says that unknown fields are refused and which bounds hold', async () => {
    const { document } = await readDocument()
    const { NewPlatform, DeliveryInput, PartyInput } = document.components.schemas
    expect(NewPlatform).toMatchObject({ additionalProperties: false, required: ['name'] })
    expect(PartyInput?.properties.role?.enum).toContain('CPO')
    expect(PartyInput?.properties.role?.enum).not.toContain('HUB')
    expect(DeliveryInput?.properties.concurrency).toMatchObject({ minimum: 1, maximum: 256 })
    expect(DeliveryInput).toMatchObject({ additionalProperties: false })
  })
})
