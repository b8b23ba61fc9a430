import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { whyHubsOwn } from '../../../hub/network/sandbox.ts'
import { type Party, type Role, showParty } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, type InputError, problem, problems } from '../../problem.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { answerChanged, changeProblem, partyTaken, unknownPlatform } from '../outcomes.ts'
import { byOf, ReasonSchema, reasonAlone, reasonProblems, reasonQuery } from '../reason.ts'
import {
  CreatedPlatformSchema,
  NewPlatformSchema,
  type PartiesInputSchema,
  PlatformChangeSchema,
  PlatformParamsSchema,
  PlatformSchema,
} from '../schemas.ts'
import { changedConversion, conversionFaults, fixedByHandshake } from './conversion.ts'
import { asOverrides, forbiddenUrl, overrideFaults } from './overrides.ts'
import { changedDelivery, showPlatform, timestamp, versionsUrlOf } from './platform-view.ts'
import { newRegistration } from './registration.ts'

const tags = ['Platforms']

export const createPlatform = createRoute({
  method: 'post',
  path: '/platforms',
  operationId: 'createPlatform',
  summary: 'Add a platform and make the registration token that opens its handshake',
  tags,
  request: { ...reasonQuery, body: jsonBody(NewPlatformSchema.extend({ reason: ReasonSchema })) },
  responses: {
    201: {
      ...jsonAnswer(
        CreatedPlatformSchema,
        'The platform. The registration token is shown this once and lasts 30 days.',
      ),
      headers: z.object({ Location: z.string() }),
    },
    ...problems({ 400: 'Invalid input', 409: 'A role of a party is taken', 413: 'Body over 1 MB', 415: 'Not JSON' }),
  },
})

export const getPlatform = createRoute({
  method: 'get',
  path: '/platforms/{id}',
  operationId: 'getPlatform',
  summary: 'Show a platform',
  tags,
  request: { params: PlatformParamsSchema },
  responses: { 200: jsonAnswer(PlatformSchema, 'The platform'), ...problems({ 404: 'Unknown platform' }) },
})

export const changePlatform = createRoute({
  method: 'patch',
  path: '/platforms/{id}',
  operationId: 'changePlatform',
  summary: "Change a platform's name, announced parties, settings or endpoints",
  tags,
  request: {
    ...reasonQuery,
    params: PlatformParamsSchema,
    body: jsonBody(PlatformChangeSchema.extend({ reason: ReasonSchema })),
  },
  responses: {
    200: jsonAnswer(PlatformSchema, 'The platform as it is now'),
    ...problems({
      400: 'Invalid input',
      404: 'Unknown platform',
      409: 'A role of a party is taken, the platform is live and cannot be held, or its handshake settled what is to change',
      413: 'Body over 1 MB',
      415: 'Not JSON',
      422: 'The hub may not call the URL of an override',
    }),
  },
})

export const deletePlatform = createRoute({
  method: 'delete',
  path: '/platforms/{id}',
  operationId: 'deletePlatform',
  summary: 'Forget a platform with its tokens, parties and endpoints; the partner is not told',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: PlatformParamsSchema },
  responses: {
    204: { description: 'Forgotten' },
    ...problems({ ...reasonProblems, 404: 'Unknown platform', 409: "The platform's status does not allow it" }),
  },
})

