import type { Context, Hono } from 'hono'
import type { getCheck } from '../../../api/checks/reports.ts'
import type { waiveFault } from '../../../api/checks/waivers.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { checkAddress } from '../../parts/check.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { html } from '../../parts/html.ts'
import { readWay } from './way.ts'

const PATH = '/admin/onboarding/:id/go-on'
const WAIVE = '/platforms/{id}/checks/waivers/{probe}'

type Ctx = Context<ConsoleEnv, typeof PATH>

/** Going on with a newcomer whose check found something: each fault that is left is let pass, for one reason. */
export function addGoOnPages(app: Hono<ConsoleEnv>): void {
  app.get(PATH, onlyWhoMay(`PUT ${WAIVE}`), async (c) => ask(c, await faultsOf(c), {}))

  app.post(PATH, async (c) => {
    const form = await readForm(c)
    const id = c.req.param('id')
    const reason = form.text('reason').trim()
    const left = await faultsOf(c)
    for (const probe of left.probes) {
      const sent = await c.get('api').send<typeof waiveFault>('put', WAIVE, { params: { id, probe }, body: { reason } })
      if (sent.kind === 'problem') return ask(c, left, { reason, problem: sent.problem })
    }
    return seeOther(c, `/admin/onboarding/${id}`, 'gone-on')
  })
}

/** Names of the probes whose faults are left. */
async function faultsOf(c: Ctx) {
  const api = c.get('api')
  const id = c.req.param('id')
  const { platform, check } = await readWay(api, id)
  if (check === null) return { platform, run: null, probes: [] }
  const params = { id, number: String(check.run) }
  const { probes } = await api.get<typeof getCheck>('/platforms/{id}/checks/{number}', { params })
  const left = probes.filter(({ outcome, waived }) => outcome === 'fail' && !waived)
  return { platform, run: check.run, probes: [...new Set(left.map(({ name }) => name))] }
}

function ask(
  c: Ctx,
  { platform, run, probes }: Awaited<ReturnType<typeof faultsOf>>,
  { reason = '', problem }: { readonly reason?: string; readonly problem?: Problem },
) {
  const { id, name } = platform
  const title = 'Go on anyway'
  const link = run === null ? 'its check' : html`<a href="${checkAddress(id, run)}">check ${run}</a>`
  const page = confirmPage({
    title,
    above: [name, `/admin/onboarding/${id}`],
    consequences: [
      html`What ${link} found is let pass, in this check and in later ones: <span class="mono">${probes.join(', ') || 'nothing is left'}</span>.`,
      `${name} is not told. Others may run into it.`,
      'You can make each a fault again, on the page of its checks.',
    ],
    action: `/admin/onboarding/${id}/go-on`,
    verb: 'Go on',
    reason,
    problem,
  })
  return showPage(c, { title, section: 'onboarding', status: (problem?.status ?? 200) as 200 }, page)
}
