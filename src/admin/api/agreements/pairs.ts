import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problems } from '../../problem.ts'
import { explainPair } from '../../use-cases/explain-pair.ts'
import { pairMatrix } from '../../use-cases/pair-matrix.ts'
import { jsonAnswer } from '../media.ts'
import { linkToNext, nextHeader } from '../paging.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { partyOf, showAgreement } from './agreement-view.ts'
import {
  DecisionQuerySchema,
  DecisionSchema,
  MatrixQuerySchema,
  MatrixSchema,
  matrixCursor,
  readMatrixCursor,
  showModuleDecision,
  showVerdict,
} from './pair-view.ts'

const tags = ['Agreements']

export const decision = createRoute({
  method: 'get',
  path: '/agreements/decision',
  operationId: 'decideAgreement',
  summary: 'May two parties talk, of which modules, why, and would requests find their way',
  tags,
  request: { query: DecisionQuerySchema },
  responses: { 200: jsonAnswer(DecisionSchema, 'The decision'), ...problems({ 400: 'Invalid query' }) },
})

export const matrix = createRoute({
  method: 'get',
  path: '/agreements/matrix',
  operationId: 'agreementMatrix',
  summary: 'Who may talk with whom: all CPOs against all eMSPs, at a moment',
  description:
    'Parties that platforms host, connected or announced. Pages go through the columns first, then through the rows.',
  tags,
  request: { query: MatrixQuerySchema },
  responses: {
    200: {
      ...jsonAnswer(MatrixSchema, 'A part of the matrix'),
      headers: nextHeader,
    },
    ...problems({ 400: 'Invalid query' }),
  },
})

/** What follows from the rules: of one pair, and of all. */
export function addPairRoutes(app: OpenAPIHono<AdminEnv>, { currentTable, now }: AdminPorts): void {
  app.openapi(decision, (c) => {
    const query = c.req.valid('query')
    const asked = now()
    const at = query.at === undefined ? asked : Date.parse(query.at)
    const table = currentTable()
    const { modules, rules } = explainPair(table, partyOf(query.a), partyOf(query.b), query.module ?? null, at, asked)
    return c.json(
      {
        ...showVerdict(modules, asked),
        policy: table.policy.kind,
        at: timestamp(at),
        modules: modules.map((each) => showModuleDecision(each, asked)),
        rules: rules.map((rule) => showAgreement(rule, asked)),
      },
      200,
    )
  })

  app.openapi(matrix, (c) => {
    const { cpo, emsp, module = null, limit, cursor, ...query } = c.req.valid('query')
    const asked = now()
    const at = query.at === undefined ? asked : Date.parse(query.at)
    const table = currentTable()
    const [cpoNames, emspNames] = [cpo?.split(',') ?? [], emsp?.split(',') ?? []]
    const place = readMatrixCursor(cursor)
    const found = pairMatrix(table, { cpo: cpoNames, emsp: emspNames, module, at, place, limit }, asked)
    if (found.next) c.header('Link', linkToNext(c.req.url, matrixCursor(found.next)))
    const names = (parties: typeof found.cpos) =>
      parties.map(({ countryCode, partyId }) => ({ country_code: countryCode, party_id: partyId }))
    return c.json(
      {
        at: timestamp(at),
        policy: table.policy.kind,
        cpos: names(found.cpos),
        emsps: names(found.emsps),
        cells: found.cells.map((row) => [...row]),
      },
      200,
    )
  })
}