/** Adding, listing, showing, changing and forgetting platforms. */
export function addPlatformRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { registry, random, currentTable } = ports

  app.openapi(createPlatform, async (c) => {
    const input = c.req.valid('json')
    const faults = partyFaults(input.parties, currentTable().hub)
    if (faults.length > 0) return invalidInput(c, faults)
    const id = random.id()
    const { token, digest, expiresAt, marks } = newRegistration(ports)
    const result = await ports.as(byOf(c, input, c.req.valid('query'))).registry.createPlatform({
      id,
      name: input.name,
      parties: asParties(input.parties),
      delivery: changedDelivery({}, input.delivery ?? {}),
      tokenEncoding: input.token_encoding,
      isStrictAboutTokens: input.strict_authorization,
      isHeld: input.hold ?? ports.holdsNewPlatforms,
      registration: { ...marks, digest, expiresAt },
    })
    if (result.kind === 'party-taken') return partyTaken(c, currentTable, result)
    if (result.kind !== 'changed') throw new Error(`Expected a new platform to be stored, got ${result.kind}`)
    await ports.afterChange()
    const record = await registry.findPlatform(id)
    if (!record) throw new Error('Expected the new platform to be found')
    const versions_url = versionsUrlOf(ports.publicUrl)
    const { fingerprint } = marks
    const registration = { token, fingerprint, versions_url, expires_at: timestamp(expiresAt) }
    return c.json({ ...showPlatform(record, ports), registration }, 201, { Location: `${c.req.path}/${id}` })
  })

  app.openapi(getPlatform, async (c) => {
    const record = await registry.findPlatform(c.req.valid('param').id)
    return record ? c.json(showPlatform(record, ports), 200) : unknownPlatform(c)
  })

  app.openapi(changePlatform, async (c) => {
    const { id } = c.req.valid('param')
    const input = c.req.valid('json')
    const faults = partyFaults(input.parties ?? [], currentTable().hub)
    const overrides = input.endpoint_overrides && asOverrides(input.endpoint_overrides)
    faults.push(...overrideFaults(overrides ?? []), ...conversionFaults(input.conversion ?? {}, currentTable().hub))
    if (faults.length > 0) return invalidInput(c, faults)
    const forbidden = forbiddenUrl(overrides ?? [], ports.mayCall)
    if (forbidden) return problem(c, 422, 'forbidden-url', forbidden)
    const before = await registry.findPlatform(id)
    if (!before) return unknownPlatform(c)
    const conversion = input.conversion && changedConversion(before.conversion, input.conversion)
    const fixed = conversion && fixedByHandshake(before, conversion)
    if (fixed) return problem(c, 409, 'fixed-by-handshake', fixed)
    const changes = ports.as(byOf(c, input, c.req.valid('query')))
    const result = await changes.registry.changePlatform(id, {
      ...(input.name !== undefined && { name: input.name }),
      ...(input.parties && { parties: asParties(input.parties) }),
      ...(overrides && { endpointOverrides: overrides }),
      ...(input.delivery && { delivery: changedDelivery(before.delivery, input.delivery) }),
      ...(conversion && { conversion }),
      ...(input.token_encoding && { tokenEncoding: input.token_encoding }),
      ...(input.strict_authorization !== undefined && { isStrictAboutTokens: input.strict_authorization }),
      ...(input.strict !== undefined && { isStrict: input.strict }),
      ...(input.left_out_of_get_all !== undefined && { isLeftOutOfGetAll: input.left_out_of_get_all }),
      ...(input.most_roles !== undefined && { mostRoles: input.most_roles }),
      ...(input.hold !== undefined && { isHeld: input.hold }),
    })
    if (result.kind !== 'changed') return changeProblem(c, currentTable, result)
    return answerChanged(c, ports, id)
  })

  app.openapi(deletePlatform, async (c) => {
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    const result = await changes.registry.deletePlatform(c.req.valid('param').id)
    if (result.kind !== 'changed') return changeProblem(c, currentTable, result)
    await ports.afterChange()
    return c.body(null, 204)
  })
}

type PartiesInput = z.infer<typeof PartiesInputSchema>

function asParties(input: PartiesInput): (Party & { role: Role })[] {
  return input.map(({ country_code, party_id, role }) => ({ countryCode: country_code, partyId: party_id, role }))
}

/** Parties that no platform may have: the hub itself, those of sandbox partners, or one named twice in the same role. */
function partyFaults(input: PartiesInput, hub: Party): InputError[] {
  const seen = new Set<string>()
  return asParties(input).flatMap((party, index) => {
    const pointer = `#/parties/${index}`
    const why = whyHubsOwn(party, hub)
    if (why) return [{ pointer, detail: `${showParty(party)} ${why}` }]
    const name = `${showParty(party)} ${party.role}`.toUpperCase()
    if (seen.has(name)) return [{ pointer, detail: `${name} is listed twice` }]
    seen.add(name)
    return []
  })
}
