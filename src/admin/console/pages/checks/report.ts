import type { Context, Hono } from 'hono'
import type { getCheck } from '../../../api/checks/reports.ts'
import { mayAsk, showPage } from '../../answer.ts'
import { ApiProblem, type Problem } from '../../api.ts'
import type { ConsoleEnv } from '../../console-env.ts'
import { capital } from '../../parts/capital.ts'
import { askedBy, checkAddress, runLine, runPill } from '../../parts/check.ts'
import { copyText, mailAddress } from '../../parts/copy.ts'
import { differences } from '../../parts/differences.ts'
import { type Found, foldedList, foundList } from '../../parts/found.ts'
import { act, card, head } from '../../parts/head.ts'
import { address } from '../../parts/href.ts'
import { type Html, html } from '../../parts/html.ts'
import { livePart, streamPart } from '../../parts/live.ts'
import { ago, clock } from '../../parts/time.ts'
import type { CheckReport } from '../../views.ts'

const PATH = '/admin/platforms/:id{[0-9a-f-]{36}}/checks/:number{[0-9]+}'
const KINDS = ['check.started', 'check.probe', 'check.ended'] as const

const ON = { messages: '/admin/messages' }

const DONE = {
  'under-way': 'This check is under way already.',
  waived: 'It is let pass.',
}

type Shown = { readonly report: CheckReport; readonly mail: string }

/** What did one check find? Live while it runs; with what is to be mended as a mail, and all of it as a file. */
export function addReportPages(app: Hono<ConsoleEnv>): void {
  app.get(PATH, async (c) => {
    const shown = await readReport(c)
    const { report } = shown
    const { platform: id, run } = report
    const body = reportPage(c, shown, false)
    return showPage(
      c,
      { title: `Check ${run} of ${report.platform_name}`, section: 'platforms', done: DONE },
      report.ended_at === null ? livePart('check', `${checkAddress(id, run)}/live`, body) : body,
    )
  })

  app.get(`${PATH}/live`, async (c) => {
    const make = async () => reportPage(c, await readReport(c), true)
    return streamPart(c, KINDS, make, ({ platform_id }) => platform_id === c.req.param('id'))
  })

  app.get(`${PATH}/report.json`, async (c) => {
    const { id, number } = c.req.param()
    const answer = await c.get('api').ask('get', `/platforms/${id}/checks/${number}`)
    if (!answer.ok) throw new ApiProblem((await answer.json()) as Problem)
    return c.body(await answer.text(), 200, {
      'Content-Type': 'application/json',
      'Content-Disposition': `attachment; filename="check-${number}.json"`,
    })
  })
}

async function readReport(c: Context<ConsoleEnv>): Promise<Shown> {
  const api = c.get('api')
  const { id = '', number = '' } = c.req.param() as Record<string, string>
  const report = await api.get<typeof getCheck>('/platforms/{id}/checks/{number}', { params: { id, number } })
  const isToMend = report.ended_at !== null && report.counts.fail > 0
  const mail = isToMend ? await api.ask('get', `/platforms/${id}/checks/${number}/mail`) : null
  return { report, mail: mail?.ok ? await mail.text() : '' }
}

/** @param isLive it is sent anew as things happen */
function reportPage(c: Context<ConsoleEnv>, { report, mail }: Shown, isLive: boolean): Html {
  const { platform: id, run, platform_name: name, probes, compared_with: before } = report
  const isOver = report.ended_at !== null
  const of = (outcome: CheckReport['probes'][number]['outcome']) => probes.filter((found) => found.outcome === outcome)
  const [toMend, toKnow, passed, skipped] = [of('fail'), of('warn'), of('pass'), of('skipped')]
  const mayWaive = mayAsk(c, 'PUT /platforms/{id}/checks/waivers/{probe}')
  const reload = isOver || isLive ? '' : html` <a href="${checkAddress(id, run)}">Reload</a>`
  const sub = html`${runLine(report)} ${capital(askedBy(report))} ${ago(report.asked_at)}.${reload}`
  return html`${head({ title: html`Check ${run} ${runPill(report)}`, above: [`Checks of ${name}`, checkAddress(id)], sub, acts: acts(c, report) })}
<div class="stack">
${toMend.length === 0 ? '' : card('To mend', foundList(toMend, mayWaive ? { ...ON, below: (one) => waiveLink(one, report) } : ON))}
${toKnow.length === 0 ? '' : card('To know', foundList(toKnow, ON))}
${mail === '' ? '' : card('For the partner', html`<div class="pad">${copyText('mail', 'What is to be mended, as a mail', mail, html`<a class="btn" href="${mailAddress(`${name}: what our connection check found`, mail)}">Open in mail</a>`)}</div>`)}
${before === null || !isOver ? '' : card(`Since check ${before.run}`, differences(before), clock(before.at, 'day'))}
${passed.length === 0 ? '' : card('Passed', foldedList(passed, ON))}
${skipped.length === 0 ? '' : card('Not looked at', foldedList(skipped, ON))}
</div>`
}

function acts(c: Context<ConsoleEnv>, { platform: id, run, ended_at }: CheckReport): Html {
  const again =
    ended_at !== null && mayAsk(c, 'POST /platforms/{id}/checks')
      ? act(checkAddress(id), 'Run again', { is: 'main' })
      : ''
  return html`${again}<a class="btn" href="${checkAddress(id, run)}/report.json" download>Download</a>`
}

function waiveLink({ name, waived }: Found, { platform, run }: CheckReport): Html | '' {
  if (waived) return ''
  const to = address(`${checkAddress(platform)}/waivers/${name}`, { run: String(run) })
  return html`<p><a class="more" href="${to}">Let it pass…</a></p>`
}
