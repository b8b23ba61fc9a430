import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { EXIT, Failure, usage } from '../exit.ts'
import { idOfPlatform } from '../find-platform.ts'
import type { Reply } from '../hub-api.ts'
import { type ReasonOption, withReason } from '../input.ts'
import { wholeNumber } from '../pages.ts'
import type { Open, Session } from '../session.ts'
import { reportText, runTable, waiverTable } from '../text/check.ts'
import type { CheckReportView, CheckRunView, WaiverView } from '../views.ts'

const LOOK_EVERY_MS = 1_000

/** Connection checks: asked for and waited for, and what there is of them. */
export function addCheckCommands(program: Command, open: Open): void {
  addCheck(program, open)
  const checks = program.command('checks').description('what connection checks found, and faults that are let pass')
  addLists(checks, open)
  addWaivers(checks, open)
}

type CheckOptions = ReasonOption & {
  readonly consent?: boolean
  readonly skipWrongToken?: boolean
  readonly mail?: boolean
}

function addCheck(program: Command, open: Open): void {
  withReason(program.command('check'))
    .description("check a partner's interfaces and wait for the end; exit code 4 when something is to be mended")
    .argument('<platform>', 'id, name or party')
    .option('--consent', 'the partner agrees that an object of the check is pushed, changed and removed')
    .option('--skip-wrong-token', 'make no call with a wrong token or none')
    .option('--mail', 'print the mail to the partner, with what is to be mended')
    .addHelpText(
      'after',
      '\nExamples:\n  ocpi-hub check Rheinstrom\n  ocpi-hub check Rheinstrom --json | jq \'.probes[] | select(.outcome=="fail").name\'',
    )
    .action(async (named: string, options: CheckOptions, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/checks`
      const run = await ask(session, path, options)
      const reply = await waitForEnd(session, `${path}/${run}`)
      const report = reply.value
      if (options.mail) session.io.out((await session.api.call<string>('GET', `${path}/${run}/mail`)).text)
      else session.show(reply, (found) => reportText(session.screen, found))
      if (report.state === 'broken-off') throw new Failure(EXIT.unexpected, `The check was broken off: ${report.why}`)
      // All was said already.
      if (report.probes.some(({ outcome, waived }) => outcome === 'fail' && !waived))
        throw new Failure(EXIT.partner, '')
    })
}

/** The number of the run, of one that somebody else has asked for where that has not ended. */
async function ask(session: Session, path: string, options: CheckOptions): Promise<number> {
  const { consent = false, skipWrongToken = false, reason } = options
  const body = { consent, skip_wrong_token: skipWrongToken, reason }
  try {
    return (await session.api.call<CheckRunView>('POST', path, { body })).value.run
  } catch (error) {
    const check = error instanceof Failure && error.problem !== null ? JSON.parse(error.problem).check : undefined
    if (typeof check !== 'number') throw error
    session.io.err(`Check ${check} is under way already: this waits for it\n`)
    return check
  }
}

async function waitForEnd(session: Session, path: string): Promise<Reply<CheckReportView>> {
  const { api, io } = session
  for (;;) {
    const reply = await api.call<CheckReportView>('GET', path)
    if (reply.value.ended_at !== null) return reply
    await sleep(LOOK_EVERY_MS, undefined, { signal: io.signal })
  }
}

function addLists(checks: Command, open: Open): void {
  checks
    .command('list')
    .description('list the newest 20 checks of a platform')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub checks list Rheinstrom')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/checks`
      const reply = await session.api.call<readonly CheckRunView[]>('GET', path)
      session.show(reply, (runs) => (runs.length === 0 ? 'Never checked\n' : runTable(session.screen, runs)))
    })
  checks
    .command('show')
    .description('show what a check found: the newest, or the one of this number')
    .argument('<platform>', 'id, name or party')
    .argument('[number]', 'of the check', wholeNumber)
    .addHelpText('after', '\nExample:\n  ocpi-hub checks show Rheinstrom 3')
    .action(async (named: string, number: number | undefined, _: unknown, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/checks`
      const run = number ?? (await session.api.call<readonly CheckRunView[]>('GET', path)).value[0]?.run
      if (run === undefined) throw new Failure(EXIT.notFound, `${named} was never checked`)
      const reply = await session.api.call<CheckReportView>('GET', `${path}/${run}`)
      session.show(reply, (report) => reportText(session.screen, report))
    })
}

function addWaivers(checks: Command, open: Open): void {
  checks
    .command('waivers')
    .description('list the faults of a platform that are let pass')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub checks waivers Rheinstrom')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/checks/waivers`
      const reply = await session.api.call<readonly WaiverView[]>('GET', path)
      session.show(reply, (waivers) => waiversText(session, waivers))
    })
  withReason(checks.command('waive'))
    .description('let a fault of a platform pass, which may let it go live; the reason has to be given')
    .argument('<platform>', 'id, name or party')
    .argument('<probe>', 'its name, such as link-next')
    .addHelpText(
      'after',
      '\nExample:\n  ocpi-hub checks waive Rheinstrom link-next --reason "mended with their release of March"',
    )
    .action(async (named: string, probe: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      if (reason === undefined) throw usage('Say why, with --reason')
      const path = `/platforms/${await idOfPlatform(session.api, named)}/checks/waivers/${encodeURIComponent(probe)}`
      const reply = await session.api.call<readonly WaiverView[]>('PUT', path, { body: { reason } })
      session.show(reply, (waivers) => waiversText(session, waivers))
    })
  withReason(checks.command('unwaive'))
    .description('let a fault of a platform pass no longer')
    .argument('<platform>', 'id, name or party')
    .argument('<probe>', 'its name, such as link-next')
    .addHelpText('after', '\nExample:\n  ocpi-hub checks unwaive Rheinstrom link-next')
    .action(async (named: string, probe: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const path = `/platforms/${await idOfPlatform(session.api, named)}/checks/waivers/${encodeURIComponent(probe)}`
      const reply = await session.api.call<readonly WaiverView[]>('DELETE', path, { query: { reason } })
      session.show(reply, (waivers) => waiversText(session, waivers))
    })
}

function waiversText(session: Session, waivers: readonly WaiverView[]): string {
  return waivers.length === 0 ? 'Nothing is let pass\n' : waiverTable(session.screen, waivers)
}
