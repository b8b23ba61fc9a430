import type { Context, Hono } from 'hono'
import { showFinding, showRun } from '../../admin/api/checks/check-view.ts'
import { capital } from '../../admin/console/parts/capital.ts'
import { askedBy, runLine, runPill } from '../../admin/console/parts/check.ts'
import { differences } from '../../admin/console/parts/differences.ts'
import { type Found, foldedList, foundList } from '../../admin/console/parts/found.ts'
import { act, card, emptyState, head } from '../../admin/console/parts/head.ts'
import { type Html, html } from '../../admin/console/parts/html.ts'
import { ago } from '../../admin/console/parts/time.ts'
import { compare } from '../../hub/check/compare.ts'
import { type CheckRun, PARTNER_ASKS_EVERY_MS } from '../../hub/check/runs/check-runs.ts'
import type { PlatformRecord } from '../../hub/network/registry.ts'
import { showKey } from '../../ocpi/party.ts'
import { showPage } from '../answer.ts'
import type { PartnerEnv } from '../env.ts'
import type { OwnCheck } from '../reads.ts'

const MINUTES = PARTNER_ASKS_EVERY_MS / 60_000

const ON = { messages: '/partner/messages' }

/** What is wrong with our interface, and is it mended now? */
export function addCheckPages(app: Hono<PartnerEnv>): void {
  app.get('/partner/check', (c) => showCheck(c))

  app.post('/partner/check', async (c) => {
    const asked = await c.get('reads').askCheck()
    switch (asked.kind) {
      case 'asked':
      case 'under-way':
        return c.redirect('/partner/check', 303)
      case 'too-soon': {
        const seconds = Math.max(1, Math.ceil((asked.mayAgainAt - Date.now()) / 1000))
        c.header('Retry-After', String(seconds))
        const when = seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`
        return showCheck(c, `You can run it once in ${MINUTES} minutes: again in ${when}.`, 429)
      }
      default:
        return showCheck(c, 'There is no connection that could be checked.', 409)
    }
  })
}

/** Where the latest check stands, beside other things. */
export function checkCard(run: CheckRun | undefined, { hasCredentials }: PlatformRecord): Html {
  if (run === undefined && !hasCredentials)
    return card('Connection check', html`<p class="pad dim">It is made once your credentials are exchanged.</p>`)
  const more = html`<a class="more" href="/partner/check">${run === undefined ? 'Run it →' : 'What it found →'}</a>`
  if (run === undefined) return card('Connection check', html`<p class="pad dim">Never made.</p>`, more)
  const shown = showRun(run)
  return card('Connection check', html`<p class="pad">${runPill(shown)} ${runLine(shown)}</p>`, more)
}

async function showCheck(c: Context<PartnerEnv>, note = '', status: 200 | 409 | 429 = 200) {
  const reads = c.get('reads')
  const { hasCredentials, status: standing } = c.get('platform')
  const [latest] = await reads.checks()
  const check = latest ? await reads.check(latest.number) : null
  const mayRun = hasCredentials && standing !== 'SUSPENDED' && (latest === undefined || latest.endedAt !== null)
  const again = mayRun ? act('/partner/check', latest ? 'Run the check again' : 'Run the check', { is: 'main' }) : ''
  const sub = `The hub asks your endpoints as any partner would, and says what another would stumble over. It changes nothing at yours, and asks at most twice a second.`
  return showPage(
    c,
    { title: 'Connection check', section: 'audit', status },
    html`${head({ title: html`Connection check ${check ? runPill(showRun(check.report.run)) : ''}`, sub: check ? line(check) : sub, acts: again })}
${note === '' ? '' : html`<p class="note warn" role="alert">${note}</p>`}
${check ? found(check) : emptyState('Never checked', hasCredentials ? sub : 'It is made once your credentials are exchanged.')}`,
  )
}

function line({ report: { run } }: OwnCheck): Html {
  // Which of the hub's people it was is theirs.
  const by = askedBy({ asked_by: run.askedBy.startsWith('admin') ? 'admin' : run.askedBy })
  const words = run.askedBy === 'partner' ? 'Asked for by you' : capital(by)
  const reload = run.endedAt === null ? html` <a href="/partner/check">Reload</a>` : ''
  return html`${runLine(showRun(run))} ${words} ${ago(new Date(run.askedAt).toISOString())}.${reload}`
}

function found({ report, before, waived }: OwnCheck): Html {
  const all = report.findings.map((finding) => showFinding(finding, waived))
  const of = (outcome: Found['outcome']) => all.filter((one) => one.outcome === outcome)
  const [toMend, toKnow, passed, skipped] = [of('fail'), of('warn'), of('pass'), of('skipped')]
  const isOver = report.run.endedAt !== null
  return html`<div class="stack">
${toMend.length === 0 ? '' : card('To mend', foundList(toMend, ON))}
${toKnow.length === 0 ? '' : card('To know', foundList(toKnow, ON))}
${before === null || !isOver ? '' : differencesTo(compare(before.findings, report.findings))}
${passed.length === 0 ? '' : card('Passed', foldedList(passed, ON))}
${skipped.length === 0 ? '' : card('Not looked at', foldedList(skipped, ON))}
</div>`
}

function differencesTo({ better, worse }: ReturnType<typeof compare>): Html {
  const shown = (all: typeof better) =>
    all.map(({ probe, party, ...other }) => ({ ...other, name: probe, party: party && showKey(party) }))
  return card('Since the check before', differences({ better: shown(better), worse: shown(worse) }))
}
