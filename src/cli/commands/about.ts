import type { Command } from 'commander'
import { EXIT, Failure } from '../exit.ts'
import type { Open } from '../session.ts'
import { facts } from '../text/screen.ts'
import { moment } from '../text/words.ts'
import type { SessionView, TicketView } from '../views.ts'

/** Who one is to the hub, the way into its console, and whether it is well. */
export function addAboutCommands(program: Command, open: Open): void {
  program
    .command('whoami')
    .description('who you are to this hub, and what you may do')
    .addHelpText('after', '\nExample:\n  ocpi-hub whoami --profile production')
    .action(async (_: unknown, command: Command) => {
      const session = await open(command)
      const reply = await session.api.call<SessionView>('GET', '/session')
      session.show(reply, ({ name, role, may_see_bodies, way, expires_at }) =>
        facts(session.screen, [
          ['hub', session.api.url],
          ['name', name],
          ['role', role],
          ['sees bodies', may_see_bodies ? 'yes' : 'no'],
          ['let in by', way],
          ['until', moment(expires_at)],
        ]),
      )
    })
  program
    .command('console')
    .description('a link that opens the console signed in, once and within five minutes')
    .addHelpText('after', '\nExample:\n  ocpi-hub console --profile production')
    .action(async (_: unknown, command: Command) => {
      const session = await open(command)
      const reply = await session.api.call<TicketView>('POST', '/session/tickets')
      session.show(reply, ({ path }) => `${session.api.url}${path}\n`)
    })
  program
    .command('health')
    .description('whether the hub lives and is ready; exit code 6 when it is not')
    .addHelpText('after', '\nExample:\n  ocpi-hub health --url http://localhost:8080')
    .action(async (_: unknown, command: Command) => {
      const session = await open(command)
      const live = await session.api.probe('/healthz')
      const ready = await session.api.probe('/readyz')
      const said = { healthz: live.text, readyz: ready.text }
      const reply = { text: JSON.stringify(said), value: said, headers: new Headers() }
      session.show(reply, () =>
        facts(session.screen, [
          ['hub', session.api.url],
          ['lives', { text: live.isGood ? 'yes' : 'no', tone: live.isGood ? 'good' : 'bad' }],
          ['ready', { text: ready.isGood ? 'yes' : `no: ${ready.text}`, tone: ready.isGood ? 'good' : 'bad' }],
        ]),
      )
      if (!live.isGood || !ready.isGood) throw new Failure(EXIT.unreachable, '')
    })
}
