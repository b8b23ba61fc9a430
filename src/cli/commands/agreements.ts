import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { EXIT, Failure, usage } from '../exit.ts'
import { momentAhead, momentOf, party, type ReasonOption, withReason } from '../input.ts'
import { nextCursor, type PageOptions, readList, wholeNumber, withPages } from '../pages.ts'
import type { Open } from '../session.ts'
import { agreementTable, importText, matrixText } from '../text/agreement.ts'
import { footer } from '../text/platform.ts'
import { partyText } from '../text/words.ts'
import type { AgreementView, ImportedView, MatrixView } from '../views.ts'

type Party = ReturnType<typeof party>
type Now = () => number

type NewRule = ReasonOption & { readonly modules?: string; readonly from?: string; readonly until?: string }

/** Who may talk with whom. */
export function addAgreementCommands(program: Command, open: Open, now: Now): void {
  const agreements = program.command('agreements').description('who may talk with whom: rules, and what follows')
  addListAndRemove(agreements, open)
  addRule(agreements, open, now, 'allow', 'let two parties talk')
  addRule(agreements, open, now, 'deny', 'keep two parties from talking')
  addMatrix(agreements, open, now)
  addFiles(agreements, open)
}

function addListAndRemove(agreements: Command, open: Open): void {
  withPages(agreements.command('list'))
    .description('list rules, the latest first')
    .option('--party <party>', 'only rules with this party')
    .option('--include-over', 'also those that ran out or were ended')
    .addHelpText('after', '\nExample:\n  ocpi-hub agreements list --party NL-CPO')
    .action(async (options: PageOptions & { party?: string; includeOver?: boolean }, command: Command) => {
      const session = await open(command)
      const query = { party: options.party, include_over: options.includeOver }
      const list = await readList<AgreementView>(session.api, '/agreements', query, options)
      session.show(list, (rules) =>
        rules.length === 0
          ? 'No rule\n'
          : agreementTable(session.screen, rules) + footer(rules.length, list.hasMore, 'rule'),
      )
    })
  withReason(agreements.command('remove'))
    .description('end a rule now; it is kept for the record')
    .argument('<id>', 'of the rule, as the list shows it')
    .addHelpText('after', '\nExample:\n  ocpi-hub agreements remove 0b4b6f0e-6f0e-4c1e-9a55-0d3f1f6c2a11 --yes')
    .action(async (id: string, { reason }: ReasonOption, command: Command) => {
      const session = await open(command)
      const path = `/agreements/${encodeURIComponent(id)}`
      const { value: rule } = await session.api.call<AgreementView>('GET', path)
      await session.confirm(`The rule that ${rule.effect}s ${partyText(rule.a)} and ${partyText(rule.b)} ends now.`)
      session.show(await session.api.call('DELETE', path, { query: { reason } }), () => 'The rule is ended\n')
    })
}

function addRule(agreements: Command, open: Open, now: Now, effect: 'allow' | 'deny', says: string): void {
  withReason(agreements.command(effect))
    .description(`${says}; of the rules of a pair the latest decides`)
    .argument('<a>', 'a party, NL-CPO', party)
    .argument('<b>', 'the other, DE-EMS', party)
    .option('--modules <list>', 'only these, with commas between')
    .option('--from <moment>', 'not before; 7d is in a week', momentAhead(now))
    .option('--until <moment>', 'not from then on', momentAhead(now))
    .addHelpText('after', `\nExample:\n  ocpi-hub agreements ${effect} NL-CPO DE-EMS --modules cdrs,sessions`)
    .action(async (a: Party, b: Party, options: NewRule, command: Command) => {
      const session = await open(command)
      const { from: valid_from, until: valid_until, reason } = options
      const modules = options.modules?.split(',').map((module) => module.trim())
      const body = { a, b, effect, modules, valid_from, valid_until, reason }
      const reply = await session.api.call<AgreementView>('POST', '/agreements', { body })
      session.show(reply, (rule) => agreementTable(session.screen, [rule]))
    })
}

function addMatrix(agreements: Command, open: Open, now: Now): void {
  type Options = { cpo?: string; emsp?: string; module?: string; at?: string; all?: boolean; limit: number }
  agreements
    .command('matrix')
    .description('all pairs at once: CPOs down, eMSPs across')
    .option('--cpo <list>', 'only these: parties or countries, NL-CPO,BE')
    .option('--emsp <list>', 'only these of the other side')
    .option('--module <module>', 'of one module')
    .option('--at <moment>', 'as it is then', momentOf(now))
    .option('--limit <n>', 'rows, and columns, of a part', wholeNumber, 200)
    .option('--all', 'every part, one after the other')
    .addHelpText('after', '\nExample:\n  ocpi-hub agreements matrix --cpo NL --module sessions')
    .action(async ({ all, ...query }: Options, command: Command) => {
      const session = await open(command)
      let cursor: string | undefined
      do {
        const part = await session.api.call<MatrixView>('GET', '/agreements/matrix', { query: { ...query, cursor } })
        session.show(part, (matrix) => matrixText(session.screen, matrix))
        cursor = nextCursor(part.headers)
      } while (all && cursor !== undefined)
      if (cursor !== undefined && !session.isJson) session.io.out('There is more: --all\n')
    })
}

function addFiles(agreements: Command, open: Open): void {
  withReason(agreements.command('import'))
    .description('add the rules of a CSV file, all of them or none')
    .argument('<file>', 'or - for stdin')
    .option('--dry-run', 'only tell what would become of each line; exit code 2 when the file would be refused')
    .addHelpText('after', '\nExample:\n  ocpi-hub agreements import agreements.csv --dry-run')
    .action(async (file: string, { reason, dryRun }: ReasonOption & { dryRun?: boolean }, command: Command) => {
      const session = await open(command)
      const csv = file === '-' ? await session.io.readStdin() : await readFile(file, 'utf8').catch(unreadable)
      const query = { reason, dry_run: dryRun }
      const reply = await session.api.call<ImportedView>('POST', '/agreements/import', { csv, query })
      session.show(reply, (imported) => importText(session.screen, imported, dryRun === true))
      if ((reply.value.refused ?? 0) > 0) throw new Failure(EXIT.usage, '')
    })
  agreements
    .command('export')
    .description('all rules that are not over, as CSV')
    .option('--output <file>', 'into a file')
    .addHelpText('after', '\nExample:\n  ocpi-hub agreements export --output agreements.csv')
    .action(async ({ output }: { output?: string }, command: Command) => {
      const session = await open(command)
      const { text } = await session.api.call('GET', '/agreements/export', { accept: 'text/csv' })
      if (output === undefined) session.io.out(text)
      else await writeFile(output, text).catch(unreadable)
    })
}

/** A file that cannot be read or written is the caller's to mend. */
export function unreadable(error: Error): never {
  throw usage(error.message)
}
