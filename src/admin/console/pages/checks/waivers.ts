import type { Context, Hono } from 'hono'
import type { unwaiveFault, waiveFault } from '../../../api/checks/waivers.ts'
import type { getPlatform } from '../../../api/platforms/platforms.ts'
import { seeOther, showPage } from '../../answer.ts'
import type { Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { onlyWhoMay } from '../../door.ts'
import { readForm } from '../../form.ts'
import { checkAddress } from '../../parts/check.ts'
import { confirmPage } from '../../parts/confirm.ts'
import { address } from '../../parts/href.ts'
import { html } from '../../parts/html.ts'
import { showProblem } from '../../problems.ts'

const PATH = '/admin/platforms/:id{[0-9a-f-]{36}}/checks/waivers/:probe{[a-z0-9-]+}'
const ROUTE = 'PUT /platforms/{id}/checks/waivers/{probe}'

/** Letting a fault pass, with a reason, and no longer. */
export function addWaiverPages(app: Hono<ConsoleEnv>): void {
  app.get(PATH, onlyWhoMay(ROUTE), async (c) => ask(c, {}))

  app.post(PATH, async (c) => {
    const form = await readForm(c)
    const { id = '', probe = '' } = c.req.param() as Record<string, string>
    const reason = form.text('reason').trim()
    const sent = await c.get('api').send<typeof waiveFault>('put', '/platforms/{id}/checks/waivers/{probe}', {
      params: { id, probe },
      body: { reason },
    })
    if (sent.kind === 'problem') return ask(c, { reason, problem: sent.problem })
    return seeOther(c, backOf(c, id), 'waived')
  })

  app.post(`${PATH}/end`, async (c) => {
    const { id = '', probe = '' } = c.req.param() as Record<string, string>
    const params = { id, probe }
    const sent = await c
      .get('api')
      .send<typeof unwaiveFault>('delete', '/platforms/{id}/checks/waivers/{probe}', { params })
    return sent.kind === 'problem' ? showProblem(c, sent.problem) : seeOther(c, checkAddress(id), 'waived-no-more')
  })
}

async function ask(c: Context<ConsoleEnv>, typed: { readonly reason?: string; readonly problem?: Problem }) {
  const { id = '', probe = '' } = c.req.param() as Record<string, string>
  const platform = await c.get('api').get<typeof getPlatform>('/platforms/{id}', { params: { id } })
  const back = backOf(c, id)
  const title = `Let ${probe} pass`
  const page = confirmPage({
    title,
    above: [platform.name, back],
    consequences: [
      html`Checks of ${platform.name} go on to find it, and it keeps nothing any more.`,
      platform.awaits_check
        ? 'When no other fault is left the platform goes live at once, and others are told by HubClientInfo.'
        : 'Nobody is told.',
      'You can make it a fault again; what is live by then stays so.',
    ],
    action: address(`${checkAddress(id)}/waivers/${probe}`, { run: c.req.query('run') }),
    verb: 'Let it pass',
    reason: typed.reason ?? '',
    problem: typed.problem,
  })
  return showPage(c, { title, section: 'platforms', status: (typed.problem?.status ?? 200) as 200 }, page)
}

/** The check on whose page one was. */
function backOf(c: Context<ConsoleEnv>, id: string): string {
  const run = c.req.query('run') ?? ''
  return /^\d{1,9}$/.test(run) ? checkAddress(id, Number(run)) : checkAddress(id)
}
