import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { NewAgreement } from '../../../hub/network/agreement-store.ts'
import { whyHubsOwn } from '../../../hub/network/sandbox.ts'
import { type Party, sameParty, showParty } from '../../../ocpi/party.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, type InputError, plainProblem, problem, problems } from '../../problem.ts'
import { planImport } from '../../use-cases/plan-import.ts'
import { invalidInput } from '../invalid-input.ts'
import { jsonAnswer, jsonBody } from '../media.ts'
import { nextHeader, pageOf } from '../paging.ts'
import { byOf, ReasonSchema, reasonAlone, reasonProblems, reasonQuery } from '../reason.ts'
import { LimitSchema } from '../schemas.ts'
import {
  AgreementParamsSchema,
  AgreementSchema,
  ImportedSchema,
  ImportQuerySchema,
  NewAgreementSchema,
  PartyTextSchema,
  partyOf,
  showAgreement,
} from './agreement-view.ts'
import { agreementsCsv, readAgreementsCsv, showFault, showPlan } from './agreements-csv.ts'

const tags = ['Agreements']
const CSV = 'text/csv'
/** Rows read at a time for an export. */
const EXPORT_PAGE = 1_000
/** Rules in one file: each is a row in one transaction that holds up other changes. */
const MOST_IMPORTED = 5_000

export const listAgreements = createRoute({
  method: 'get',
  path: '/agreements',
  operationId: 'listAgreements',
  summary: 'List rules, the latest first: of those in force that speak of a module the latest decides',
  tags,
  request: {
    query: z.strictObject({
      party: PartyTextSchema.optional().openapi({ description: 'Only rules with this party' }),
      include_over: z
        .enum(['true', 'false'])
        .default('false')
        .openapi({ description: 'Also those that ran out or were ended' }),
      limit: LimitSchema,
      cursor: z.coerce.number().int().min(1).optional(),
    }),
  },
  responses: {
    200: {
      ...jsonAnswer(z.array(AgreementSchema), 'A page of rules'),
      headers: nextHeader,
    },
    ...problems({ 400: 'Invalid query' }),
  },
})

export const addAgreement = createRoute({
  method: 'post',
  path: '/agreements',
  operationId: 'addAgreement',
  summary: 'Add a rule between two parties, known to the hub or not yet',
  tags,
  request: { ...reasonQuery, body: jsonBody(NewAgreementSchema.extend({ reason: ReasonSchema })) },
  responses: {
    201: { ...jsonAnswer(AgreementSchema, 'The rule'), headers: z.object({ Location: z.string() }) },
    ...problems({ 400: 'Invalid input', 413: 'Body over 1 MB', 415: 'Not JSON' }),
  },
})

const exportAgreements = createRoute({
  method: 'get',
  path: '/agreements/export',
  operationId: 'exportAgreements',
  summary: 'All rules that are not over as CSV, in order of creation',
  tags,
  responses: {
    200: { description: 'CSV with a line of headers', content: { [CSV]: { schema: z.string() } } },
    ...problems({}),
  },
})

export const importAgreements = createRoute({
  method: 'post',
  path: '/agreements/import',
  operationId: 'importAgreements',
  summary: 'Add the rules of a CSV file, all or none, in their order; rows with an id that is known are left out',
  tags,
  request: { query: ImportQuerySchema, body: { content: { [CSV]: { schema: z.string() } }, required: true as const } },
  responses: {
    200: jsonAnswer(ImportedSchema, 'How many rules were added'),
    ...problems({ 400: 'Invalid file', 413: 'Body over 1 MB', 415: 'Not CSV' }),
  },
})

export const getAgreement = createRoute({
  method: 'get',
  path: '/agreements/{id}',
  operationId: 'getAgreement',
  summary: 'Show a rule, over or not',
  tags,
  request: { params: AgreementParamsSchema },
  responses: { 200: jsonAnswer(AgreementSchema, 'The rule'), ...problems({ 404: 'Unknown rule' }) },
})

export const endAgreement = createRoute({
  method: 'delete',
  path: '/agreements/{id}',
  operationId: 'endAgreement',
  summary: 'End a rule now; it is kept for the record',
  tags,
  ...reasonAlone,
  request: { ...reasonAlone.request, params: AgreementParamsSchema },
  responses: { 204: { description: 'Ended, now or before' }, ...problems({ ...reasonProblems, 404: 'Unknown rule' }) },
})

