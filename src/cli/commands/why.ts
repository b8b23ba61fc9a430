import type { Command } from 'commander'
import { momentOf } from '../input.ts'
import type { Open } from '../session.ts'
import { decisionText } from '../text/agreement.ts'
import type { DecisionView } from '../views.ts'

/** Why two parties may talk, or may not. */
export function addWhyCommand(program: Command, open: Open, now: () => number): void {
  program
    .command('why')
    .description('may two parties talk, of which modules, why, and would requests find their way')
    .argument('<a>', 'a party, NL-CPO')
    .argument('<b>', 'the other, DE-EMS')
    .option('--module <module>', 'of one module')
    .option('--at <moment>', 'by the rules of then', momentOf(now))
    .addHelpText('after', '\nExample:\n  ocpi-hub why DE-CPC NL-EMA --module tokens')
    .action(async (a: string, b: string, options: { module?: string; at?: string }, command: Command) => {
      const session = await open(command)
      const query = { a, b, module: options.module, at: options.at }
      const reply = await session.api.call<DecisionView>('GET', '/agreements/decision', { query })
      session.show(reply, (decision) => decisionText(session.screen, decision, [a, b]))
    })
}
