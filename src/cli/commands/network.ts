import type { Command } from 'commander'
import { EXIT, Failure } from '../exit.ts'
import { findPlatform } from '../find-platform.ts'
import { type PageOptions, readList, wholeNumber, withPages } from '../pages.ts'
import type { Open } from '../session.ts'
import { concernTable, newcomerTable, newcomerText, overviewText } from '../text/network.ts'
import { footer } from '../text/platform.ts'
import type { ConcernView, NewcomerView, OverviewView } from '../views.ts'

/** How the network is, what needs somebody, and who is on the way in. */
export function addNetworkCommands(program: Command, open: Open): void {
  program
    .command('overview')
    .description('count platforms by status, newcomers, and queues that do not go on')
    .addHelpText('after', '\nExample:\n  ocpi-hub overview')
    .action(async (_: unknown, command: Command) => {
      const session = await open(command)
      const reply = await session.api.call<OverviewView>('GET', '/overview')
      session.show(reply, (overview) => overviewText(session.screen, overview))
    })
  program
    .command('attention')
    .description('list what needs an administrator, the worst first')
    .option('--limit <n>', 'rows at most, up to 100', wholeNumber)
    .addHelpText('after', '\nExamples:\n  ocpi-hub attention\n  ocpi-hub attention --json | jq length')
    .action(async ({ limit }: { readonly limit?: number }, command: Command) => {
      const session = await open(command)
      const reply = await session.api.call<readonly ConcernView[]>('GET', '/attention', { query: { limit } })
      session.show(reply, (concerns) =>
        concerns.length === 0 ? 'Nothing needs you\n' : concernTable(session.screen, concerns, session.io.now()),
      )
    })
  addOnboarding(program, open)
}

function addOnboarding(program: Command, open: Open): void {
  const onboarding = program.command('onboarding').description('platforms on their way into the network')
  withPages(onboarding.command('list'))
    .description('list where each newcomer stands, the one added last first')
    .addHelpText('after', '\nExample:\n  ocpi-hub onboarding list')
    .action(async (options: PageOptions, command: Command) => {
      const session = await open(command)
      const list = await readList<NewcomerView>(session.api, '/onboarding', {}, options)
      session.show(list, (rows) =>
        rows.length === 0
          ? 'Nobody is under way\n'
          : newcomerTable(session.screen, rows, session.io.now()) + footer(rows.length, list.hasMore, 'platform'),
      )
    })
  onboarding
    .command('show')
    .description('show how far a platform is: each step, and what is missing')
    .argument('<platform>', 'id, name or party')
    .addHelpText('after', '\nExample:\n  ocpi-hub onboarding show "Baltic Grid"')
    .action(async (named: string, _: unknown, command: Command) => {
      const session = await open(command)
      const { id, name } = await findPlatform(session.api, named)
      const reply = await session.api.call<readonly NewcomerView[]>('GET', '/onboarding', { query: { platform: id } })
      const [newcomer] = reply.value
      if (!newcomer) throw new Failure(EXIT.notFound, `${name} was removed meanwhile`)
      const one = { ...reply, value: newcomer, text: JSON.stringify(newcomer) }
      session.show(one, (it) => newcomerText(session.screen, it, session.io.now()))
    })
}