/** Who may talk: rules, and what follows from them. */
export function addAgreementRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { agreements, currentTable, now, random } = ports

  app.openapi(listAgreements, async (c) => {
    const { limit, cursor, party, include_over } = c.req.valid('query')
    const found = await agreements.list({
      limit: limit + 1,
      beforeNumber: cursor ?? null,
      party: party ? partyOf(party) : null,
      liveAt: include_over === 'true' ? null : now(),
    })
    const page = pageOf(c, found, limit, (last) => String(last.number))
    return c.json(
      page.map((rule) => showAgreement(rule, now())),
      200,
    )
  })

  app.openapi(addAgreement, async (c) => {
    const input = c.req.valid('json')
    const rule = { id: random.id(), ...asRule(input) }
    const faults = ruleFaults(rule, currentTable().hub, (field) => ({ pointer: `#/${field}` }))
    if (faults.length > 0) return invalidInput(c, faults)
    await ports.as(byOf(c, input, c.req.valid('query'))).agreements.add([rule])
    await ports.afterChange()
    const added = await agreements.find(rule.id)
    if (!added) throw new Error('Expected the new rule to be found')
    return c.json(showAgreement(added, now()), 201, { Location: `${c.req.path}/${rule.id}` })
  })

  app.openapi(exportAgreements, async (c) => {
    const liveAt = now()
    const rules = []
    for (let beforeNumber: number | null = null; ; ) {
      const page = await agreements.list({ limit: EXPORT_PAGE, beforeNumber, party: null, liveAt })
      rules.push(...page)
      beforeNumber = page.at(-1)?.number ?? null
      if (page.length < EXPORT_PAGE) break
    }
    return c.text(agreementsCsv(rules.reverse()), 200, {
      'Content-Type': `${CSV}; charset=utf-8`,
      'Content-Disposition': 'attachment; filename="agreements.csv"',
    }) as never
  })

  app.openapi(importAgreements, async (c) => {
    const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (mediaType !== CSV) return plainProblem(c, 415, 'Expected a body with Content-Type text/csv')
    const read = readAgreementsCsv(await c.req.text())
    if (read.rows.length > MOST_IMPORTED) {
      return invalidInput(c, [{ pointer: '#', detail: `Expected at most ${MOST_IMPORTED} rules` }])
    }
    const { hub } = currentTable()
    const lines = read.rows.map(({ line, id, input }) => ({ line, id, rule: asRule(input) }))
    const knownIds = [...currentTable().agreements.values()].flat().map((rule) => rule.id)
    const plan = planImport(lines, read.faults, knownIds, random.id, (rule) =>
      ruleFaults(rule, hub, () => ({})).map(({ detail }) => detail),
    )
    if (c.req.valid('query').dry_run === 'true') return c.json(showPlan(plan), 200)
    if (plan.faults.length > 0) return invalidInput(c, plan.faults.map(showFault))
    if (plan.rules.length > 0) await ports.as(byOf(c, c.req.valid('query'))).agreements.import(plan.rules)
    await ports.afterChange()
    return c.json({ added: plan.rules.length, left_out: plan.knownLines.length }, 200)
  })

  app.openapi(getAgreement, async (c) => {
    const rule = await agreements.find(c.req.valid('param').id)
    return rule ? c.json(showAgreement(rule, now()), 200) : unknownAgreement(c)
  })

  app.openapi(endAgreement, async (c) => {
    const changes = ports.as(byOf(c, c.req.valid('json'), c.req.valid('query')))
    if ((await changes.agreements.end(c.req.valid('param').id)) === 'unknown') return unknownAgreement(c)
    await ports.afterChange()
    return c.body(null, 204)
  })
}

function unknownAgreement(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-agreement', 'No rule has this id')
}

function asRule(input: z.infer<typeof NewAgreementSchema>): Omit<NewAgreement, 'id'> {
  const { a, b, effect, modules, valid_from, valid_until } = input
  return {
    a: { countryCode: a.country_code, partyId: a.party_id },
    b: { countryCode: b.country_code, partyId: b.party_id },
    effect,
    modules: modules ?? null,
    validFrom: valid_from ? Date.parse(valid_from) : null,
    validUntil: valid_until ? Date.parse(valid_until) : null,
  }
}

/** What no schema of single fields can tell. */
function ruleFaults(
  rule: NewAgreement,
  hub: Party,
  place: (field: string) => Pick<InputError, 'pointer'>,
): InputError[] {
  const faults: InputError[] = []
  const { a, b, validFrom, validUntil } = rule
  if (sameParty(a, b)) faults.push({ ...place('b'), detail: `Expected two parties, got ${showParty(a)} twice` })
  for (const [field, party] of Object.entries({ a, b })) {
    const why = whyHubsOwn(party, hub)
    if (why) faults.push({ ...place(field), detail: `${showParty(party)} ${why}` })
  }
  if (validFrom !== null && validUntil !== null && validUntil <= validFrom) {
    faults.push({ ...place('valid_until'), detail: 'Expected a moment after valid_from' })
  }
  return faults
}
