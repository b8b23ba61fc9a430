import { Argument, Command, CommanderError } from 'commander'
import { addAboutCommands } from './commands/about.ts'
import { addAgreementCommands } from './commands/agreements.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addCheckCommands } from './commands/checks.ts'
import { addConnectionCommands } from './commands/connection.ts'
import { addConversionCommands } from './commands/conversions.ts'
import { addEventCommands } from './commands/events.ts'
import { addHandshakeCommands } from './commands/handshakes.ts'
import { addMessageCommands } from './commands/messages.ts'
import { addNetworkCommands } from './commands/network.ts'
import { addPartyCommands } from './commands/parties.ts'
import { addPartnerLinkCommands } from './commands/partner-links.ts'
import { addPeopleCommands } from './commands/people.ts'
import { addPlatformCommands } from './commands/platforms.ts'
import { addProfileCommands } from './commands/profile.ts'
import { addQueueCommands } from './commands/queues.ts'
import { addSandboxCommands } from './commands/sandbox.ts'
import { addSettingsCommand } from './commands/settings.ts'
import { addTrafficCommand } from './commands/traffic.ts'
import { addWebhookCommands } from './commands/webhooks.ts'
import { addWhyCommand } from './commands/why.ts'
import { completionScript, completionsOf, SHELL_NAMES } from './completion.ts'
import { EXIT, Failure } from './exit.ts'
import type { Io } from './io.ts'
import { wholeNumber } from './pages.ts'
import { createOpen, type GlobalOptions } from './session.ts'
import { clean } from './text/clean.ts'

const AFTER_HELP = `
The hub is named by --url, --profile, OCPI_HUB_URL or the profile in use; the key by OCPI_HUB_KEY or the profile. A platform is
named by its id, its name or a party. Moments are UTC.

Exit codes: 0 done, 1 unexpected, 2 called wrongly, 3 not found, 4 the partner refused or failed, 5 not allowed, 6 the hub cannot
be reached, 7 conflict.

Examples:
  ocpi-hub profile add production https://hub.example
  ocpi-hub platforms list --status offline
  ocpi-hub why DE-CPC NL-EMA
  ocpi-hub messages tail --party NL-CPA --failed`

/**
 * The command line: a client of the administrators' API, so that roles and the audit trail hold for it as for anybody.
 *
 * @param addOthers adds commands that are no clients, such as `start`
 */
export function createProgram(io: Io, addOthers: (program: Command) => void = () => undefined): Command {
  const program = new Command('ocpi-hub')
    .description('Runs an OCPI hub, and administers one.')
    .option('--url <address>', 'the hub, https://hub.example')
    .option('--profile <name>', 'a hub that is remembered: ocpi-hub profile list')
    .option('--json', "print the API's JSON as it is, errors as problem+json on stderr")
    .option('--no-color', 'no colours; so does NO_COLOR')
    .option('--yes', 'do what cannot be undone without asking')
    .option('--timeout <seconds>', 'longest to wait for an answer', wholeNumber)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined })
    .addHelpText('after', AFTER_HELP)
  addOthers(program)
  const open = createOpen(io)
  addNetworkCommands(program, open)
  const platforms = addPlatformCommands(program, open)
  addSettingsCommand(platforms, open)
  addConnectionCommands(program, platforms, open)
  addConversionCommands(program, platforms, open)
  addCheckCommands(program, open)
  addPartyCommands(program, open)
  addSandboxCommands(program, open)
  addAgreementCommands(program, open, io.now)
  addWhyCommand(program, open, io.now)
  addMessageCommands(program, open, io.now)
  addQueueCommands(program, open)
  addHandshakeCommands(program, open, io.now)
  addEventCommands(program, open)
  addTrafficCommand(program, open, io.now)
  addAuditCommands(program, open, io.now)
  addPeopleCommands(program, open, io.now)
  addPartnerLinkCommands(program, open, io.now)
  addWebhookCommands(program, open, io.now)
  addAboutCommands(program, open)
  addProfileCommands(program, io)
  addCompletion(program, io)
  return program
}

function addCompletion(program: Command, io: Io): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands')
    .addArgument(new Argument('<shell>').choices(SHELL_NAMES))
    .addHelpText('after', '\nExample:\n  source <(ocpi-hub completion bash)')
    .action((shell: (typeof SHELL_NAMES)[number]) => io.out(completionScript(shell)))
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action((words: readonly string[]) =>
      io.out(
        completionsOf(program, words)
          .map((word) => `${word}\n`)
          .join(''),
      ),
    )
}

/** Runs a command line, `['platforms', 'list']`, and gives its exit code. */
export async function runProgram(program: Command, words: readonly string[], io: Io): Promise<number> {
  try {
    await program.parseAsync(words, { from: 'user' })
    return EXIT.done
  } catch (error) {
    return tell(error, io, words.includes('--json') || program.opts<GlobalOptions>().json === true)
  }
}

/** One readable line on stderr, and below it what else is known; with `--json` a problem. */
function tell(error: unknown, io: Io, isJson: boolean): number {
  const failure = asFailure(error)
  if (failure === null) return EXIT.done
  if (failure.message === '') return failure.code
  const own = () => JSON.stringify({ type: 'about:blank', title: 'The command ended', detail: failure.message })
  const lines = [failure.message, ...failure.more.map((line) => `  ${line}`)].map((line) => clean(line))
  io.err(isJson ? `${failure.problem ?? own()}\n` : `${lines.join('\n')}\n`)
  return failure.code
}

/** Null: it is no failure, help was asked for. */
function asFailure(error: unknown): Failure | null {
  if (error instanceof Failure) return error
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return null
    // Help in the place of a command that was not named is printed already.
    if (error.code === 'commander.help') return new Failure(EXIT.usage, '')
    return new Failure(EXIT.usage, `${error.message.replace(/^error: /, '')} (--help says more)`)
  }
  return new Failure(EXIT.unexpected, error instanceof Error ? (error.stack ?? error.message) : String(error))
}
