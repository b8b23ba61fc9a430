import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { compare } from '../../../hub/check/compare.ts'
import { inOrder, mailOf } from '../../../hub/check/report.ts'
import type { CheckReport } from '../../../hub/check/runs/check-runs.ts'
import type { AdminPorts } from '../../ports.ts'
import { type AdminEnv, problem, problems } from '../../problem.ts'
import { jsonAnswer } from '../media.ts'
import { timestamp } from '../platforms/platform-view.ts'
import { PlatformParamsSchema } from '../schemas.ts'
import { CheckReportSchema, showChange, showFinding, showRun, showWaiver } from './check-view.ts'

const RunParamsSchema = PlatformParamsSchema.extend({ number: z.coerce.number().int().min(1).max(2_147_483_647) })

export const getCheck = createRoute({
  method: 'get',
  path: '/platforms/{id}/checks/{number}',
  operationId: 'getConnectionCheck',
  summary: 'Get the report of a connection check, and what differs from the one before',
  tags: ['Connection checks'],
  request: { params: RunParamsSchema },
  responses: {
    200: jsonAnswer(CheckReportSchema, 'The report; of a run that goes on, so far'),
    ...problems({ 400: 'Invalid input', 404: 'Unknown platform or check' }),
  },
})

export const getCheckMail = createRoute({
  method: 'get',
  path: '/platforms/{id}/checks/{number}/mail',
  operationId: 'getConnectionCheckMail',
  summary: 'Get what a connection check found wrong as the text of a mail to the partner',
  tags: ['Connection checks'],
  request: { params: RunParamsSchema },
  responses: {
    200: { description: 'The text', content: { 'text/plain': { schema: z.string() } } },
    ...problems({ 400: 'Invalid input', 404: 'Unknown platform or check' }),
  },
})

/** What a connection check found. */
export function addCheckReportRoutes(app: OpenAPIHono<AdminEnv>, ports: AdminPorts): void {
  const { checks, registry } = ports

  async function find(id: string, number: number) {
    const [platform, report] = await Promise.all([registry.findPlatform(id), checks.find(id, number)])
    return platform && report ? { platform, report } : null
  }

  app.openapi(getCheck, async (c) => {
    const { id, number } = c.req.valid('param')
    const found = await find(id, number)
    if (found === null) return unknownCheck(c)
    const { platform, report } = found
    const [before, waivers] = await Promise.all([checks.findBefore(id, number), checks.waivers(id)])
    const waived = new Set(waivers.map(({ probe }) => probe))
    const { run, findings } = report
    return c.json(
      {
        ...showRun(run),
        platform_name: platform.name,
        at: timestamp(run.startedAt ?? run.askedAt),
        probes: inOrder(findings).map((finding) => showFinding(finding, waived)),
        compared_with: before && compared(before, report),
        waivers: waivers.map(showWaiver),
      },
      200,
    )
  })

  app.openapi(getCheckMail, async (c) => {
    const { id, number } = c.req.valid('param')
    const found = await find(id, number)
    if (found === null) return unknownCheck(c)
    const { run, findings } = found.report
    const waived = new Set((await checks.waivers(id)).map(({ probe }) => probe))
    const told = findings.filter(({ outcome, probe }) => outcome !== 'fail' || !waived.has(probe))
    const { id: platformId, name } = found.platform
    const at = run.startedAt ?? run.askedAt
    return c.text(mailOf(ports.hubName, { number, platform: { id: platformId, name }, at }, told), 200)
  })
}

function compared(before: CheckReport, report: CheckReport): z.infer<typeof CheckReportSchema>['compared_with'] {
  const { better, worse } = compare(before.findings, report.findings)
  const { run } = before
  const at = timestamp(run.startedAt ?? run.askedAt)
  return { run: run.number, at, better: better.map(showChange), worse: worse.map(showChange) }
}

function unknownCheck(c: Context<AdminEnv>) {
  return problem(c, 404, 'unknown-check', 'No check of a platform has this number')
}
